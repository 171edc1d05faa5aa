"""Normal life: what a platform sees all day when nobody cheats.

Receives a Platform and the days. Gives events in its Diary, with the rhythm of day and week. Couriers call many
numbers, shops are paid by strangers, people lose phones and travel: all of this must not be taken for fraud.
"""

import math
from datetime import datetime, timedelta

from tocsin.app.demo import words
from tocsin.app.demo.platform import GOOD, Person, Platform

LOCAL = timedelta(hours=8)


def live(platform: Platform, days: int, events_a_day: int) -> None:
    """Writes all normal events of these days."""
    platform.diary.tell(GOOD, "")
    for day in range(days):
        weekend = (platform.start + timedelta(days=day)).weekday() >= 5
        for _ in range(int(events_a_day * (1.2 if weekend else 1.0))):
            at = platform.start + timedelta(days=day, seconds=_second_of_day(platform))
            _one(platform, at)
        _once_a_day(platform, platform.start + timedelta(days=day))


def _second_of_day(platform: Platform) -> float:
    """A UTC second of the day, drawn so that local nights are quiet and evenings busy."""
    while True:
        second = platform.draw.random() * 86_400
        hour = (second / 3_600 + LOCAL.total_seconds() / 3_600) % 24
        if platform.draw.random() < 0.08 + 0.92 * max(0.0, math.sin((hour - 6.5) / 17 * math.pi)) ** 0.7:
            return second


def _one(platform: Platform, at: datetime) -> None:
    draw, diary = platform.draw, platform.diary
    person = platform.people[min(int(draw.paretovariate(0.9) * 40) - 40, len(platform.people) - 1)]
    if draw.random() < 0.5:
        person = draw.choice(platform.people)
    if person.opened_at > at:
        return
    kind = draw.random()
    if kind < 0.38:
        diary.message(person, draw.choice(person.friends), at, draw.choice(words.SMALL_TALK))
    elif kind < 0.52:
        _shop(platform, person, at)
    elif kind < 0.64:
        diary.pay(
            person,
            draw.choice(person.friends),
            at,
            draw.lognormvariate(4.8, 1.2),
            note=f" {draw.choice(words.PURPOSES)}",
        )
    elif kind < 0.78:
        diary.login(person, at)
    elif kind < 0.88:
        _call(platform, person, draw.choice(person.friends), at)
    elif kind < 0.92:
        diary.write(
            "content.post", at, account=person.ref, kind="post", text=draw.choice(words.POSTS), device=person.device,
            ip=person.ip, account_age_days=person.age_days(at),
        )  # fmt: skip
    elif kind < 0.95:
        diary.write(
            "link.open", at, account=person.ref, url="url:https://news.example.com/a/1024", domain="domain:example.com",
            domain_age_days=9000, device=person.device, ip=person.ip,
        )  # fmt: skip
    else:
        _rare(platform, person, at)


def _shop(platform: Platform, person: Person, at: datetime) -> None:
    draw, diary = platform.draw, platform.diary
    shop = platform.shops[min(int(draw.paretovariate(1.1)) - 1, len(platform.shops) - 1)]
    if draw.random() < 0.25:
        diary.message(person, shop, at - timedelta(minutes=5), "有货吗？什么时候发货")
        diary.message(shop, person, at - timedelta(minutes=3), draw.choice(words.SHOP_TALK))
    diary.pay(person, shop, at, draw.lognormvariate(4.2, 1.0), note=" 货款")


def _call(platform: Platform, caller: Person, callee: Person, at: datetime) -> None:
    draw = platform.draw
    answered = draw.random() < 0.8
    platform.diary.write(
        "call.record", at, caller=caller.phone, callee=callee.phone, answered=answered,
        duration_s=int(draw.lognormvariate(4, 1)) if answered else 0, caller_device=caller.device, line_kind="ordinary",
        cell=f"c{draw.randrange(40)}", line_age_days=caller.age_days(at) + 200, international=False, roaming=False,
    )  # fmt: skip


def _rare(platform: Platform, person: Person, at: datetime) -> None:
    """New phones, travel, groups, listings, apps, registrations."""
    draw, diary = platform.draw, platform.diary
    kind = draw.random()
    if kind < 0.12:
        person.device = f"{person.device}n"
        diary.login(person, at, device_new=True)
    elif kind < 0.2:
        diary.login(person, at, country=draw.choice(["TH", "JP", "SG"]), method="face")
    elif kind < 0.45:
        group = f"group:{draw.randrange(60)}"
        diary.write(
            "group.join", at, account=person.ref, group=group, inviter=draw.choice(person.friends).ref,
            group_age_days=draw.randrange(10, 900), device=person.device,
        )  # fmt: skip
    elif kind < 0.62:
        diary.write(
            "listing.create", at, seller=person.ref, listing=f"listing:{draw.randrange(10**9)}", name=draw.choice(words.GOODS),
            text="九成新，同城可自提", price=round(draw.lognormvariate(4.5, 1), 2), currency="CNY", device=person.device,
            seller_age_days=person.age_days(at),
        )  # fmt: skip
    elif kind < 0.78:
        diary.write(
            "app.distribute", at, app=f"app:com.example.app{draw.randrange(200)}", account=person.ref, in_store=True,
            permissions=["CAMERA", "READ_SMS"] if draw.random() < 0.1 else ["CAMERA"], device=person.device,
        )  # fmt: skip
    else:
        new = platform.person(0, opened_at=at, friends=draw.sample(platform.people, 4), balance=500.0)
        platform.people.append(new)
        diary.write(
            "account.register", at, account=new.ref, device=new.device, ip=new.ip, phone=new.phone, phone_kind="ordinary",
            real_name_verified=draw.random() < 0.8, country="CN", emulator=False, channel="app",
        )  # fmt: skip


def _once_a_day(platform: Platform, day: datetime) -> None:
    """Salaries, couriers on their rounds, a call centre, notices from registered ports."""
    draw, diary = platform.draw, platform.diary
    employer = platform.shops[0]
    employer.balance = 10_000_000
    for person in platform.people[day.day :: 30]:
        diary.pay(
            employer,
            person,
            day + timedelta(hours=2, seconds=draw.random() * 3_600),
            draw.gauss(9_000, 2_500),
            note=" 工资",
        )
    for courier in platform.people[5:9]:
        for stop in range(60):
            at = day + timedelta(hours=1 + stop / 8, seconds=draw.random() * 300)
            diary.write(
                "call.record", at, caller=courier.phone, callee=draw.choice(platform.people).phone, answered=True,
                duration_s=draw.randrange(8, 40), caller_device=courier.device, cell=f"c{stop // 5}", line_age_days=900,
                line_kind="ordinary", international=False,
            )  # fmt: skip
    for number in range(80):
        at = day + timedelta(hours=1 + number / 10)
        diary.write(
            "sms.send", at, sender="phone:95500", recipient=draw.choice(platform.people).phone, text=draw.choice(words.SMS_PORT),
            line_kind="port", line_age_days=4000,
        )  # fmt: skip
