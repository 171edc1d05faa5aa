"""Notices, warnings and their words, out of packs.

Receives the entries of the sections `notices`, `warnings`, `phrases`, `typologies` and `words` while packs are loaded. Gives
Templates in which every text was checked and nothing that a notice needs is missing; problems join those of the rules.
Never sends anything.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from tocsin.measures.notices.element import ABOUT_ONE_MEASURE, PLACES, Element, NoticeEvent
from tocsin.measures.notices.template import NoticeTemplate, read_template
from tocsin.measures.text.places import Bilingual, read_bilingual
from tocsin.measures.text.plain import plain_faults
from tocsin.measures.text.subject import KINDS
from tocsin.measures.text.vocabulary import WORDS, Typology, Vocabulary
from tocsin.measures.warnings.lint import template_faults
from tocsin.measures.warnings.template import WarningTemplate, read_warning
from tocsin.model.errors import NoticeWrong, WarningWrong
from tocsin.model.problem import Problem
from tocsin.model.typology import TYPOLOGIES
from tocsin.rules.author import Author, near

REQUIRED_WORDS: Mapping[str, frozenset[str]] = {
    **WORDS,
    **{f"heading.{element}": frozenset[str]() for element in Element},
}
_SHOWN_TO_VICTIMS = ("suspect.", "grade.")


class Templates(Struct, frozen=True, kw_only=True):
    """Every notice and warning of the loaded packs, by name, and their words."""

    notices: dict[str, NoticeTemplate]
    warnings: dict[str, WarningTemplate]
    vocabulary: Vocabulary

    def notice(self, event: NoticeEvent, measure: str = "") -> NoticeTemplate:
        """The template of a notice about an event on a kind of measure.

        Raises:
            NoticeWrong: the loaded packs have none.
        """
        wanted = measure if event in ABOUT_ONE_MEASURE else ""
        for template in self.notices.values():
            if template.event is event and template.measure == wanted:
                return template
        raise NoticeWrong(f"no loaded pack has a notice `{event}` about `{measure[:40]}`; require the pack `notices`")

    def warning(self, name: str) -> WarningTemplate:
        """The warning of a name, as rules write it.

        Raises:
            WarningWrong: the loaded packs have none.
        """
        found = self.warnings.get(name)
        if found is None:
            raise WarningWrong(f"no loaded pack has a warning `{name[:60]}`: {near(name, self.warnings)}")
        return found


class TemplateReader:
    """Reads templates while packs are loaded; `templates` are complete once the catalogue is."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Author]] = {}
        self.templates = Templates(notices={}, warnings={}, vocabulary=Vocabulary({}, {}))

    def take(self, section: str, name: str, author: Author) -> None:
        """Takes one entry."""
        self._entries.setdefault(section, {})[name] = author

    def settle(self, problems: list[Problem]) -> None:
        """Reads everything that was taken: first what others name, then those."""
        vocabulary = Vocabulary(self._words(), self._typologies())
        phrases = {
            name: text
            for name, author in self._of("phrases")
            if (text := read_bilingual(author, author.entry, PLACES, plain_faults))
        }
        notices = {
            name: template
            for name, author in self._of("notices")
            if (template := read_template(author, name, phrases, vocabulary))
        }
        warnings = {
            name: warning
            for name, author in self._of("warnings")
            if (warning := read_warning(author, name, vocabulary))
        }
        self._check_notices(problems, notices)
        self.templates = Templates(notices=notices, warnings=warnings, vocabulary=vocabulary)

    def _of(self, section: str) -> Iterable[tuple[str, Author]]:
        return self._entries.get(section, {}).items()

    def _words(self) -> dict[str, Bilingual]:
        found: dict[str, Bilingual] = {}
        for name, author in self._of("words"):
            places = REQUIRED_WORDS.get(name)
            if places is None:
                author.wrong(
                    "unknown-word", f"no text is filled with the word `{name[:60]}`", None, near(name, REQUIRED_WORDS)
                )
                continue
            lint = template_faults if name.startswith(_SHOWN_TO_VICTIMS) else plain_faults
            text = read_bilingual(author, author.entry, places, lint)
            for place in sorted(places - text.places) if text else ():
                author.wrong("missing-place", f"the word has no place {{{place}}}")
            if text:
                found[name] = text
        return found

    def _typologies(self) -> dict[str, Typology]:
        found: dict[str, Typology] = {}
        for code, author in self._of("typologies"):
            author.keys(("name", "paragraph"))
            if code not in TYPOLOGIES:
                author.wrong("unknown-typology", f"unknown typology `{code[:20]}`", None, near(code, TYPOLOGIES))
            name, paragraph = (
                read_bilingual(author, author.entry.entries.get(key), (), plain_faults) for key in ("name", "paragraph")
            )
            if name and paragraph:
                found[code] = Typology(name, paragraph)
        return found

    def _check_notices(self, problems: list[Problem], notices: Mapping[str, NoticeTemplate]) -> None:
        """Where packs have notices, they have all: one for each event and kind, every word, every typology."""
        declared = dict(self._of("notices"))
        if not declared:
            return
        home = next(iter(declared.values())).file
        known: dict[tuple[NoticeEvent, str], str] = {}
        for name, template in notices.items():
            key = (template.event, template.measure)
            if key in known:
                about = f" about `{template.measure}`" if template.measure else ""
                message = f"there is a notice `{template.event}`{about} already: `{known[key]}`"
                declared[name].wrong("duplicate-name", message)
            known[key] = name
        lacking = [*_lacking_notices(known, len(notices) == len(declared))]
        lacking += [f"the word `{name}`" for name in REQUIRED_WORDS if name not in self._entries.get("words", {})]
        lacking += [
            f"a paragraph on the typology `{code}`"
            for code in sorted(TYPOLOGIES)
            if code not in self._entries.get("typologies", {})
        ]
        problems += [
            Problem(message=f"the loaded packs lack {what}", code="incomplete-notices", file=home) for what in lacking
        ]


def _lacking_notices(known: Mapping[tuple[NoticeEvent, str], str], all_read: bool) -> Iterable[str]:
    """Which notices are lacking; none is named while one could not be read, for that may be it."""
    if not all_read:
        return
    for event in NoticeEvent:
        for kind in KINDS if event in ABOUT_ONE_MEASURE else ("",):
            if (event, kind) not in known:
                yield f"a notice `{event}`" + (f" about `{kind}`" if kind else "")
