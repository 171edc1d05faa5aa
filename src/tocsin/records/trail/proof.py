"""Whether the audit log is still what was linked and anchored.

Receives acts, links and anchors. Gives what was proved and every place that is not as it was. Reads only what it is
given, once, in the order of the links; never repairs anything.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from tocsin.model.errors import NotCanonical
from tocsin.model.window import UNITS
from tocsin.records.trail.anchor import Anchor, SignedAnchor, TrustedKeys, check_anchor
from tocsin.records.trail.chain import BEGINNING, Link, Trace, link_hash

FAULT_LIMIT = 1_000
LATE_US = UNITS["d"]
"""How much later than the act an anchor may have been made before the act's link: anchors are made daily, after linking."""


class Fault(StrEnum):
    """How a place of the log is not as it was.

    `changed`: the act is not what was linked here. `relinked`: the act is, but the link's hash has been overwritten.
    `removed`: the act is gone. `gap`: links are gone. `repeated`: a place or an act is linked twice. `rewritten`: the
    chain holds together, but is not the one that was anchored. `cut`: the chain ends before an anchor. `backdated`: an
    act was linked after an anchor that is much younger than the act says it is. `anchor`: the anchor itself is wrong.
    """

    CHANGED = "changed"
    RELINKED = "relinked"
    REMOVED = "removed"
    GAP = "gap"
    REPEATED = "repeated"
    REWRITTEN = "rewritten"
    CUT = "cut"
    BACKDATED = "backdated"
    ANCHOR = "anchor"


class AuditFault(Struct, frozen=True):
    """One fault, at positions `first` to `last` of the chain; `entry` is the act's number, 0 where there is none."""

    kind: Fault
    first: int
    last: int
    entry: int
    text: str


class AuditProof(Struct, frozen=True, kw_only=True):
    """What a verification came to.

    `links` were looked at, up to `last`; `anchored` is the position up to which an anchor in order vouches for them.
    `waiting` acts have no link yet, which proves nothing of them. The first 1,000 `faults` are listed, `more` counts the
    rest.
    """

    links: int
    last: Link
    anchors: int
    anchored: int
    waiting: int
    faults: tuple[AuditFault, ...]
    more: int = 0

    @property
    def holds(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


def verify_chain(
    entries: Iterable[Trace], links: Iterable[Link], anchors: Sequence[SignedAnchor], keys: TrustedKeys
) -> AuditProof:
    """Proves a log that fits into memory. For a larger one, pass joined rows through a `ChainVerification`."""
    by_number = {trace.number: trace for trace in entries}
    verification = ChainVerification(anchors, keys)
    linked = set[int]()
    for link in sorted(links, key=lambda each: each.position):
        linked.add(link.entry)
        verification.add(link, by_number.get(link.entry))
    return verification.finish(waiting=len(by_number.keys() - linked))


class ChainVerification:
    """One pass over the links in the order of their positions."""

    def __init__(self, anchors: Sequence[SignedAnchor], keys: TrustedKeys) -> None:
        self._faults: list[AuditFault] = []
        self._more = self._links = 0
        self._seen = _Numbers()
        self._last = BEGINNING
        self._computed: bytes | None = BEGINNING.hash
        self._doubtful = False
        self._offered = len(anchors)
        self._anchors = deque(sorted(self._believed(anchors, keys), key=lambda each: each.position))
        self._anchored = self._examined = 0
        self._anchored_at: int | None = None
        self._vouch(BEGINNING)

    def add(self, link: Link, trace: Trace | None) -> None:
        """Looks at the next link, with its act (None where it is gone)."""
        self._links += 1
        expected = self._last.position + 1
        if not self._seen.add(link.entry) or link.position < expected:
            self._fault(Fault.REPEATED, link, "this place or this act is linked already")
        if link.position < expected:
            return
        if link.position == expected and trace is not None:
            self._prove(link, trace)
        else:
            self._settle(Fault.CHANGED)
            self._computed = None
        if link.position > expected:
            gap = AuditFault(Fault.GAP, expected, link.position - 1, 0, "links are gone; what follows them is unproved")
            self._note(gap)
        if trace is None:
            self._fault(Fault.REMOVED, link, "the act is gone")
        elif self._anchored_at is not None and self._anchored_at > trace.at + LATE_US:
            self._fault(Fault.BACKDATED, link, "linked after an anchor that is more than a day younger than the act")
        self._last = link
        self._vouch(link)

    def finish(self, waiting: int = 0) -> AuditProof:
        """What it came to; `waiting` counts the acts that have no link yet."""
        self._settle(Fault.CHANGED)
        first = self._last.position + 1
        for anchor in self._anchors:
            text = f"the chain ends before its anchor of {anchor.day}"
            self._note(AuditFault(Fault.CUT, first, anchor.position, 0, text))
        return AuditProof(
            links=self._links,
            last=self._last,
            anchors=self._offered,
            anchored=self._anchored,
            waiting=waiting,
            faults=tuple(self._faults),
            more=self._more,
        )

    def _prove(self, link: Link, trace: Trace) -> None:
        """The hash before counts as it is stored; only where nothing fits then, as it should have been."""
        found: bytes | None = None
        try:
            found = link_hash(self._last.hash, trace)
            if found != link.hash and self._computed and link_hash(self._computed, trace) == link.hash:
                self._settle(Fault.RELINKED)
                found = link.hash
        except NotCanonical:
            found = None
        self._settle(Fault.CHANGED)
        self._computed = found
        self._doubtful = found != link.hash

    def _settle(self, kind: Fault) -> None:
        """Says what is wrong with the last link, where something is; only what follows tells act and link apart."""
        if self._doubtful:
            self._fault(kind, self._last, _DOUBTS[kind])
        self._doubtful = False

    def _vouch(self, link: Link) -> None:
        """Holds the link against the anchors of its position; what an older position would show is a gap already."""
        should = self._computed or link.hash
        while self._anchors and self._anchors[0].position <= link.position:
            anchor = self._anchors.popleft()
            if anchor.position < link.position:
                continue
            if anchor.hash == should.hex() != link.hash.hex():
                self._settle(Fault.RELINKED)
            elif anchor.hash != link.hash.hex():
                text = f"the chain holds together, but is not the one that was anchored on {anchor.day}"
                self._note(AuditFault(Fault.REWRITTEN, self._examined + 1, link.position, 0, text))
                self._examined = link.position
                continue
            self._anchored = self._examined = link.position
            self._anchored_at = anchor.at

    def _believed(self, anchors: Sequence[SignedAnchor], keys: TrustedKeys) -> Iterator[Anchor]:
        """The anchors that are in order; a later one never stands at an earlier position."""
        highest = 0
        for signed in sorted(anchors, key=lambda each: each.anchor.at):
            anchor = signed.anchor
            wrong = check_anchor(signed, keys)
            if not wrong and anchor.position < highest:
                wrong = f"a younger anchor than one at position {highest}"
            if wrong:
                place = AuditFault(
                    Fault.ANCHOR, anchor.position, anchor.position, 0, f"anchor of {anchor.day}: {wrong}"
                )
                self._note(place)
            else:
                highest = anchor.position
                yield anchor

    def _fault(self, kind: Fault, link: Link, text: str) -> None:
        self._note(AuditFault(kind, link.position, link.position, link.entry, text))

    def _note(self, fault: AuditFault) -> None:
        if len(self._faults) < FAULT_LIMIT:
            self._faults.append(fault)
        else:
            self._more += 1


_DOUBTS = {
    Fault.CHANGED: "the act is not what was linked here",
    Fault.RELINKED: "the act is what was linked, but the link's hash has been overwritten",
}
_PAGE_BITS = 15


class _Numbers:
    """Which numbers have been seen: a bit for each, in pages, so that ten million take little more than a megabyte."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Takes a number; False where it is there already."""
        page = self._pages.get(number >> _PAGE_BITS)
        if page is None:
            page = self._pages[number >> _PAGE_BITS] = bytearray(1 << (_PAGE_BITS - 3))
        place, bit = number >> 3 & (len(page) - 1), 1 << (number & 7)
        fresh = not page[place] & bit
        page[place] |= bit
        return fresh
