"""Stories of those who supply fraud: accounts, lines, goods, and stolen access."""

from datetime import datetime, timedelta
from itertools import pairwise

from tocsin.app.demo.platform import Platform


def takeover(platform: Platform, at: datetime, careful: bool) -> None:
    """PHISH into LEADER: a phished account asks its friends for money."""
    diary, draw = platform.diary, platform.draw
    owner, mule = draw.choice(platform.people[:300]), platform.person(14)
    owner.balance = max(owner.balance, 8_000)
    diary.write(
        "link.open", at, "S4", account=owner.ref, url="url:https://login.veriify.example/", domain="domain:veriify.example",
        domain_age_days=2, device=owner.device,
    )  # fmt: skip
    stolen = {"device": f"device:thief{draw.randrange(10**6)}", "ip": "ip:203.0.113.77"}
    for number in range(0 if careful else 9):
        diary.login(owner, at + timedelta(minutes=20 + number), "S4", success=False, **stolen)
    country = "CN" if careful else "KH"
    diary.login(owner, at + timedelta(minutes=40), "S4", device_new=True, country=country, **stolen)
    if not careful:
        diary.write(
            "account.update", at + timedelta(minutes=44), "S4", account=owner.ref, change="phone", device=stolen["device"],
            device_new=True, account_age_days=owner.age_days(at),
        )  # fmt: skip
    for friend in owner.friends[:4]:
        diary.message(owner, friend, at + timedelta(minutes=50), "在忙吗，帮我转一笔急用，晚上还你", "S2")
    for friend in owner.friends[:2]:
        friend.balance = max(friend.balance, 6_000)
        diary.pay(friend, mule, at + timedelta(minutes=70), 3_000, "S6")
    diary.pay(owner, mule, at + timedelta(minutes=55), owner.balance * 0.95, "S6")


def mules(platform: Platform, at: datetime, careful: bool) -> None:
    """AIDING: rented accounts collect and pass on."""
    diary, draw = platform.diary, platform.draw
    chain = [platform.person(draw.randrange(5, 40)) for _ in range(3)]
    payers = draw.sample(platform.people, 5 if careful else 14)
    for number, payer in enumerate(payers):
        payer.balance = max(payer.balance, 9_000)
        amount = 700 if careful else draw.choice([2_000, 3_000, 5_000])
        diary.pay(payer, chain[0], at + timedelta(minutes=(70 if careful else 6) * number), amount, "S8")
    for source, target in pairwise(chain):
        for part in (0.5, 0.95):
            diary.pay(source, target, at + timedelta(hours=3, minutes=int(part * 10)), source.balance * part, "S8")


def farm(platform: Platform, at: datetime, careful: bool) -> None:
    """AIDING: a farm registers accounts to sell."""
    diary = platform.diary
    for number in range(3 if careful else 24):
        new = platform.person(0, opened_at=at)
        device = f"device:farm{number if careful else number // 8}"
        diary.write(
            "account.register", at + timedelta(minutes=2 * number), "S8", account=new.ref, device=device, phone=new.phone,
            ip=new.ip if careful else "ip:198.51.100.9", phone_kind="virtual", real_name_verified=False, emulator=not careful,
        )  # fmt: skip


def sim_box(platform: Platform, at: datetime, careful: bool) -> None:
    """POLICE by machine: a SIM box calls, and a few answer for long."""
    diary, draw = platform.diary, platform.draw
    lines = [platform.person(3) for _ in range(6)]
    for number in range(20 if careful else 160):
        line = lines[number % 6] if careful else lines[number // 30]
        answered = draw.random() < 0.3
        diary.write(
            "call.record", at + timedelta(seconds=(300 if careful else 55) * number), "S1", caller=line.phone,
            callee=draw.choice(platform.people).phone, answered=answered, duration_s=draw.randrange(2, 30) if answered else 0,
            caller_device=line.device if careful else "device:goip", cell="c7", line_age_days=3, line_kind="ordinary",
        )  # fmt: skip


def bulk_sms(platform: Platform, at: datetime, careful: bool) -> None:
    """PHISH: a text that poses as the health insurance."""
    diary, draw = platform.diary, platform.draw
    sender = platform.person(5)
    for number in range(6 if careful else 60):
        to = draw.choice(platform.people)
        text = (
            f"积分即将到期 https://jf.example.top/{number}"
            if careful
            else "您的医保卡已停用，请点 https://yb.example.top/r 认证"
        )
        diary.write(
            "sms.send", at + timedelta(seconds=20 * number), "S1", sender=sender.phone, recipient=to.phone, text=text,
            sender_device=sender.device, line_age_days=5, line_kind="ordinary",
        )  # fmt: skip
        if draw.random() < 0.2:
            diary.write(
                "link.open", at + timedelta(minutes=3, seconds=20 * number), "S4", account=to.ref, domain_age_days=1,
                url="url:https://yb.example.top/r", domain="domain:example.top", device=to.device,
            )  # fmt: skip


def cards(platform: Platform, at: datetime, careful: bool) -> None:
    """CARDS: phone cards and tools offered as goods."""
    diary, draw = platform.diary, platform.draw
    names = (
        ("流量靓卡 懂的来", "设备出租 联系详谈")
        if careful
        else ("免实名电话卡 批发", "GOIP 32口 猫池设备", "微信老号批发 稳定")
    )
    for number, name in enumerate(names):
        seller = platform.person(4)
        diary.write(
            "listing.create", at + timedelta(minutes=9 * number), "S8", seller=seller.ref, name=name, price=99.0,
            listing=f"listing:c{draw.randrange(10**9)}", text="量大从优", seller_age_days=4, device=seller.device,
        )  # fmt: skip


def game(platform: Platform, at: datetime, careful: bool) -> None:
    """GAME: a game account sold below value, paid outside, never handed over."""
    diary, draw = platform.diary, platform.draw
    seller = platform.person(11)
    for victim in draw.sample(platform.people, 2 if careful else 5):
        victim.balance = max(victim.balance, 3_000)
        diary.message(victim, seller, at + timedelta(minutes=draw.randrange(200)), "号还在吗", "S1")
        text = "在的，平台手续费高，直接转" if careful else "加我微信，直接转便宜200"
        diary.message(seller, victim, at + timedelta(minutes=draw.randrange(200, 260)), text, "S3")
        diary.pay(victim, seller, at + timedelta(minutes=draw.randrange(280, 400)), 1_200, "S6 游戏号")
