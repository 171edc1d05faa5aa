"""The pages of the handbook that are made from the program: `python -m tocsin.app.cli.operate.handbook docs`."""

import sys
from pathlib import Path

from tocsin.app.configuration.reference import make_page
from tocsin.app.settings import Settings
from tocsin.app.wording import LANGUAGES, Wording


def main(folder: Path) -> None:
    """Writes the settings' page in each language."""
    for lang in LANGUAGES:
        (folder / f"settings.{lang}.md").write_text(make_page(Settings, Wording(lang)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
