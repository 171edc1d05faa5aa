"""A font with Chinese signs, without which documents in Chinese show boxes."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin.app.doctor.finding import Finding, Subject, ok, warning

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
)
CHINESE = re.compile(
    r"cjk|wqy|wenquanyi|source.?han|simsun|simhei|msyh|pingfang|heiti|songti|hiragino.*gb|droid.*fallback|uming|ukai|harmonyos.*sc",
    re.IGNORECASE,
)
FILES = re.compile(r"\.(ttf|ttc|otf|otc)$", re.IGNORECASE)
LIMIT_S = 10
MOST_FILES = 50_000


def check_fonts(subject: Subject) -> Iterator[Finding]:
    """Whether there is one."""
    say = subject.wording.say
    found = ask_fontconfig() or find_file(FOLDERS)
    if found:
        yield ok(say("Chinese signs can be printed ({font})", font=found))
    else:
        yield warning(
            say("No font with Chinese signs was found"),
            say(
                "Documents in Chinese need one: install fonts-noto-cjk (Debian, Ubuntu) or google-noto-sans-cjk-fonts (Fedora)."
            ),
        )


def ask_fontconfig() -> str:
    """A font's name from `fc-list`; empty where the command is absent or knows none."""
    command = shutil.which("fc-list")
    if command is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [command, ":lang=zh", "family"], capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return next((line.partition(",")[0].strip() for line in sorted(done.stdout.splitlines()) if line.strip()), "")


def find_file(folders: Iterable[str]) -> str:
    """A font's file whose name tells that it has Chinese signs; empty where there is none."""
    seen = 0
    for folder in folders:
        for _, _, files in os.walk(Path(folder).expanduser()):
            for name in sorted(files):
                if FILES.search(name) and CHINESE.search(name):
                    return name
            seen += len(files)
            if seen > MOST_FILES:
                return ""
    return ""
