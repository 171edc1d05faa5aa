"""The people of the simulated platform and the log in which what they do is written.

Receives a seed. Gives accounts with homes, devices, friends and balances, and a Diary that labels each event. Never
reads a clock.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

Wire = dict[str, object]
GOOD = "good"


class LabelledEvent(Struct, frozen=True):
    """One event with what it truly is: `label` is "good" or a typology code, `story` and `stage` (S1..S9) are empty in normal life."""

    event: Wire
    label: str
    story: str
    stage: str


@dataclass
class Person:
    """An account and what stays the same about it."""

    ref: str
    device: str
    ip: str
    phone: str
    opened_at: datetime
    born: int
    balance: float
    country: str = "CN"
    friends: list["Person"] = field(default_factory=list)
    paid: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)

    def age_days(self, at: datetime) -> int:
        """Days since registration."""
        return max(0, (at - self.opened_at).days)


class Diary:
    """Writes events down, fills in what every event of a person carries, and labels them."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.events: list[tuple[datetime, LabelledEvent]] = []
        self._story: tuple[str, str] = (GOOD, "")

    def tell(self, label: str, story: str) -> None:
        """From here on, events belong to this story."""
        self._story = (label, story)

    def write(self, kind: str, at: datetime, stage: str = "", /, **fields: object) -> None:
        """Writes one event down."""
        label, story = self._story
        number = f"e{len(self.events):07d}"
        event: Wire = {"id": number, "type": kind, "time": at.isoformat().replace("+00:00", "Z"), "source": "demo"}
        event |= {name: value for name, value in fields.items() if value is not None}
        self.events.append((at, LabelledEvent(event, label, story, stage if label != GOOD else "")))

    def message(self, sender: Person, to: Person, at: datetime, text: str, stage: str = "") -> None:
        """A direct message."""
        first = to.ref not in sender.known
        self.write(
            "message.send",
            at,
            stage,
            sender=sender.ref,
            recipient=to.ref,
            text=text,
            device=sender.device,
            ip=sender.ip,
            country=sender.country,
            first_contact=first,
            recipient_replied=sender.ref in to.known,
            sender_age_days=sender.age_days(at),
        )
        sender.known.add(to.ref)

    def pay(self, sender: Person, payee: Person, at: datetime, amount: float, note: str = "") -> None:
        """A transfer, as far as the balance goes. `note` is the stage and, after a space, what the payer writes."""
        stage, _, purpose = note.partition(" ")
        amount = round(min(amount, sender.balance), 2)
        if amount < 1:
            return
        self.write(
            "payment.transfer",
            at,
            stage,
            sender=sender.ref,
            payee=payee.ref,
            amount=amount,
            currency="CNY",
            purpose=purpose or None,
            payee_age_days=payee.age_days(at),
            sender_age_days=sender.age_days(at),
            balance_before=round(sender.balance, 2),
            first_payment=payee.ref not in sender.paid,
            sender_birth_year=sender.born,
            device=sender.device,
            ip=sender.ip,
            country=sender.country,
        )
        sender.balance -= amount
        payee.balance += amount
        sender.paid.add(payee.ref)

    def login(self, person: Person, at: datetime, stage: str = "", **changes: object) -> None:
        """A sign-in; `changes` stand in place of the person's own device, address or country."""
        fields: Wire = {
            "account": person.ref,
            "device": person.device,
            "ip": person.ip,
            "country": person.country,
            "success": True,
            "method": "password",
            "device_new": False,
            "home_country": "CN",
            "account_age_days": person.age_days(at),
        }
        self.write("account.login", at, stage, **(fields | changes))


class Platform:
    """Everybody, made from a seed."""

    def __init__(self, seed: int, start: datetime, people: int) -> None:
        self.draw = random.Random(seed)
        self.start = start
        self.diary = Diary(seed + 1)
        self._made = 0
        self.people = [self.person(self.draw.randrange(20, 2500)) for _ in range(people)]
        self.shops = [self.person(self.draw.randrange(200, 3000)) for _ in range(people // 40)]
        for person in self.people:
            person.friends = self.draw.sample(self.people, 8)
            person.known |= {friend.ref for friend in person.friends}
            person.paid |= {friend.ref for friend in person.friends[:4]}
            for friend in person.friends:
                friend.known.add(person.ref)

    def person(self, age_days: int, **changes: object) -> Person:
        """A new account, opened so many days before the start."""
        self._made += 1
        number = self._made
        made = Person(
            ref=f"account:{number:05d}",
            device=f"device:{number:05d}",
            ip=f"ip:10.{number >> 8 & 255}.{number & 255}.{self.draw.randrange(1, 250)}",
            phone=f"phone:+86139{number:08d}",
            opened_at=self.start - timedelta(days=age_days),
            born=int(self.draw.triangular(1940, 2008, 1992)),
            balance=round(self.draw.lognormvariate(8.6, 1.1), 2),
        )
        for name, value in changes.items():
            setattr(made, name, value)
        return made
