"""Finds a font with Chinese signs, which reports in Chinese are set in, or installs one by the system's packages.

Answers 0 in any case: who has no such font is told what to do, here and by the error of the report itself.
"""

import os
import shutil
import subprocess

from tocsin.cases.evidence.paper.font import HOW, find_fonts

PACKAGE = "fonts-wqy-microhei"
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]


def install() -> bool:
    """Whether the package is installed now; a list of packages that is missing or old is fetched first."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = [*APT, "install", "-y", "--no-install-recommends", PACKAGE]
    for words in (wanted, [*APT, "update"], wanted):
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0 and "install" in words:
            return True
    print(done.stderr.strip())
    return False


def main() -> None:
    """Looks, installs where that can be done, and says what is left to do."""
    if find_fonts().chinese is not None:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"no font with Chinese signs; installing {PACKAGE}")
        if install() and find_fonts().chinese is not None:
            return
    print(f"Reports in Chinese cannot be made yet: {HOW}")


if __name__ == "__main__":
    main()
