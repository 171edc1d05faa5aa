"""Statements of reasons: what the database takes, what it would refuse, and that nobody's data is in them."""

from datetime import date
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.measures.samples import STATEMENT, STATEMENT_FACTS, TEMPLATES
from tocsin.measures.statements import schema
from tocsin.measures.statements.batch import write_batches
from tocsin.measures.statements.check import check_statement
from tocsin.measures.statements.keyword import KeywordFacts, keyword_of
from tocsin.measures.statements.making import make_statement, puid_of
from tocsin.measures.statements.restriction import needs_statement, restriction_of
from tocsin.measures.statements.statement import Statement
from tocsin.measures.text.subject import FUNCTIONS, KINDS, SUBJECTS, Decided, Source
from tocsin.model.errors import NoticeWrong, PersonalDataFound, StatementWrong
from tocsin.model.typology import TYPOLOGIES


def faults(**changes: Any) -> list[str]:
    try:
        check_statement(replace(STATEMENT, **changes))
    except StatementWrong as error:
        return [field for field, _ in error.faults]
    return []


def make(**changes: Any) -> Statement:
    return make_statement(replace(STATEMENT_FACTS, **changes), TEMPLATES.vocabulary)


def test_a_right_statement_passes() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("decision_visibility", ("DECISION_VISIBILITY_REMOVED",)),
        ("decision_visibility", ("DECISION_VISIBILITY_CONTENT_REMOVED",) * 2),
        ("decision_monetary", "DECISION_MONETARY_FINE"),
        ("decision_provision", "PARTIAL"),
        ("decision_account", "DECISION_ACCOUNT_CLOSED"),
        ("account_type", "PRIVATE"),
        ("decision_ground", "ILLEGAL_CONTENT"),
        ("content_type", ("CONTENT_TYPE_LINK",)),
        ("content_type", ()),
        ("category", "STATEMENT_CATEGORY_FRAUD"),
        ("category_addition", ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD",)),
        ("category_specification", ("KEYWORD_DANGEROUS_TOYS",)),
        ("territorial_scope", ("GB",)),
        ("territorial_scope", ("EU",)),
        ("territorial_scope", ()),
        ("content_language", "en"),
        ("content_language", "XX"),
        ("source_type", "SOURCE_POLICE"),
        ("automated_detection", "yes"),
        ("automated_decision", "No"),
        ("incompatible_content_illegal", "Perhaps"),
        ("decision_facts", ""),
        ("decision_facts", "a " * 2_501),
        ("incompatible_content_explanation", "a " * 1_001),
        ("incompatible_content_ground", "a " * 251),
        ("puid", "a" * 501),
        ("puid", "a b"),
        ("puid", "ä"),
        ("puid", "abc\n"),
        ("content_date", "1999-12-31"),
        ("content_date", "2026-2-1"),
        ("content_date", "2026-02-30"),
        ("content_date", "2026-02-01 "),
        ("application_date", "2019-12-31"),
        ("application_date", "2038-01-02"),
        ("application_date", "20260213"),
        ("end_date_visibility_restriction", "2026-02-12"),
        ("end_date_account_restriction", "2026-02-14"),
        ("decision_ground_reference_url", "law.example"),
        ("decision_ground_reference_url", "javascript:alert(1)"),
        ("source_identity", "a body"),
        ("category_specification_other", "something"),
        ("decision_visibility_other", "something"),
        ("decision_monetary_other", "something"),
        ("content_type_other", "something"),
        ("illegal_content_explanation", "something"),
        ("content_id", {"EAN-8": "96385074"}),
        ("content_id", {"EAN-13": "4006381333932"}),
    ],
)
def test_what_the_database_would_refuse_is_named_by_field(field: str, value: object) -> None:
    assert field in faults(**{field: value})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decision_visibility": ()}, "decision_visibility"),
        ({"decision_visibility": ("DECISION_VISIBILITY_OTHER",)}, "decision_visibility_other"),
        ({"decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other"),
        ({"content_type": ("CONTENT_TYPE_OTHER",)}, "content_type_other"),
        ({"incompatible_content_ground": None}, "incompatible_content_ground"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "illegal_content_legal_ground"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "incompatible_content_explanation"),
    ],
)
def test_what_one_field_asks_of_another_is_demanded(changes: dict[str, Any], field: str) -> None:
    assert field in faults(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"end_date_visibility_restriction": "2026-02-13"},
        {"decision_facts": "a " * 2_500},
        {"content_id": {"EAN-13": "4006381333931"}},
        {"decision_ground_reference_url": "https://eur-lex.europa.eu/eli/reg/2022/2065/oj"},
        {"source_type": "SOURCE_TRUSTED_FLAGGER", "source_identity": "a body"},
        {"category_specification": ("KEYWORD_OTHER",), "category_specification_other": "something"},
        {"category_addition": ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC",), "incompatible_content_illegal": "Yes"},
        {
            "content_date": "2000-01-01",
            "application_date": "2038-01-01",
            "territorial_scope": schema.EUROPEAN_ECONOMIC_AREA,
        },
    ],
)
def test_what_the_database_takes_is_taken(changes: dict[str, Any]) -> None:
    assert faults(**changes) == []


def test_all_faults_are_named_at_once() -> None:
    assert set(faults(category="x", puid="a b", content_date="never")) == {"category", "puid", "content_date"}


TEXT_FIELDS = [
    *("decision_facts", "incompatible_content_ground", "incompatible_content_explanation", "puid"),
    *("decision_visibility_other", "decision_monetary_other", "illegal_content_legal_ground"),
    *("illegal_content_explanation", "content_type_other", "category_specification_other", "source_identity"),
    "decision_ground_reference_url",
]


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_personal_data_is_refused_in_every_text_and_never_repeated(field: str) -> None:
    with pytest.raises(PersonalDataFound) as caught:
        check_statement(replace(STATEMENT, **{field: "13800138000"}))
    assert caught.value.faults == ((field, "holds personal data (phone); write it without"),)
    assert "138" not in str(caught.value)


def test_every_field_that_holds_a_text_is_looked_at() -> None:
    texts = {
        name
        for name in Statement.__struct_fields__
        if "str" in str(Statement.__annotations__[name]) and name != "content_id"
    }
    chosen = {name for name in texts if "other" not in name and name not in TEXT_FIELDS}
    for name in sorted(chosen):
        value: object = ("13800138000",) if "tuple" in str(Statement.__annotations__[name]) else "13800138000"
        assert faults(**{name: value}), name


def test_what_names_an_entity_of_the_record_is_refused() -> None:
    with pytest.raises(PersonalDataFound, match="decision_facts"):
        check_statement(replace(STATEMENT, decision_facts="It was Zhang San."), ["account:zhang_san"])
    with pytest.raises(PersonalDataFound, match="puid"):
        check_statement(replace(STATEMENT, puid="sor-zhang-san-1"), ["account:zhang_san"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("subject", [*SUBJECTS, "gadget"])
def test_every_measure_on_every_subject_has_a_statement_or_restricts_nothing(kind: str, subject: str) -> None:
    function = "post" if kind == "limit" else ""
    if not needs_statement(kind):
        assert kind in {"warn", "watch"}
        with pytest.raises(StatementWrong, match="restricts nothing"):
            make(measure=kind, subject_kind=subject)
        return
    for ends_on in (None, date(2026, 3, 1)):
        check_statement(make(measure=kind, function=function, subject_kind=subject, ends_on=ends_on))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_limit_on_paying_restricts_payments_and_any_other_the_service(function: str) -> None:
    restriction = restriction_of("limit", function, "account")
    assert bool(restriction.monetary) is ("pay" in function)
    assert bool(restriction.provision) is ("pay" not in function)


@pytest.mark.parametrize("code", sorted(TYPOLOGIES))
@pytest.mark.parametrize("is_law", [True, False])
def test_every_typology_is_filed_and_only_standard_sentences_are_told(code: str, is_law: bool) -> None:
    made = make(typology=code, is_law=is_law, subject_kind="account", measure="suspend")
    name = TEMPLATES.vocabulary.typology(code).name.en.written
    assert made.decision_facts.startswith(f"Signs of fraud were found: {name}.")
    assert (made.illegal_content_explanation is not None) is is_law
    assert made.category_specification[0] in schema.KEYWORDS
    if made.category_specification == ("KEYWORD_OTHER",):
        assert made.category_specification_other == name


def test_keywords_follow_the_table() -> None:
    assert keyword_of(KeywordFacts("INVEST", "account"))[1] == "KEYWORD_OTHER"
    assert keyword_of(KeywordFacts("INVEST", "account", recruiting=True))[1] == "KEYWORD_PYRAMID_SCHEMES"
    assert keyword_of(KeywordFacts("BRUSH", "account", false_reviews=True))[1] == "KEYWORD_INAUTHENTIC_USER_REVIEWS"
    assert keyword_of(KeywordFacts("ROMINV", "account"))[1] == "KEYWORD_INAUTHENTIC_ACCOUNTS"
    assert keyword_of(KeywordFacts("CARDS", "account"))[0] == schema.SCAMS
    assert keyword_of(KeywordFacts("AIDING", "advert"))[0] == schema.PRODUCTS


@pytest.mark.parametrize(
    ("source", "under_16", "expected"),
    [
        (Source.REPORT, True, "SOURCE_ARTICLE_16"),
        (Source.REPORT, False, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        (Source.FLAGGER, True, "SOURCE_TRUSTED_FLAGGER"),
        (Source.AUTHORITY, True, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        (Source.OWN, True, "SOURCE_VOLUNTARY"),
    ],
)
def test_how_it_came_to_light_carries_over(source: Source, under_16: bool, expected: str) -> None:
    assert make(source=source, notice_under_article_16=under_16).source_type == expected


@pytest.mark.parametrize("decided", Decided)
def test_automation_carries_over(decided: Decided) -> None:
    made = make(decided=decided, detected_automatically=True)
    assert made.automated_detection == "Yes"
    assert made.automated_decision in schema.AUTOMATED_DECISIONS
    assert made.automated_decision.endswith(
        {"automatic": "FULLY", "assisted": "PARTIALLY", "person": "NOT_AUTOMATED"}[decided]
    )


def test_a_basis_that_names_a_person_is_refused() -> None:
    with pytest.raises(PersonalDataFound, match="incompatible_content_ground"):
        make(ground="The terms, as told to zhang@mail.example")
    with pytest.raises(NoticeWrong, match="typology"):
        make(typology="NONE")


def test_batches_have_at_most_100_and_are_taken_back_as_they_were() -> None:
    statements = [replace(STATEMENT, puid=puid_of("shop", number)) for number in range(250)]
    bodies = [msgspec.json.decode(body) for body in write_batches(statements)]
    assert [len(body["statements"]) for body in bodies] == [100, 100, 50]
    assert all(set(body) == {"statements"} for body in bodies)
    back = [msgspec.convert(each, Statement) for body in bodies for each in body["statements"]]
    assert back == statements
    assert list(write_batches([])) == []


def test_one_bad_statement_or_a_repeated_identifier_stops_the_batch() -> None:
    with pytest.raises(StatementWrong, match="puid: stands twice"):
        write_batches([STATEMENT, STATEMENT])
    with pytest.raises(PersonalDataFound):
        write_batches([STATEMENT, replace(STATEMENT, puid="b", decision_facts="call 13800138000")])


def test_an_identifier_is_always_the_same_and_names_nobody() -> None:
    assert puid_of("shop", 7) == puid_of("shop", 7)
    assert len({puid_of(name, number) for name in ("a", "b") for number in range(500)}) == 1_000
    assert not any(sign.isdigit() for sign in puid_of("13800138000", 13_800_138_000))


def test_the_lists_are_as_long_as_the_databases() -> None:
    assert (len(schema.CATEGORIES), len(schema.KEYWORDS), len(schema.LANGUAGES)) == (16, 69, 184)
    assert (len(schema.EUROPEAN_UNION), len(schema.EUROPEAN_ECONOMIC_AREA)) == (27, 30)
