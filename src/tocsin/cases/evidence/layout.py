"""What the files of a bundle are called.

Receives digests. Gives the bundle's list of files. Every name is of this house: none ever comes from outside.
"""

from collections.abc import Iterable

MANIFEST = "manifest.json"
MANIFEST_SIGNATURE = "manifest.sig"
MANIFEST_KEY = "manifest.pem"
REPORT = "report.pdf"
HOW = "how-to-verify.txt"
FILES = "files/"
SUMS = "SHA256SUMS"
SUMS_SIGNATURE = "SHA256SUMS.sig"
SUMS_KEY = "SHA256SUMS.pem"


def write_sums(digests: Iterable[tuple[str, str]]) -> bytes:
    """Names and digests as `sha256sum -c` reads them, in the order of the names.

    >>> write_sums([("b", "02"), ("a", "01")]).decode().splitlines()
    ['01  a', '02  b']
    """
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests)).encode()
