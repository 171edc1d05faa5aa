"""`tocsin notice`: check the templates of packs, and show one with sample facts."""

from pathlib import Path

from msgspec import Struct

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.wording import LANGUAGES, Wording
from tocsin.measures.content import Templates
from tocsin.measures.notices.code import new_code
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.facts import AlsoLifted, NoticeFacts
from tocsin.measures.notices.notice import as_html, render_notice
from tocsin.measures.text.subject import KINDS, Decided, Source
from tocsin.measures.warnings.grade import URGENCY, grade_of
from tocsin.measures.warnings.template import covered, render_warning
from tocsin.model.errors import InputError, PackError
from tocsin.model.event_type import Title
from tocsin.model.typology import TYPOLOGIES
from tocsin.rules.author import near

DAY_US = 86_400_000_000
SAMPLE_AT = 1_770_973_200_000_000
"""13 February 2026, 09:00 UTC."""
_SUBJECTS = {
    **dict.fromkeys(("take_down", "delist"), "listing:20260208371"),
    "hold_payment": "payment:88003321",
    "label": "content:55017742",
    "block_indicator": "link:https://x.example/90210455",
}


class Wanted(Struct, frozen=True):
    """What is to be shown, and as what: text, html or json."""

    kind: str
    event: str
    typology: str
    zone: str
    form: str


def check(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Every problem of the packs; exit code 1 where there is one."""
    say = Wording(lang).say
    try:
        _, templates = bootstrap.load_content(places)
    except PackError as error:
        if as_json:
            print(to_json({"problems": error.problems}))
        else:
            print(error)
            count = len(error.problems)
            print("\n" + (say("{count} problems", count=count) if count > 1 else say("1 problem")))
        return 1
    typologies = covered(templates.warnings.values())
    found = {
        "notices": len(templates.notices),
        "warnings": len(templates.warnings),
        "typologies": len(typologies),
        "words": len(templates.vocabulary.words),
    }
    if as_json:
        print(to_json({"problems": [], **found, "without_warning": sorted(TYPOLOGIES - typologies)}))
        return 0
    print(
        say("{notices} notices, {warnings} warnings for {typologies} typologies, {words} words: no problems", **found)
    )
    for code in sorted(TYPOLOGIES - typologies) if templates.warnings else ():
        print(say("There is no warning for {typology}", typology=code))
    return 0


def show(wanted: Wanted, places: list[Path], lang: str) -> int:
    """One notice or warning, with sample facts.

    Raises:
        InputError: no measure, event, typology or warning of this name.
    """
    say = Wording(lang).say
    _, templates = bootstrap.load_content(places)
    measure, _, function = wanted.kind.partition(":")
    if measure in KINDS:
        return _show_notice(wanted, templates, lang, sample(wanted, measure, function))
    if wanted.kind not in templates.warnings:
        hint = near(wanted.kind, (*KINDS, *templates.warnings))
        raise InputError(say("There is no measure and no warning `{kind}`: {hint}", kind=wanted.kind[:60], hint=hint))
    template = templates.warning(wanted.kind)
    grade = grade_of(0.6, max(URGENCY[stage] for stage in template.stages))
    warning = render_warning(template, grade, lang, "account:620000115678")
    if wanted.form == "json":
        print(to_json(warning))
    else:
        print(f"{warning.heading}  {warning.title}\n\n{warning.text}\n\n[{' + '.join(warning.channels)}]")
    return 0


def sample(wanted: Wanted, measure: str, function: str) -> NoticeFacts:
    """Facts of nobody, for every place that a notice may have.

    Raises:
        InputError: no such typology.
    """
    if wanted.typology not in TYPOLOGIES:
        raise InputError(f"`{wanted.typology[:20]}`: {near(wanted.typology, TYPOLOGIES)}")
    told = _told()
    return NoticeFacts(
        measure=measure,
        function=function or ("post" if measure == "limit" else ""),
        subject=_SUBJECTS.get(measure, "account:620000005678"),
        zone=wanted.zone,
        starts_at=SAMPLE_AT,
        ends_at=None if measure in {"close", "take_down", "delist"} else SAMPLE_AT + 7 * DAY_US,
        at=SAMPLE_AT + 2 * DAY_US,
        typology=wanted.typology,
        facts=told["facts"],
        source=Source.OWN,
        detected_automatically=True,
        decided=Decided.ASSISTED,
        ground=told["ground"],
        why=told["why"],
        object_until=SAMPLE_AT + 180 * DAY_US,
        where=told["where"],
        materials=(told["identity"], told["proof"]),
        redress=told["redress"],
        code=new_code(),
        also=(AlsoLifted("take_down", "listing:20260208371"),),
        answer_by=SAMPLE_AT + 9 * DAY_US,
    )


def _told() -> dict[str, Title]:
    """The sample's texts in both languages."""
    found: list[dict[str, str]] = []
    for lang in LANGUAGES:
        say = Wording(lang).say
        found.append(
            {
                "facts": say("Between 10 and 12 February 2026 several signs of this kind of fraud were found."),
                "ground": say("Anti-Telecom and Online Fraud Law of China, Article 22"),
                "why": say("The law asks platforms to act on accounts that show signs of fraud."),
                "where": say("In the app, open Settings, then Help, then Object."),
                "identity": say("a proof of who you are"),
                "proof": say("what shows that it was lawful"),
                "redress": say("a consumer association, or a court where you live."),
            }
        )
    return {key: Title(*(texts[key] for texts in found)) for key in found[0]}


def _show_notice(wanted: Wanted, templates: Templates, lang: str, facts: NoticeFacts) -> int:
    event = wanted.event.replace("-", "_")
    if event not in set(NoticeEvent):
        raise InputError(f"`{wanted.event[:40]}`: {near(wanted.event, NoticeEvent)}")
    notice = render_notice(templates.notice(NoticeEvent(event), facts.measure), facts, lang)
    if wanted.form == "json":
        print(to_json(notice))
    elif wanted.form == "html":
        print(as_html(notice), end="")
    else:
        print(f"{notice.title}\n\n{notice.body}", end="")
    return 0
