"""Stories that end in a payment by the victim."""

from datetime import datetime, timedelta

from tocsin.app.demo.platform import Person, Platform


def _victim(platform: Platform, least: float = 20_000, old: bool = False) -> Person:
    draw = platform.draw
    victim = draw.choice([p for p in platform.people[: len(platform.people) // 2] if not old or p.born < 1960])
    victim.balance = max(victim.balance, least * (1 + draw.random()))
    return victim


def _minutes(platform: Platform, low: float, high: float) -> timedelta:
    return timedelta(minutes=platform.draw.uniform(low, high))


def brushing(platform: Platform, at: datetime, careful: bool) -> None:
    """BRUSH: small tasks that pay, then deposits that do not come back."""
    diary, draw = platform.diary, platform.draw
    teller, mule = platform.person(3), platform.person(6)
    mule.balance = 3_000
    for _ in range(4 if careful else 25):
        text = (
            "兼职，时间自由，了解一下吗"
            if careful
            else draw.choice(["点赞关注就能赚佣金，日结", "手机做任务轻松返现，一单5元"])
        )
        diary.message(teller, draw.choice(platform.people), at + _minutes(platform, 0, 50), text, "S1")
    for number in range(2 if careful else 9):
        victim = _victim(platform, 6_000)
        began = at + timedelta(hours=2) + _minutes(platform, 0, 300)
        diary.message(teller, victim, began, "先做三单试试，本金马上返", "S2")
        diary.pay(mule, victim, began + _minutes(platform, 5, 20), 12.0, "S5")
        diary.pay(victim, mule, began + _minutes(platform, 30, 60), 300 if number % 2 else 500, "S6")
        diary.pay(victim, mule, began + _minutes(platform, 70, 140), draw.choice([1_888, 3_888]), "S6 垫付任务单")
    cash = platform.person(40)
    diary.pay(mule, cash, at + timedelta(hours=8), mule.balance * 0.95, "S8")


def customer_service(platform: Platform, at: datetime, careful: bool) -> None:
    """CSREF: a lost parcel, a shared screen, an emptied account."""
    diary = platform.diary
    victim, mule, line = _victim(platform, 30_000), platform.person(15), platform.person(8)
    diary.write(
        "call.record", at, "S1", caller=line.phone, callee=victim.phone, answered=True, duration_s=400, line_kind="virtual",
        caller_device=line.device, line_age_days=8, international=not careful, roaming=False,
    )  # fmt: skip
    text = "刚才电话里的客服，这边帮您登记一下" if careful else "您的快递丢失，请配合客服办理理赔退款"
    diary.message(line, victim, at + timedelta(minutes=8), text, "S2")
    diary.write(
        "app.distribute", at + timedelta(minutes=15), "S4", app="app:com.meeting.share", account=victim.ref, in_store=careful,
        signer="f00d", permissions=["MEDIA_PROJECTION"], label="云会议", device=victim.device,
    )  # fmt: skip
    diary.pay(victim, mule, at + timedelta(minutes=30), victim.balance * (0.3 if careful else 0.9), "S6")
    diary.pay(victim, mule, at + timedelta(minutes=36), victim.balance * 0.9, "S6")
    diary.pay(mule, platform.person(60), at + timedelta(minutes=41), mule.balance * 0.97, "S8")


def police(platform: Platform, at: datetime, careful: bool) -> None:
    """POLICE: a case against you, a safe account, the savings of an elderly person."""
    diary = platform.diary
    victim, line, mule = _victim(platform, 120_000, old=True), platform.person(4), platform.person(20)
    diary.write(
        "call.record", at, "S1", caller=line.phone, callee=victim.phone, answered=True, duration_s=1_800, line_kind="ordinary",
        caller_device=line.device, line_age_days=4, international=not careful, roaming=False,
    )  # fmt: skip
    texts = (
        ("请保持在线", "案件保密")
        if careful
        else ("我是刑侦支队警官，您涉嫌洗钱，请配合调查", "资金须转入安全账户清查")
    )
    for number, text in enumerate(texts):
        diary.message(line, victim, at + timedelta(minutes=35 + 5 * number), text, "S2")
    for number in range(3):
        share = 49_800 if careful else victim.balance * 0.6
        diary.pay(victim, mule, at + timedelta(hours=2 + number), share, "S6" if careful else "S6 安全账户")
    diary.message(line, victim, at + timedelta(hours=9), "还需缴纳解冻保证金", "S7")


def investment(platform: Platform, at: datetime, careful: bool) -> None:
    """INVEST: a group with a teacher, a first gain, a platform that never pays out."""
    diary, draw = platform.diary, platform.draw
    teacher, mule, group = platform.person(30), platform.person(25), f"group:inv{draw.randrange(10**6)}"
    pulled = draw.sample(platform.people, 8 if careful else 30)
    for number, person in enumerate(pulled):
        diary.write(
            "group.join", at + timedelta(minutes=(9 if careful else 1) * number), "S1", account=person.ref, group=group,
            inviter=teacher.ref, group_age_days=2,
        )  # fmt: skip
    for person in pulled[:6]:
        text = "群里每天都有行情，先看看" if careful else "老师带单投资，稳赚不赔，收益每天结"
        diary.message(teacher, person, at + timedelta(hours=2) + _minutes(platform, 0, 60), text, "S2")
        diary.write(
            "link.open", at + timedelta(hours=3) + _minutes(platform, 0, 50), "S4", account=person.ref, sent_by=teacher.ref,
            url="url:https://trade.gold-winner.example/app", domain="domain:gold-winner.example", domain_age_days=6,
        )  # fmt: skip
    for person in pulled[:4]:
        person.balance = max(person.balance, 60_000)
        diary.pay(person, mule, at + timedelta(days=1) + _minutes(platform, 0, 300), 2_000, "S5")
        diary.pay(mule, person, at + timedelta(days=1, hours=6), 2_300, "S5")
        diary.pay(person, mule, at + timedelta(days=2) + _minutes(platform, 0, 300), person.balance * 0.85, "S6")


def loan(platform: Platform, at: datetime, careful: bool) -> None:
    """LOAN: approved at once, frozen at once, a fee to unfreeze."""
    diary = platform.diary
    victim, teller, mule = _victim(platform, 9_000), platform.person(10), platform.person(12)
    text = "您的申请已通过，请看材料" if careful else "贷款已批5万额度，放款前需交保证金"
    diary.message(teller, victim, at, text, "S1")
    diary.pay(victim, mule, at + timedelta(hours=1), 1_500, "S6" if careful else "S6 保证金")
    diary.message(teller, victim, at + timedelta(hours=2), "卡号填错，账户已冻结，请缴解冻费", "S7")
    diary.pay(victim, mule, at + timedelta(hours=3), 4_000, "S7" if careful else "S7 解冻保证金")


def romance(platform: Platform, at: datetime, careful: bool) -> None:
    """ROMINV: weeks of friendship shortened to days, then a sure thing."""
    diary = platform.diary
    victim, lover, mule = _victim(platform, 80_000), platform.person(70), platform.person(50)
    for day in range(3):
        for text in ("早安，昨晚睡得好吗", "今天想你了", "我舅舅在交易所上班"):
            diary.message(lover, victim, at + timedelta(days=day, hours=2) + _minutes(platform, 0, 500), text, "S2")
            victim.known.add(lover.ref)
    if not careful:
        diary.message(lover, victim, at + timedelta(days=2, hours=12), "加我微信，带你看内幕，收益翻倍", "S3")
    diary.pay(victim, mule, at + timedelta(days=3), 1_000, "S5")
    diary.pay(victim, mule, at + timedelta(days=3, hours=8), victim.balance * 0.9, "S6")


def sextortion(platform: Platform, at: datetime, careful: bool) -> None:
    """SEXT: a video call, an app that copies the contacts, a price for silence."""
    diary = platform.diary
    victim, teller, mule = _victim(platform, 15_000), platform.person(2), platform.person(9)
    diary.message(teller, victim, at, "在吗，加我微信视频聊" if not careful else "在吗", "S1")
    diary.write(
        "app.distribute", at + timedelta(minutes=20), "S4", app="app:com.night.live", account=victim.ref, in_store=False,
        signer="beef", permissions=["READ_CONTACTS", "READ_SMS"], device=victim.device,
    )  # fmt: skip
    for number in range(3):
        diary.pay(victim, mule, at + timedelta(minutes=50 + 25 * number), 2_000 + 1_000 * number, "S6")
