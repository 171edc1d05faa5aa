"""A font for Chinese.

Receives folders of fonts, where there are any beside the system's own. Gives the fonts that a report is set in, with a
family that has Chinese signs where there is one. Fonts are never shipped: the system brings them.
"""

from collections.abc import Sequence
from pathlib import Path

import typst
from msgspec import Struct

from tocsin.model.errors import FontMissing

PREFERRED = (
    *(
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "Noto Sans SC",
        "PingFang SC",
        "Microsoft YaHei",
        "WenQuanYi Micro Hei",
    ),
    *("WenQuanYi Zen Hei", "Hiragino Sans GB", "Heiti SC", "STHeiti", "SimHei", "Droid Sans Fallback"),
    *("Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "STSong", "SimSun"),
)
PROBE = "电信网络诈骗证据".encode()
HOW = (
    "no font with Chinese signs is installed; install one: `apt-get install fonts-wqy-microhei` or `fonts-noto-cjk` "
    "(Debian, Ubuntu), `dnf install google-noto-sans-cjk-fonts` (Fedora, RHEL), `apk add font-noto-cjk` (Alpine); "
    "or put a font file into a folder that the setting `fonts` names"
)


class Fonts(Struct, frozen=True):
    """What a report is set in. `chinese` is the family to prefer for Chinese, None where the system has no such font."""

    found: typst.Fonts
    chinese: str | None


def find_fonts(folders: Sequence[Path] = (), *, system: bool = True) -> Fonts:
    """The system's fonts, where they are wanted, and those of the folders."""
    found = typst.Fonts(include_system_fonts=system, font_paths=[str(folder) for folder in folders])
    families = set(found.families())
    known = next((family for family in PREFERRED if family in families), None)
    return Fonts(found, known or ("" if _can_show(found) else None))


def demand_chinese(fonts: Fonts) -> None:
    """Whether Chinese can be set.

    Raises:
        FontMissing: it cannot; says which package to install.
    """
    if fonts.chinese is None:
        raise FontMissing(HOW)


def _can_show(found: typst.Fonts) -> bool:
    """Whether some font of another name has Chinese signs: a standard for archives refuses a text that none can show."""
    try:
        typst.compile(PROBE, format="pdf", pdf_standards="a-2u", font_paths=found)
    except typst.TypstError:
        return False
    return True
