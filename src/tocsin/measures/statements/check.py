"""Whether the Transparency Database would take a statement, and whether it may have it.

Receives a statement, and the entities that the record knows. Gives nothing where all is well, else every fault by field.
Personal data is looked for in every field that holds a text, and comes first: it is refused whatever else is wrong.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from tocsin.measures.personal.find import find_personal
from tocsin.measures.personal.link import has_user_part
from tocsin.measures.statements import schema
from tocsin.measures.statements.statement import Statement
from tocsin.model.errors import PersonalDataFound, StatementWrong

_PUID = re.compile(r"[a-zA-Z0-9_-]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_URL = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?(/[!-~]*)?", re.IGNORECASE)

_Fault = tuple[str, str]

_TEXTS: dict[str, int] = {
    "decision_visibility_other": schema.SHORT_LIMIT,
    "decision_monetary_other": schema.SHORT_LIMIT,
    "illegal_content_legal_ground": schema.SHORT_LIMIT,
    "illegal_content_explanation": schema.EXPLANATION_LIMIT,
    "incompatible_content_ground": schema.SHORT_LIMIT,
    "incompatible_content_explanation": schema.EXPLANATION_LIMIT,
    "content_type_other": schema.SHORT_LIMIT,
    "category_specification_other": schema.SHORT_LIMIT,
    "decision_facts": schema.FACTS_LIMIT,
    "source_identity": schema.SHORT_LIMIT,
    "puid": schema.SHORT_LIMIT,
    "decision_ground_reference_url": schema.SHORT_LIMIT,
}
"""Fields that hold a text, with the characters that each may have."""

_CHOICES: dict[str, frozenset[str]] = {
    "decision_visibility": schema.VISIBILITIES,
    "decision_monetary": schema.MONETARIES,
    "decision_provision": schema.PROVISIONS,
    "decision_account": schema.ACCOUNTS,
    "account_type": schema.ACCOUNT_TYPES,
    "decision_ground": schema.GROUNDS,
    "incompatible_content_illegal": schema.YES_NO,
    "content_type": schema.CONTENT_TYPES,
    "category": schema.CATEGORIES,
    "category_addition": schema.CATEGORIES,
    "category_specification": schema.KEYWORDS,
    "territorial_scope": frozenset(schema.EUROPEAN_ECONOMIC_AREA),
    "content_language": schema.LANGUAGES,
    "source_type": schema.SOURCES,
    "automated_detection": schema.YES_NO,
    "automated_decision": schema.AUTOMATED_DECISIONS,
}
_ENDS = {
    "end_date_visibility_restriction": "decision_visibility",
    "end_date_monetary_restriction": "decision_monetary",
    "end_date_service_restriction": "decision_provision",
    "end_date_account_restriction": "decision_account",
}


def check_statement(statement: Statement, known: Iterable[str] = ()) -> None:
    """Whether a statement may be sent. `known` are the entities of the record that it is about.

    Raises:
        PersonalDataFound: a text holds personal data; names each field, and never what stood there.
        StatementWrong: the database would refuse it; names each field.
    """
    entities = tuple(known)
    personal = list(_personal(statement, entities))
    if personal:
        raise PersonalDataFound(personal)
    faults = [
        *_choices(statement),
        *_texts(statement),
        *_conditions(statement),
        *_dates(statement),
        *_identifiers(statement),
    ]
    if faults:
        raise StatementWrong(faults)


def _personal(statement: Statement, known: tuple[str, ...]) -> Iterator[_Fault]:
    for field, limit in _TEXTS.items():
        text = getattr(statement, field)
        if not text:
            continue
        kinds = dict.fromkeys(found.kind for found in find_personal(text[: 2 * limit], known))
        if field == "decision_ground_reference_url" and has_user_part(text):
            kinds["url"] = None
        if kinds:
            yield field, f"holds personal data ({', '.join(kinds)}); write it without"


def _choices(statement: Statement) -> Iterator[_Fault]:
    for field, permitted in _CHOICES.items():
        value = getattr(statement, field)
        several = isinstance(value, tuple)
        for each in value if several else () if value is None else (value,):
            if each not in permitted:
                yield field, f"`{each[:60]}` is none of the values that the database knows"
        if several and len(set(value)) < len(value):
            yield field, "names a value twice"


def _texts(statement: Statement) -> Iterator[_Fault]:
    for field, limit in _TEXTS.items():
        text = getattr(statement, field)
        if text is not None and len(text) > limit:
            yield field, f"has {len(text)} characters; at most {limit}"
        if text is not None and not text.strip():
            yield field, "is empty"


def _conditions(statement: Statement) -> Iterator[_Fault]:
    if not any(getattr(statement, field) for field in _ENDS.values()):
        yield "decision_visibility", "one of visibility, monetary, provision and account must be restricted"
    for field in ("content_type", "territorial_scope"):
        if not getattr(statement, field):
            yield field, "names nothing"
    for field, wanted in _companions(statement):
        there = getattr(statement, field) is not None
        if there is not wanted:
            yield field, "is required here" if wanted else "may not stand here"
    if statement.category_specification_other and schema.KEYWORD_OTHER not in statement.category_specification:
        yield "category_specification_other", "stands only beside KEYWORD_OTHER"
    if statement.incompatible_content_illegal and statement.decision_ground != schema.GROUND_INCOMPATIBLE:
        yield "incompatible_content_illegal", "stands only where the ground is a term"
    if statement.source_identity and statement.source_type == schema.SOURCE_VOLUNTARY:
        yield "source_identity", "there is no notifier where the platform acted by itself"
    if statement.category in statement.category_addition:
        yield "category_addition", "repeats the category"


def _companions(statement: Statement) -> Iterator[tuple[str, bool]]:
    """Fields that must be there just where another has a certain value."""
    illegal = statement.decision_ground == schema.GROUND_ILLEGAL
    incompatible = statement.decision_ground == schema.GROUND_INCOMPATIBLE
    yield "illegal_content_legal_ground", illegal
    yield "illegal_content_explanation", illegal
    yield "incompatible_content_ground", incompatible
    yield "incompatible_content_explanation", incompatible
    yield "decision_visibility_other", schema.VISIBILITY_OTHER in statement.decision_visibility
    yield "decision_monetary_other", statement.decision_monetary == schema.MONETARY_OTHER
    yield "content_type_other", schema.CONTENT_OTHER in statement.content_type


def _dates(statement: Statement) -> Iterator[_Fault]:
    firsts = {"content_date": schema.CONTENT_FROM, "application_date": schema.APPLIED_FROM}
    firsts |= dict.fromkeys(_ENDS, statement.application_date)
    for field, first in firsts.items():
        text = getattr(statement, field)
        if text is None:
            continue
        if not _is_date(text):
            yield field, "is no date such as 2026-02-13"
        elif not first <= text <= schema.LAST_DAY:
            yield field, f"lies outside {first[:10]} to {schema.LAST_DAY}"
        if field in _ENDS and not getattr(statement, _ENDS[field]):
            yield field, f"ends a restriction that `{_ENDS[field]}` does not name"


def _identifiers(statement: Statement) -> Iterator[_Fault]:
    if not _PUID.fullmatch(statement.puid):
        yield "puid", "has letters a-z, A-Z, digits, - and _ only"
    url = statement.decision_ground_reference_url
    if url is not None and not _URL.fullmatch(url):
        yield "decision_ground_reference_url", "is no web address"
    for key, value in (statement.content_id or {}).items():
        if key != schema.CONTENT_ID:
            yield "content_id", f"the database knows {schema.CONTENT_ID} only"
        elif not _is_ean(value):
            yield "content_id", f"is no {schema.CONTENT_ID}: 13 digits, the last of which checks them"


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_ean(text: str) -> bool:
    if not (len(text) == 13 and text.isascii() and text.isdigit()):
        return False
    return sum(int(sign) * (1 + 2 * (place % 2)) for place, sign in enumerate(text)) % 10 == 0
