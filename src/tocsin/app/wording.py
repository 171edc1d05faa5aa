"""The interface's texts in the language of who reads them.

Receives a language and English texts as they stand in the code. Gives them in that language. Never guesses a text that
the catalogue lacks: a test demands that every language is complete.
"""

import gettext
import io
import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tocsin.model.errors import InputError

LANGUAGES = ("en", "zh")
LOCALE = Path(__file__).parent / "locale"


class Wording:
    """Calls give a text in one language, with `{places}` filled in.

    >>> Wording("zh").say("{count} problems", count=3)
    '3 个问题'
    """

    def __init__(self, lang: str) -> None:
        """A wording of `en` or `zh`.

        Raises:
            InputError: another language.
        """
        if lang not in LANGUAGES:
            raise InputError(f"the language is {' or '.join(LANGUAGES)}, not {lang[:20]}")
        self.lang = lang
        self._texts = _load(lang)

    def say(self, text: str, **values: object) -> str:
        """The text in this language."""
        return self._texts.gettext(text).format(**values) if values else self._texts.gettext(text)


def say(text: str) -> str:
    """Marks a text that is declared here and shown elsewhere, by a Wording.

    >>> say("count")
    'count'
    """
    return text


def wanted_language(asked: str | None) -> str:
    """What was asked for, else TOCSIN_LANG, else what the shell's locale says, else English."""
    if asked:
        return asked
    set_lang = os.environ.get("TOCSIN_LANG")
    if set_lang:
        return set_lang
    locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if locale.startswith("zh") else "en"


def _load(lang: str) -> gettext.NullTranslations:
    if lang == "en":
        return gettext.NullTranslations()
    with (LOCALE / f"{lang}.po").open("rb") as source:
        catalogue = read_po(source, locale=lang)
    packed = io.BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    return gettext.GNUTranslations(packed)
