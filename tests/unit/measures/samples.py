"""Facts of nobody, for tests."""

from datetime import date

from msgspec.structs import replace

from tocsin.app.bootstrap import load_content
from tocsin.measures.notices.code import NoticeCode
from tocsin.measures.notices.facts import AlsoLifted, NoticeFacts
from tocsin.measures.statements.making import StatementFacts
from tocsin.measures.statements.statement import Statement
from tocsin.measures.text.subject import Decided, Source
from tocsin.model.event_type import Title

CATALOGUE, TEMPLATES = load_content([])
DAY_US = 86_400_000_000
START = 1_770_973_200_000_000
"""13 February 2026, 09:00 UTC."""

FACTS = NoticeFacts(
    measure="suspend",
    subject="account:620000005678",
    zone="Asia/Shanghai",
    starts_at=START,
    ends_at=START + 7 * DAY_US,
    at=START + 2 * DAY_US,
    typology="AIDING",
    facts=Title(
        "On 12 February eleven people who do not know each other paid into it", "2月12日，11名互不相识的人向该账号付款"
    ),
    source=Source.REPORT,
    detected_automatically=True,
    decided=Decided.PERSON,
    ground=Title("Terms of use, part 4.2.", "《用户协议》第4.2条"),
    why=Title("Passing on money for others is not allowed.", "用户协议禁止代他人收款、转款。"),
    object_until=START + 180 * DAY_US,
    where=Title("In the app, open Settings, then Object.", "请在应用中打开“设置”“申诉”。"),
    materials=(Title("a proof of who you are", "身份证明"), Title("what the payments were for", "付款用途的说明")),
    redress=Title("a court where you live.", "向您所在地的人民法院提起诉讼。"),
    code=NoticeCode("7KQ3-MX9T-2HVA"),
    also=(AlsoLifted("take_down", "listing:20260208371"), AlsoLifted("limit", "account:620000005678", "post")),
    answer_by=START + 9 * DAY_US,
)


def facts(**changes: object) -> NoticeFacts:
    return replace(FACTS, **changes)


STATEMENT_FACTS = StatementFacts(
    puid="sor-abc",
    measure="take_down",
    subject_kind="listing",
    typology="SHOP",
    ground="Terms of use, part 4.2",
    is_law=False,
    source=Source.REPORT,
    detected_automatically=False,
    decided=Decided.PERSON,
    content_on=date(2026, 2, 1),
    applies_on=date(2026, 2, 13),
)

STATEMENT = Statement(
    decision_visibility=("DECISION_VISIBILITY_CONTENT_REMOVED",),
    decision_ground="DECISION_GROUND_INCOMPATIBLE_CONTENT",
    incompatible_content_ground="Terms of use, part 4.2",
    incompatible_content_explanation="The listing offers goods that do not exist.",
    content_type=("CONTENT_TYPE_PRODUCT",),
    category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    category_specification=("KEYWORD_INAUTHENTIC_LISTINGS",),
    territorial_scope=("DE", "FR"),
    content_language="EN",
    content_date="2026-02-01",
    application_date="2026-02-13",
    decision_facts="Signs of fraud were found: false goods or services.",
    source_type="SOURCE_VOLUNTARY",
    automated_detection="Yes",
    automated_decision="AUTOMATED_DECISION_NOT_AUTOMATED",
    puid="sor-abc",
)
