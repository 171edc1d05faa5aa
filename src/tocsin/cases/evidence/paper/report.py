"""A case and its evidence on paper.

Receives a manifest and the facts of its case. Gives a PDF for archives (PDF/A-2u) in Chinese or English, the same bytes
for the same words and fonts. What people wrote is data to the typesetter and can do nothing there; what no font can show
is written as its number, never left out.
"""

import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typst

from tocsin.cases.evidence.manifest import Exhibit, WrittenManifest
from tocsin.cases.evidence.paper.facts import CaseFacts, Section
from tocsin.cases.evidence.paper.font import Fonts, demand_chinese
from tocsin.cases.evidence.paper.words import WORDS, ReportWords
from tocsin.model.errors import ReportWrong
from tocsin.model.event_type import Title
from tocsin.model.window import SECOND_US

TEMPLATE = Path(__file__).with_name("report.typ").read_bytes()
STANDARD: Final = "a-2u"
VALUE_LIMIT = 2_000
LONG_WORD = re.compile(r"(\S{32})(?=\S)")
ROUNDS = 8
SERIF, EXACT = "Libertinus Serif", "DejaVu Sans Mono"

_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MISSING = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_Row = tuple[str, str, bool]


def set_report(written: WrittenManifest, facts: CaseFacts, lang: str, fonts: Fonts) -> bytes:
    """The report as a PDF, in `en` or `zh`.

    Raises:
        FontMissing: it holds Chinese, and no font has it.
        ReportWrong: there is no such language, or the typesetter failed.
    """
    if lang not in WORDS:
        raise ReportWrong(f"a report is in {' or '.join(WORDS)}, not {lang[:20]}")
    data = report_data(written, facts, lang, fonts)
    if _HAN.search(data):
        demand_chinese(fonts)
    return typeset(data, fonts, written.manifest.made_at // SECOND_US)


def typeset(data: str, fonts: Fonts, made_at_s: int) -> bytes:
    """The template with this data. Signs that no font has are written as numbers, and it is tried again.

    Raises:
        ReportWrong: the typesetter failed.
    """
    for _ in range(ROUNDS):
        try:
            inputs = {"data": data}
            return typst.compile(
                TEMPLATE,
                format="pdf",
                font_paths=fonts.found,
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=made_at_s,
            )
        except typst.TypstError as error:
            told = _MISSING.findall(str(error.diagnostic))
            missing = {sign for text in told for sign in _unescaped(text) if not sign.isascii()}
            if not missing:
                raise ReportWrong(f"the report cannot be set: {error.message[:200]}") from None
            data = data.translate({ord(sign): _number(sign) for sign in missing})
    raise ReportWrong("the report cannot be set: too many signs that no font has")


def report_data(written: WrittenManifest, facts: CaseFacts, lang: str, fonts: Fonts) -> str:
    """What the template is given, as JSON."""
    words, manifest = WORDS[lang], written.manifest
    head = (
        (words.case, manifest.case),
        (words.made_at, moment(manifest.made_at)),
        (words.made_by, manifest.made_by),
    )
    proofs = ((words.manifest, written.sha256), (words.signer, manifest.signer or words.unsigned))
    chinese = [fonts.chinese] if fonts.chinese else []
    data = {
        "lang": lang,
        "fonts": [SERIF, *chinese],
        "exact": [EXACT, *chinese],
        "words": {name: getattr(words, name) for name in words.__struct_fields__},
        "title": shown(_in(facts.title, lang), words),
        "case": shown(manifest.case, words),
        "head": [*_rows(head, words), *_rows(proofs, words, exact=True)],
        "sections": [_section(section, lang, words) for section in facts.sections],
        "exhibits": [_exhibit(number, exhibit, lang, words) for number, exhibit in enumerate(manifest.exhibits, 1)],
    }
    return json.dumps(data, ensure_ascii=False)


def shown(text: str, words: ReportWords) -> str:
    """A text that a page can hold: without controls and signs of direction, and with places where long words break.

    >>> shown("a" + chr(0x202E) + "b" + chr(27), WORDS["en"])
    'a‹U+202E›b‹U+001B›'
    """
    cut = text if len(text) <= VALUE_LIMIT else text[:VALUE_LIMIT] + words.cut
    plain = "".join(_plain(sign) for sign in cut.replace("\r\n", "\n").replace("\t", " "))
    return LONG_WORD.sub("\\1\u200b", plain)


def moment(at: int) -> str:
    """A time in microseconds since 1970 UTC, for people.

    >>> moment(1_768_478_400_000_000), moment(1 << 62)
    ('2026-01-15 12:00:00 UTC', '4611686018427387904')
    """
    try:
        return datetime.fromtimestamp(at // SECOND_US, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return str(at)


def _section(section: Section, lang: str, words: ReportWords) -> dict[str, object]:
    rows = tuple((shown(_in(fact.name, lang), words), fact.value) for fact in section.facts)
    return {"title": shown(_in(section.title, lang), words), "rows": _rows(rows, words)}


def _exhibit(number: int, exhibit: Exhibit, lang: str, words: ReportWords) -> dict[str, object]:
    rows = (
        (words.size, f"{exhibit.size:,}"),
        (words.media_type, exhibit.media_type),
        (words.source, exhibit.source),
        (words.taken_at, moment(exhibit.taken_at)),
        (words.taken_by, exhibit.taken_by),
        (words.channel, exhibit.channel),
    )
    container = ((words.container, exhibit.container),) if exhibit.container else ()
    return {
        "title": f"{words.exhibit} {number} · {shown(_in(exhibit.label, lang), words)}",
        "rows": [
            *_rows(((words.sha256, exhibit.sha256),), words, exact=True),
            *_rows(rows, words),
            *_rows(container, words, exact=True),
        ],
    }


def _rows(rows: tuple[tuple[str, str], ...], words: ReportWords, *, exact: bool = False) -> list[_Row]:
    return [(name, value if exact else shown(value, words), exact) for name, value in rows]


def _in(title: Title, lang: str) -> str:
    return title.zh if lang == "zh" else title.en


def _plain(sign: str) -> str:
    return _number(sign) if sign != "\n" and unicodedata.category(sign) in _NOT_SHOWN else sign


def _number(sign: str) -> str:
    return f"‹U+{ord(sign):04X}›"


def _unescaped(text: str) -> str:
    """A text as Rust writes it for debugging, read again."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).replace("\\", "")
