"""Everything about the evidence of one case, in one file for others.

Receives a manifest, the store and the facts of the case. Gives a ZIP of plain files, the same bytes for the same contents,
that unpacks anywhere and is proved with tools that everybody has. Only proved evidence gets into it.
"""

import hashlib
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from tocsin.cases.evidence.layout import (
    FILES,
    HOW,
    MANIFEST,
    MANIFEST_KEY,
    MANIFEST_SIGNATURE,
    REPORT,
    SUMS,
    SUMS_KEY,
    SUMS_SIGNATURE,
    write_sums,
)
from tocsin.cases.evidence.manifest import WrittenManifest
from tocsin.cases.evidence.paper.facts import CaseFacts
from tocsin.cases.evidence.paper.font import Fonts
from tocsin.cases.evidence.paper.report import set_report
from tocsin.cases.evidence.paper.words import HOW_TO_VERIFY
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.model.errors import EvidenceDamaged, EvidenceRefused, OutputError
from tocsin.records.signing import SigningKey

BUNDLE_LIMIT = 4_000_000_000
"""Bytes of a bundle: what every program that unpacks ZIP can read."""

EPOCH = (1980, 1, 1, 0, 0, 0)
CHUNK = 1 << 20


class Edition(Struct, frozen=True):
    """How a bundle is brought out: the report's language and fonts, and the key that signs the list of files."""

    lang: str
    fonts: Fonts
    signer: SigningKey | None = None


class WrittenBundle(Struct, frozen=True):
    """A bundle that is there, to be noted in the audit log."""

    sha256: str
    size: int
    files: int


def export_case_bundle(
    written: WrittenManifest, store: EvidenceStore, facts: CaseFacts, edition: Edition, out: Path
) -> WrittenBundle:
    """Writes a bundle, whole or not at all; what was there under this name is replaced.

    Raises:
        EvidenceMissing: the store has not all of it.
        EvidenceDamaged: something in the store is not what it was.
        EvidenceOutOfReach: the store cannot be read now.
        EvidenceRefused: more than 4 GB.
        FontMissing: the report holds Chinese, and no font has it.
        ReportWrong: the report cannot be set.
        OutputError: the file cannot be written.
    """
    sizes = {f"{FILES}{exhibit.name}": exhibit for exhibit in written.manifest.exhibits}
    if sum(exhibit.size for exhibit in sizes.values()) > BUNDLE_LIMIT:
        raise EvidenceRefused(f"a bundle has at most {BUNDLE_LIMIT:,} bytes; split the manifest")
    report = set_report(written, facts, edition.lang, edition.fonts)
    fresh = out.with_name(f".{out.name}.{secrets.token_hex(8)}.new")
    try:
        with zipfile.ZipFile(fresh, "x", allowZip64=False) as archive:
            writer = _Writer(archive)
            for name, content in _heads(written, report, edition):
                writer.add(name, [content])
            for name, exhibit in sorted(sizes.items()):
                if writer.add(name, store.pieces(exhibit.sha256)) != exhibit.size:
                    raise EvidenceDamaged(f"evidence {exhibit.sha256} has another size than the manifest says")
            writer.close(edition.signer)
        return _publish(fresh, out, len(sizes))
    except (OSError, zipfile.LargeZipFile) as error:
        raise OutputError(f"{out}: {getattr(error, 'strerror', None) or error}") from None
    finally:
        fresh.unlink(missing_ok=True)


class _Writer:
    """Writes members without compression, times or owners, and remembers their digests."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._digests: list[tuple[str, str]] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> int:
        """Writes a member; answers its size."""
        head = zipfile.ZipInfo(name, EPOCH)
        head.create_system = 3
        head.external_attr = 0o100644 << 16
        found, size = hashlib.sha256(), 0
        with self._archive.open(head, "w") as member:
            for piece in pieces:
                found.update(piece)
                size += len(piece)
                member.write(piece)
        self._digests.append((name, found.hexdigest()))
        return size

    def close(self, signer: SigningKey | None) -> None:
        """Writes the list of what was written, and its signature."""
        sums = write_sums(self._digests)
        self.add(SUMS, [sums])
        if signer is not None:
            self.add(SUMS_KEY, [signer.public.pem])
            self.add(SUMS_SIGNATURE, [signer.sign(sums)])


def _heads(written: WrittenManifest, report: bytes, edition: Edition) -> Iterator[tuple[str, bytes]]:
    keys = {key for key in (written.manifest.signer, edition.signer and edition.signer.id) if key}
    named = ", ".join(sorted(keys)) or "none · 无"
    yield HOW, HOW_TO_VERIFY.format(manifest=written.sha256, keys=named).encode()
    yield MANIFEST, written.content
    if written.signature is not None and written.public_key is not None:
        yield MANIFEST_KEY, written.public_key
        yield MANIFEST_SIGNATURE, written.signature
    yield REPORT, report


def _publish(fresh: Path, out: Path, files: int) -> WrittenBundle:
    with fresh.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        os.fsync(opened.fileno())
        size = opened.seek(0, os.SEEK_END)
    fresh.replace(out)
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return WrittenBundle(digest, size, files)
