"""Both languages are complete, and who reads is asked first."""

import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tocsin.app.wording import LANGUAGES, LOCALE, Wording, wanted_language
from tocsin.model.errors import InputError

APP = Path(__file__).resolve().parents[3] / "src/tocsin/app"


def texts_in_the_code() -> set[str]:
    found = extract_from_dir(str(APP), keywords={"say": None})
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def catalogue(lang: str) -> Catalog:
    return read_po(io.BytesIO((LOCALE / f"{lang}.po").read_bytes()), locale=lang)


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_the_code_has_texts() -> None:
    assert len(texts_in_the_code()) > 30


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_every_text_is_there_in_every_language_and_none_is_left_over(lang: str) -> None:
    written = {message.id: message for message in catalogue(lang) if message.id}
    assert set(written) == texts_in_the_code()
    for text, message in written.items():
        assert message.string, text
        assert not message.fuzzy, text
        assert places(message.string) == places(text), text


@pytest.mark.parametrize(
    ("asked", "environment", "expected"),
    [
        ("zh", {"TOCSIN_LANG": "en"}, "zh"),
        (None, {"TOCSIN_LANG": "zh"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {}, "en"),
    ],
)
def test_the_language_is_the_one_asked_for(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, environment: dict[str, str], expected: str
) -> None:
    for name in ("TOCSIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wanted_language(asked) == expected


def test_another_language_is_refused() -> None:
    with pytest.raises(InputError, match="en or zh, not fr"):
        Wording("fr")
