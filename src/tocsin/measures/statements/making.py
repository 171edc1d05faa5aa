"""From a measure to a statement of reasons.

Receives the facts of a measure as codes and dates, and the words of the loaded packs. Gives a Statement that was checked.
What people wrote about the case is not asked for: the texts are standard sentences of the packs and the basis in the
ledger, for the database is public.
"""

import hashlib
from collections.abc import Iterable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from tocsin.measures.statements import schema
from tocsin.measures.statements.check import check_statement
from tocsin.measures.statements.keyword import KeywordFacts, content_of, keyword_of
from tocsin.measures.statements.restriction import Restriction, restriction_of
from tocsin.measures.statements.statement import Statement
from tocsin.measures.text.subject import Decided, Source
from tocsin.measures.text.vocabulary import Vocabulary

_SOURCES = {
    Source.REPORT: "SOURCE_ARTICLE_16",
    Source.FLAGGER: "SOURCE_TRUSTED_FLAGGER",
    Source.AUTHORITY: "SOURCE_TYPE_OTHER_NOTIFICATION",
    Source.PARTNER: "SOURCE_TYPE_OTHER_NOTIFICATION",
    Source.OWN: schema.SOURCE_VOLUNTARY,
}
_DECISIONS = {
    Decided.AUTOMATIC: "AUTOMATED_DECISION_FULLY",
    Decided.ASSISTED: "AUTOMATED_DECISION_PARTIALLY",
    Decided.PERSON: "AUTOMATED_DECISION_NOT_AUTOMATED",
}
PUID_SIGNS = "abcdefghijklmnop"


class StatementFacts(Struct, frozen=True, kw_only=True):
    """The facts of one measure.

    `subject_kind` is the kind of its entity, such as listing. `ground` is the law with its article where `is_law`, else the
    term of the platform. `content_on` is the day on which the platform began to host it (for an account: its registration).
    `content_types` are told where they are known better than by the kind of entity. `recruiting` and `false_reviews` tell
    kinds of INVEST and BRUSH apart. `notice_under_article_16` is False for a report that only says that terms are broken.
    """

    puid: str
    measure: str
    subject_kind: str
    typology: str
    ground: str
    is_law: bool
    source: Source
    detected_automatically: bool
    decided: Decided
    content_on: date
    applies_on: date
    ends_on: date | None = None
    function: str = ""
    territories: tuple[str, ...] = schema.EUROPEAN_ECONOMIC_AREA
    content_types: tuple[str, ...] = ()
    content_language: str | None = None
    is_business: bool | None = None
    recruiting: bool = False
    false_reviews: bool = False
    notice_under_article_16: bool = True
    reference_url: str | None = None


def make_statement(facts: StatementFacts, vocabulary: Vocabulary, known: Iterable[str] = ()) -> Statement:
    """The statement of reasons of a measure, checked. `known` are the entities that it is about.

    Raises:
        StatementWrong: the measure restricts nothing that is published, or a fact is wrong.
        PersonalDataFound: the basis names a person.
        NoticeWrong: the loaded packs do not describe the typology.
    """
    restriction = restriction_of(facts.measure, facts.function, facts.subject_kind)
    typology = vocabulary.typology(facts.typology)
    name, paragraph = (text.en.fill(str) for text in (typology.name, typology.paragraph))
    types, other = content_of(facts.subject_kind, facts.content_types)
    category, keyword = keyword_of(
        KeywordFacts(facts.typology, facts.subject_kind, facts.recruiting, facts.false_reviews)
    )
    made = Statement(
        account_type=_account_type(facts.is_business),
        decision_ground=schema.GROUND_ILLEGAL if facts.is_law else schema.GROUND_INCOMPATIBLE,
        decision_ground_reference_url=facts.reference_url,
        content_type=types,
        content_type_other=other,
        category=category,
        category_specification=(keyword,),
        category_specification_other=name if keyword == schema.KEYWORD_OTHER else None,
        territorial_scope=tuple(sorted(facts.territories)),
        content_language=facts.content_language,
        content_date=facts.content_on.isoformat(),
        application_date=facts.applies_on.isoformat(),
        decision_facts=_tell(facts, restriction, name, vocabulary),
        source_type=_source(facts),
        automated_detection="Yes" if facts.detected_automatically else "No",
        automated_decision=_DECISIONS[facts.decided],
        puid=facts.puid,
    )
    made = _with_restriction(made, restriction, facts.ends_on)
    made = _with_ground(made, facts, f"It serves a kind of fraud: {name}. {paragraph}")
    check_statement(made, known)
    return made


def puid_of(platform: str, measure: int) -> str:
    """The identifier of a measure's statement: always the same, and of letters only, so that it names nobody.

    >>> puid_of("shop", 7) == puid_of("shop", 7) != puid_of("shop", 8)
    True
    """
    digest = hashlib.sha256(f"{platform}\0statement\0{measure}".encode()).hexdigest()
    return "sor-" + "".join(PUID_SIGNS[int(sign, 16)] for sign in digest[:40])


def _with_restriction(statement: Statement, restriction: Restriction, ends_on: date | None) -> Statement:
    end = ends_on.isoformat() if ends_on else None
    return replace(
        statement,
        decision_visibility=restriction.visibility,
        end_date_visibility_restriction=end if restriction.visibility else None,
        decision_monetary=restriction.monetary,
        end_date_monetary_restriction=end if restriction.monetary else None,
        decision_provision=restriction.provision,
        end_date_service_restriction=end if restriction.provision else None,
        decision_account=restriction.account,
        end_date_account_restriction=end if restriction.account else None,
    )


def _with_ground(statement: Statement, facts: StatementFacts, explanation: str) -> Statement:
    if facts.is_law:
        return replace(statement, illegal_content_legal_ground=facts.ground, illegal_content_explanation=explanation)
    return replace(statement, incompatible_content_ground=facts.ground, incompatible_content_explanation=explanation)


def _source(facts: StatementFacts) -> str:
    if facts.source is Source.REPORT and not facts.notice_under_article_16:
        return "SOURCE_TYPE_OTHER_NOTIFICATION"
    return _SOURCES[facts.source]


def _account_type(is_business: bool | None) -> str | None:
    if is_business is None:
        return None
    return "ACCOUNT_TYPE_BUSINESS" if is_business else "ACCOUNT_TYPE_PRIVATE"


def _tell(facts: StatementFacts, restriction: Restriction, name: str, vocabulary: Vocabulary) -> str:
    """The facts in standard sentences."""
    told = [
        f"Signs of fraud were found: {name}.",
        vocabulary.word(f"source.{facts.source}", "en"),
        vocabulary.word(f"detected.{'yes' if facts.detected_automatically else 'no'}", "en"),
        f"What was done: {restriction.told}.",
    ]
    return " ".join(told)
