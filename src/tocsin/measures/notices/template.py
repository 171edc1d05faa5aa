"""A notice as a pack holds it.

Receives one entry below `notices` and the phrases of all packs. Gives a NoticeTemplate in which every element has its
place, or problems. Never fills a place.
"""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.language.document import Mapping as Written
from tocsin.language.document import Node, Scalar
from tocsin.measures.notices.element import ABOUT_ONE_MEASURE, PLACES, Element, NoticeEvent, required_places
from tocsin.measures.text.places import Bilingual, read_bilingual
from tocsin.measures.text.plain import plain_faults
from tocsin.measures.text.subject import KINDS
from tocsin.measures.text.vocabulary import Vocabulary
from tocsin.rules.author import Author, near


class NoticeTemplate(Struct, frozen=True, kw_only=True):
    """A notice whose places are to be filled. `measure` is empty where it is for every kind.

    `vocabulary` are the words that fill it.
    """

    name: str
    event: NoticeEvent
    measure: str
    title: Bilingual
    body: tuple[tuple[Element, Bilingual], ...]
    vocabulary: Vocabulary


def read_template(
    author: Author, name: str, phrases: Mapping[str, Bilingual], vocabulary: Vocabulary
) -> NoticeTemplate | None:
    """The template of one entry."""
    author.keys(("event", "measure", "title", "body"))
    event = author.choice("event", NoticeEvent, "unknown-event", required=True)
    title = read_bilingual(author, author.entry.entries.get("title"), PLACES, plain_faults)
    body = author.mapping("body", required=True)
    if not event:
        return None
    about = NoticeEvent(event)
    measure = author.choice("measure", KINDS, "unknown-measure", required=about in ABOUT_ONE_MEASURE)
    if measure and about not in ABOUT_ONE_MEASURE:
        author.wrong(
            "unknown-key", f"a notice about `{event}` is for every kind of measure", author.entry.keys["measure"]
        )
    if body is None:
        return None
    elements = _read_body(author, body, phrases)
    _check_elements(author, body, elements, required_places(about, measure))
    if title is None:
        return None
    return NoticeTemplate(
        name=name, event=about, measure=measure, title=title, body=tuple(elements.items()), vocabulary=vocabulary
    )


def _read_body(author: Author, body: Written, phrases: Mapping[str, Bilingual]) -> dict[Element, Bilingual]:
    """The elements in the order in which they are written."""
    found: dict[Element, Bilingual] = {}
    author.keys(Element, body)
    for key, node in body.entries.items():
        text = _read_element(author, node, phrases)
        if key in set(Element) and text is not None:
            found[Element(key)] = text
    return found


def _read_element(author: Author, node: Node, phrases: Mapping[str, Bilingual]) -> Bilingual | None:
    """Either a text, or the name of a phrase that several notices share."""
    if not isinstance(node, Scalar):
        return read_bilingual(author, node, PLACES, plain_faults)
    if node.text in phrases:
        return phrases[node.text]
    hint = near(node.text, phrases) or "a phrase stands under `phrases`"
    author.wrong("unknown-phrase", f"no loaded pack has a phrase `{node.text[:60]}`", node, hint)
    return None


def _check_elements(
    author: Author, body: Written, elements: Mapping[Element, Bilingual], wanted: Mapping[Element, frozenset[str]]
) -> None:
    for element, places in wanted.items():
        if element not in body.entries:
            needs = " with " + ", ".join(f"{{{place}}}" for place in sorted(places)) if places else ""
            author.wrong("missing-element", f"the notice does not say `{element}`{needs}", body, _WHY[element])
        elif element in elements:
            for place in sorted(places - elements[element].places):
                node = body.entries[element]
                author.wrong("missing-place", f"`{element}` has no place {{{place}}}", node, _WHY[element])


_WHY: dict[Element, str] = {
    Element.WHAT: "a person must know what was done to what",
    Element.SCOPE: "a person must know what still works",
    Element.PERIOD: "a person must know from when and until when",
    Element.FACTS: "a person must know what it rests on",
    Element.TYPOLOGY: "a person must know what kind of fraud it is about",
    Element.SOURCE: "a person must know how it came to light, though not who reported",
    Element.AUTOMATION: "a person must know whether a machine found it and decided it",
    Element.GROUND: "a person must know the law and article, or the term, and why it applies",
    Element.OBJECTION: "a person must know how to object, by when, what to submit, and the code to give",
    Element.REDRESS: "a person must know where else to turn",
    Element.REASON: "a person must know why",
    Element.RESTORED: "a person must know what else was lifted with it",
    Element.ANSWER: "a person must know by when an answer comes",
    Element.REVIEWER: "a person must know that somebody else looks at it",
    Element.HELP: "a person must know what to do if something still does not work",
}
