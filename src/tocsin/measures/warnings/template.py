"""A warning as a pack holds it, and as a person sees it.

Receives one entry below `warnings`. Gives a WarningTemplate that the linter passed, or problems; renders it with the grade,
and passes it through the linter again. Never shows more of a suspect identifier than its last digits.
"""

from collections.abc import Collection, Iterable

from msgspec import Struct

from tocsin.measures.text.places import LANGUAGES, Bilingual, read_bilingual
from tocsin.measures.text.vocabulary import Vocabulary
from tocsin.measures.warnings.grade import CHANNELS, Channel, Grade, Stage
from tocsin.measures.warnings.lint import TAIL, template_faults, warning_faults
from tocsin.model.errors import WarningWrong
from tocsin.model.typology import TYPOLOGIES
from tocsin.rules.author import Author, near

PLACES = frozenset({"suspect"})


class WarningTemplate(Struct, frozen=True, kw_only=True):
    """A warning for a typology and its stages. `text` has at most the place {suspect}."""

    name: str
    typology: str
    stages: tuple[Stage, ...]
    title: Bilingual
    text: Bilingual
    vocabulary: Vocabulary


class ShownWarning(Struct, frozen=True, kw_only=True):
    """What a person is shown. `heading` is the grade in words."""

    template: str
    lang: str
    grade: Grade
    channels: tuple[Channel, ...]
    heading: str
    title: str
    text: str


def read_warning(author: Author, name: str, vocabulary: Vocabulary) -> WarningTemplate | None:
    """The template of one entry."""
    author.keys(("typology", "stages", "title", "text"))
    typology = author.choice("typology", TYPOLOGIES, "unknown-typology", required=True)
    stages = author.several("stages", required=True)
    for node in stages:
        if node.text not in set(Stage):
            author.wrong("unknown-stage", f"unknown stage `{node.text[:20]}`", node, near(node.text, Stage))
    title = read_bilingual(author, author.entry.entries.get("title"), (), template_faults)
    text = read_bilingual(author, author.entry.entries.get("text"), PLACES, template_faults)
    known = tuple(Stage(node.text) for node in stages if node.text in set(Stage))
    if not (typology and known and title and text):
        return None
    return WarningTemplate(name=name, typology=typology, stages=known, title=title, text=text, vocabulary=vocabulary)


def render_warning(template: WarningTemplate, grade: Grade, lang: str, suspect: str = "") -> ShownWarning:
    """A warning in a language (`en` or `zh`). `suspect` is an entity such as `phone:+8613800005678`.

    Raises:
        WarningWrong: it would hold something that no warning may hold, or the language is another.
    """
    if lang not in LANGUAGES:
        raise WarningWrong(f"a warning is in {' or '.join(LANGUAGES)}, not in {lang[:20]}")
    named = template.vocabulary.name_entity(suspect, lang, "suspect")
    tail = "".join(sign for sign in named if sign.isascii() and sign.isdigit())
    masked = named.replace(tail, TAIL) if tail else named
    made = ShownWarning(
        template=template.name,
        lang=lang,
        grade=grade,
        channels=CHANNELS[grade],
        heading=template.vocabulary.word(f"grade.{grade}", lang),
        title=template.title.of(lang).fill(str),
        text=template.text.of(lang).fill(lambda _: named),
    )
    seen = "\n".join((made.heading, made.title, template.text.of(lang).fill(lambda _: masked)))
    faults = warning_faults(seen, lang)
    if faults:
        raise WarningWrong(f"the warning `{template.name}` holds {faults[0].message}")
    return made


def choose_warning(templates: Iterable[WarningTemplate], typology: str, stage: Stage) -> WarningTemplate | None:
    """The warning that fits best: of the typology and stage, else of the typology, else of any fraud at this stage."""

    def fit(template: WarningTemplate) -> int:
        if template.typology == typology:
            return 3 if stage in template.stages else 2
        return 1 if template.typology == "OTHER" and stage in template.stages else 0

    best = max(templates, key=fit, default=None)
    return best if best is not None and fit(best) else None


def covered(templates: Collection[WarningTemplate]) -> frozenset[str]:
    """The typologies for which there is a warning."""
    return frozenset(template.typology for template in templates)
