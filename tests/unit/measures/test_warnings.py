"""Warnings: what may stand in one, how urgent it is, which fits, and what it achieved."""

import pytest

from tests.unit.measures.samples import TEMPLATES
from tocsin.measures.text.places import Bilingual, take_apart
from tocsin.measures.warnings.effect import WarningCount, effects_of, share_of
from tocsin.measures.warnings.grade import CHANNELS, URGENCY, Channel, Grade, Stage, grade_of
from tocsin.measures.warnings.lint import TAIL, template_faults, warning_faults
from tocsin.measures.warnings.template import WarningTemplate, choose_warning, render_warning
from tocsin.model.errors import WarningWrong
from tocsin.model.typology import TYPOLOGIES

FORBIDDEN_EN = [
    "Go to http://evil.com now",
    "see hxxp://evil.com",
    "www.evil.com",
    "visit evil.com",
    "visit evil . com",
    "visit evil. com",
    "evil[.]com",
    "evil(dot)com",
    "evil dot com",
    "evil．com",
    "evil。com",
    "еvil.соm",
    "evil com",
    "bit.ly/x",
    "Search for evilbank-com",
    "пример.рф",
    "例子.中国",
    "Call 13800138000",
    "Call 138 0013 8000",
    "1-3-8-0-0",
    "１３８００１３８",
    "①③⑧⓪",
    "٣٨٠٠",
    "call one three eight zero",
    "one-three-eight-zero zero",
    "double one, triple five, nine",
    "1️⃣3️⃣8️⃣",
    "𝟏𝟑𝟖𝟎",
    "1 3 8",
    "13, then 80, then 01, then 38",
    "I38OO l38",
    "Account: zhang",
    "my id: abc",
    "user name is: abc",
    "Add wx123abc",
    "Write to me@evil",
    "name@example.com",
    "＠evil",
    "handle_x",
    "Reply to this message.",
    "Please reply now.",
    "Do not wait and reply.",
    "Click here.",
    "Do not click the link.",
    "Tap below.",
    "Call us now.",
    "Contact us.",
    "Let us know.",
    "Text back YES.",
    "Please open the link.",
    "Download the app.",
    "Install our app.",
    "Scan the code.",
    "Now pay the fee.",
    "Please transfer the money.",
    "Get back to us today.",
    "Answer this message.",
    "Ring us.",
    "Enter your password.",
    "Send us your code.",
    "a\u200bb",
    "1\u200b3\u200b8",
    "Verify your account.",
    "Log in here.",
    "Press one.",
    "/evil",
    "evil|com",
    "e v i l . c o m",
    "Visit our site.",
    "Write back.",
    "☎ now",
    "Reply.",
    "You must pay now.",
    "Don't worry, reply to us.",
    "hTTps evil",
]
FORBIDDEN_ZH = [
    "打开 http://evil.com",
    "网址 evil。com",
    "evil点com",
    "evil 点 cn",
    "例子点中国",
    "例子。中国",
    "例子.公司",
    "例子．网络",
    "加微信：abc",
    "加微信 zhangsan",
    "请加我微信",
    "QQ群号：某某",
    "一三八零零一三八零零零",
    "幺三八洞洞",
    "壹叁捌零零",
    "一 三 八 零",
    "1三8零",
    "一、三、八、零",
    "１３８",
    "电话①③⑧",
    "点击这里",
    "点此查看",
    "不要点击链接",
    "请回复",
    "立即回拨",
    "联系我们",
    "请打开链接",
    "请下载应用",
    "马上转账",
    "现在付款",
    "请扫码",
    "登录网站",
    "扫描二维码",
    "致电我们",
    "拨打以下号码",
    "请添加客服",
    "Ｗｘ号",
    "ｅｖｉｌ",
    "Вконтакте",
    "客服➕",
    "回复确认",
    "如有疑问请联系我们",
    "账号:某某",
    "您的号码是：某",
    "请您填写资料",
    "立即前往",
    "安装本软件",
    "请转账到该账户",
    "用手机访问该网站请打开",
    "请在收到后回复",
    "发送至该邮箱：某",
    "可以付款",
    "拨打该号码",
    "evil点康姆",
    "加Ｖ",
    "三八零",
    "十三八零零",
    "零零零",
    "输入密码",
    "一三八 零零 一三 八零",
    "加群领取",
    "戳这里",
]
PERMITTED_EN = [
    "Do not pay. Call your bank.",
    "Never reply to such messages.",
    "Do not open the link.",
    "Wait for 24 hours.",
    "Ask one or two friends.",
    "They ask you to install an app and to share the screen.",
    "Do not download or install it.",
    "No police officer asks for a code.",
    "Talk to somebody you trust, and hang up.",
]
PERMITTED_ZH = [
    "不要付款。请联系您的银行。",
    "不要回拨。",
    "不要安装陌生人发来的任何软件。",
    "等待24小时再决定。",
    "万一被骗，请报警。",
    "一个自称警察的人",
    "骗子会让您下载软件、共享屏幕。",
    "第一，不要慌；第二，不要转账。",
    "两三个人一起",
    "不要打开链接，也不要扫码。",
    "一一核对",
]


def warning(en: str, zh: str = "不要付款。") -> WarningTemplate:
    """A warning that no load has checked."""
    known = TEMPLATES.warning("lure-police")
    return WarningTemplate(
        name="made",
        typology="OTHER",
        stages=(Stage.LARGE_PAYMENT,),
        title=Bilingual(take_apart("Wait"), take_apart("请等一等")),
        text=Bilingual(take_apart(en), take_apart(zh)),
        vocabulary=known.vocabulary,
    )


@pytest.mark.parametrize("text", FORBIDDEN_EN)
def test_no_link_number_account_or_request_passes_in_english(text: str) -> None:
    assert warning_faults(text, "en")
    with pytest.raises(WarningWrong, match="the warning `made` holds"):
        render_warning(warning(text), Grade.ALARM, "en")


@pytest.mark.parametrize("text", FORBIDDEN_ZH)
def test_no_link_number_account_or_request_passes_in_chinese(text: str) -> None:
    assert warning_faults(text, "zh")
    with pytest.raises(WarningWrong, match="the warning `made` holds"):
        render_warning(warning("Wait.", text), Grade.ALARM, "zh")


@pytest.mark.parametrize("text", PERMITTED_EN)
def test_advice_passes_in_english(text: str) -> None:
    assert warning_faults(text, "en") == []


@pytest.mark.parametrize("text", PERMITTED_ZH)
def test_advice_passes_in_chinese(text: str) -> None:
    assert warning_faults(text, "zh") == []


def test_a_fault_underlines_what_was_written() -> None:
    text = "Wait. Call １３８\u200b００１３ now."
    (fault,) = [each for each in warning_faults(text, "en") if each.code == "number"]
    assert text[fault.start : fault.end] == "１３８\u200b００１３"


def test_a_suspect_is_named_by_its_last_digits_only() -> None:
    shown = render_warning(TEMPLATES.warning("leader-payment"), Grade.ALARM, "en", "phone:+8613800005678")
    assert "the phone number ending in 5678" in shown.text
    assert "0000" not in shown.text
    hostile = render_warning(TEMPLATES.warning("leader-payment"), Grade.ALARM, "zh", "url:https://evil.example/x")
    assert "evil" not in hostile.text
    assert "对方" in render_warning(TEMPLATES.warning("leader-payment"), Grade.HINT, "zh").text


def test_digits_beside_the_last_digits_would_make_a_number() -> None:
    with pytest.raises(WarningWrong, match="a number"):
        render_warning(warning("It is 13, {suspect} 00."), Grade.ALARM, "en", "zz:5678000")
    assert [fault.code for fault in warning_faults(f"It ends in 1 {TAIL}.", "en")] == ["number"]
    assert [fault.code for fault in template_faults(f"It ends in {TAIL}.", "en")] == ["disguise"]


def test_the_grade_rises_with_likelihood_and_with_urgency() -> None:
    steps = [number / 50 for number in range(51)]
    order = list(Grade)
    for likelihood in steps:
        places = [order.index(grade_of(likelihood, urgency)) for urgency in steps]
        assert places == sorted(places)
        assert places == [order.index(grade_of(urgency, likelihood)) for urgency in steps]
    assert (grade_of(1, 1), grade_of(0, 1)) == (Grade.ALARM, Grade.HINT)
    assert set(URGENCY) == set(Stage)
    assert max(URGENCY, key=lambda stage: URGENCY[stage]) is Stage.LARGE_PAYMENT


@pytest.mark.parametrize(("likelihood", "urgency"), [(-0.1, 0), (0, 1.1), (float("nan"), 1), (1, float("inf"))])
def test_a_likelihood_lies_between_0_and_1(likelihood: float, urgency: float) -> None:
    with pytest.raises(WarningWrong, match="from 0 to 1"):
        grade_of(likelihood, urgency)


def test_a_graver_warning_reaches_further_and_a_call_is_for_the_gravest() -> None:
    assert set(CHANNELS[Grade.HINT]) < set(CHANNELS[Grade.ALERT]) < set(CHANNELS[Grade.ALARM])
    assert [grade for grade in Grade if Channel.CALL in CHANNELS[grade]] == [Grade.ALARM]


@pytest.mark.parametrize("code", sorted(TYPOLOGIES))
@pytest.mark.parametrize("stage", Stage)
def test_for_every_typology_and_stage_a_warning_is_found(code: str, stage: Stage) -> None:
    found = choose_warning(TEMPLATES.warnings.values(), code, stage)
    assert found is not None
    exact = [each for each in TEMPLATES.warnings.values() if each.typology == code and stage in each.stages]
    assert found in exact or (not exact and found.typology == code)


def test_without_a_warning_of_the_typology_that_of_any_fraud_is_taken() -> None:
    others = [each for each in TEMPLATES.warnings.values() if each.typology == "OTHER"]
    found = choose_warning(others, "SEXT", Stage.LARGE_PAYMENT)
    assert found is not None
    assert Stage.LARGE_PAYMENT in found.stages
    assert choose_warning([TEMPLATES.warning("lure-police")], "SEXT", Stage.LARGE_PAYMENT) is None


def test_the_effect_is_by_template_with_its_uncertainty() -> None:
    counts = [WarningCount("b", 100, 50, 20), WarningCount("a", 10, 0, 0), WarningCount("b", 100, 30, 20)]
    a, b = effects_of(counts)
    assert (a.count.template, a.heeded) == ("a", None)
    assert a.seen is not None
    assert (a.seen.value, a.seen.low, round(a.seen.high, 4)) == (0, 0, 0.2775)
    assert b.count == WarningCount("b", 200, 80, 40)
    assert b.seen is not None
    assert b.heeded is not None
    assert (b.seen.value, b.heeded.value) == (0.4, 0.5)
    assert (round(b.heeded.low, 4), round(b.heeded.high, 4)) == (0.393, 0.607)
    assert share_of(0, 0) is None


@pytest.mark.parametrize("count", [WarningCount("x", 1, 2, 0), WarningCount("x", 2, 1, 2), WarningCount("x", 1, 1, -1)])
def test_more_cannot_be_heeded_than_seen_nor_seen_than_delivered(count: WarningCount) -> None:
    with pytest.raises(WarningWrong, match="does not hold"):
        effects_of([count])


def test_another_language_is_refused() -> None:
    with pytest.raises(WarningWrong, match="en or zh"):
        render_warning(TEMPLATES.warning("lure-police"), Grade.HINT, "fr")


def test_a_warning_that_no_pack_has_is_an_error_with_a_hint() -> None:
    with pytest.raises(WarningWrong, match="did you mean `lure-police`"):
        TEMPLATES.warning("lure-polise")


def test_hostile_templates_are_linted_in_bounded_time() -> None:
    for text in (
        "\n" * 1_000 + "x" + " open" * 190,
        "reply " * 330,
        "not " * 500,
        "a . " * 500,
        "点" * 2_000,
        "。c" * 1_000,
    ):
        for lang in ("en", "zh"):
            assert template_faults(text, lang)
