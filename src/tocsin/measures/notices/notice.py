"""A notice, rendered.

Receives a template and the facts of one measure, lift or appeal. Gives a Notice as text, its elements as data, and as
HTML. Never gives one that lacks an element, or that would say who reported.
"""

import html

from msgspec import Struct

from tocsin.measures.notices.code import NoticeCode
from tocsin.measures.notices.element import Element, NoticeEvent
from tocsin.measures.notices.facts import NoticeFacts
from tocsin.measures.notices.filling import Filling
from tocsin.measures.notices.template import NoticeTemplate
from tocsin.measures.text.places import LANGUAGES
from tocsin.model.errors import NoticeWrong

_TAGS = {"en": "en", "zh": "zh-CN"}


class Part(Struct, frozen=True):
    """One element of a notice, with its heading."""

    element: Element
    heading: str
    text: str


class Notice(Struct, frozen=True, kw_only=True):
    """What a person is told, in one language. `title` is the subject line; `body` is plain text; `parts` say the same as
    data, in order.
    """

    template: str
    event: NoticeEvent
    measure: str
    lang: str
    title: str
    body: str
    parts: tuple[Part, ...]
    code: NoticeCode | None = None


def render_notice(template: NoticeTemplate, facts: NoticeFacts, lang: str) -> Notice:
    """The notice of one measure, lift or appeal in a language (`en` or `zh`).

    Raises:
        NoticeWrong: a fact is lacking, the template is for another kind of measure, the zone is unknown, or the notice would
            hold something that must stay hidden.
    """
    if lang not in LANGUAGES:
        raise NoticeWrong(f"a notice is in {' or '.join(LANGUAGES)}, not in {lang[:20]}")
    if template.measure and template.measure != facts.measure:
        raise NoticeWrong(f"`{template.name}` is about `{template.measure}`, not about `{facts.measure[:40]}`")
    filling = Filling(facts, template.vocabulary, lang)
    parts = tuple(
        Part(element, filling.word(f"heading.{element}"), _capital(text.of(lang).fill(filling.value_of)))
        for element, text in template.body
    )
    title = _capital(template.title.of(lang).fill(filling.value_of))
    return Notice(
        template=template.name,
        event=template.event,
        measure=facts.measure,
        lang=lang,
        title=title,
        body="\n\n".join(f"{part.heading}\n{part.text}" for part in parts) + "\n",
        parts=parts,
        code=facts.code,
    )


def as_html(notice: Notice) -> str:
    """The notice as a piece of HTML, every text escaped."""
    parts = "\n".join(f"<h2>{html.escape(part.heading)}</h2>\n<p>{html.escape(part.text)}</p>" for part in notice.parts)
    return f'<article lang="{_TAGS[notice.lang]}">\n<h1>{html.escape(notice.title)}</h1>\n{parts}\n</article>\n'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
