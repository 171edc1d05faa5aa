"""The workload by hand: what a good engineer would write in plain Python, and what every other engine is compared with."""

import re
from bisect import bisect_right
from collections import defaultdict, deque
from typing import Any

Wire = dict[str, Any]
LINKED = re.compile(r"(verify|code|account).*http")
FEATURES = ("cnt_1h", "dcp_24h", "sum_24h", "xfer_10m", "users_dev_24h", "senders_cp_24h")


def rules_by_hand(e: Wire) -> list[str]:
    """The names of the rules that hold, in order."""
    hits = []
    user, device, ip, other = e["user"], e["device"], e["ip"], e["counterparty"]
    kind, amount, text, urls = e["type"], e["amount"], e["text"], e["urls"]
    transfer = kind == "transfer"
    if transfer and amount > 5000.0:
        hits.append("r01")
    if transfer and amount > 1000.0 and user["age_days"] < 7:
        hits.append("r02")
    if user["kyc"] == 0 and amount > 500.0:
        hits.append("r03")
    if device["emulator"] or device["rooted"]:
        hits.append("r04")
    if ip["country"] != user["country"]:
        hits.append("r05")
    if ip["country"] in ("MM", "KH", "PH"):
        hits.append("r06")
    if ip["vpn"] and user["age_days"] < 30:
        hits.append("r07")
    if kind == "message" and urls > 0 and user["age_days"] < 30:
        hits.append("r08")
    if kind == "message" and "guarantee" in text and "profit" in text:
        hits.append("r09")
    if "refund" in text and not other["known"]:
        hits.append("r10")
    if LINKED.search(text) is not None:
        hits.append("r11")
    if other["age_days"] < 3 and amount > 300.0:
        hits.append("r12")
    if e["hour"] in (0, 1, 2, 3, 4, 5) and amount > 800.0:
        hits.append("r13")
    if user["reports"] >= 3:
        hits.append("r14")
    if user["role"] == "merchant" and user["reports"] > 0 and amount < 50.0 and transfer:
        hits.append("r15")
    if not user["phone_verified"] and (urls > 0 or amount > 1000.0):
        hits.append("r16")
    if device["os"] == "win" and e["channel"] == "api":
        hits.append("r17")
    if "police" in text and ("transfer" in text or "account" in text):
        hits.append("r18")
    if amount / (user["age_days"] + 1) > 200.0:
        hits.append("r19")
    if (ip["asn"] >= 1380 or ip["vpn"]) and not other["known"] and transfer:
        hits.append("r20")
    return hits


class Deque:
    """One sliding window over one key: entries, a running sum, and counts by value for the distinct."""

    __slots__ = ("counts", "entries", "total")

    def __init__(self) -> None:
        self.entries: deque[tuple[float, Any]] = deque()
        self.counts: dict[Any, int] = {}
        self.total = 0

    def drop(self, until: float) -> None:
        entries, counts = self.entries, self.counts
        while entries and entries[0][0] <= until:
            _, value = entries.popleft()
            if isinstance(value, int):
                self.total -= value
            elif counts[value] == 1:
                del counts[value]
            else:
                counts[value] -= 1

    def add(self, at: float, value: Any) -> None:
        self.entries.append((at, value))
        if isinstance(value, int):
            self.total += value
        else:
            self.counts[value] = self.counts.get(value, 0) + 1


class DequeWindows:
    """The six windows with a deque and a dict for each key. Amounts are whole cents of cents, so sums are exact."""

    def __init__(self) -> None:
        self.windows: list[defaultdict[str, Deque]] = [defaultdict(Deque) for _ in FEATURES]

    def step(self, e: Wire) -> tuple[int, int, int, int, int, int]:
        at, user, device, other = e["ts"], e["user"]["id"], e["device"]["id"], e["counterparty"]["id"]
        w = self.windows
        hour, parties, total = w[0][user], w[1][user], w[2][user]
        recent, people, payers = w[3][user], w[4][device], w[5][other]
        hour.drop(at - 3_600)
        recent.drop(at - 600)
        for window in (parties, total, people, payers):
            window.drop(at - 86_400)
        values = (
            len(hour.entries),
            len(parties.counts),
            total.total,
            len(recent.entries),
            len(people.counts),
            len(payers.counts),
        )
        hour.add(at, 0)
        parties.add(at, other)
        total.add(at, round(e["amount"] * 10_000))
        if e["type"] == "transfer":
            recent.add(at, 0)
        people.add(at, user)
        payers.add(at, user)
        return values


class SortedWindows:
    """The same six windows, written so simply that they are plainly right: lists by key, counted anew each time."""

    def __init__(self) -> None:
        self.log: defaultdict[str, list[tuple[float, str, str, int, bool]]] = defaultdict(list)

    def step(self, e: Wire) -> tuple[int, int, int, int, int, int]:
        at, user, other = e["ts"], e["user"]["id"], e["counterparty"]["id"]
        keys = {"u": f"u {user}", "d": f"d {e['device']['id']}", "c": f"c {other}"}
        seen = {name: self._within(key, at, 86_400) for name, key in keys.items()}
        values = (
            len(self._within(keys["u"], at, 3_600)),
            len({entry[2] for entry in seen["u"]}),
            sum(entry[3] for entry in seen["u"]),
            sum(entry[4] for entry in self._within(keys["u"], at, 600)),
            len({entry[1] for entry in seen["d"]}),
            len({entry[1] for entry in seen["c"]}),
        )
        for key in keys.values():
            self.log[key].append((at, user, other, round(e["amount"] * 10_000), e["type"] == "transfer"))
        return values

    def _within(self, key: str, at: float, span: float) -> list[tuple[float, str, str, int, bool]]:
        entries = self.log[key]
        return entries[bisect_right(entries, at - span, key=lambda entry: entry[0]) :]
