"""Which act does what was owed.

Receives a duty, or a policy of the platform, and the event from which its clock runs. Gives the acts of the loop that meet
the clock: they follow from the records that prove the duty, which is data of the packs.
"""

from tocsin.cases.clocks.receipt import EVENTS
from tocsin.rulebook.duties.duty import Duty

CONFIRMED, LIFTED, NOTICED = "measure.confirmed", "measure.lifted", "notice.delivered"
DECIDED, ANSWERED, CLOSED, EXPORTED = "appeal.decided", "case.answered", "case.closed", "statement.exported"

PROVED_BY: dict[str, str] = {
    **dict.fromkeys(("measure", "listing", "payment_hold", "advert_record"), CONFIRMED),
    "restoration": LIFTED,
    **dict.fromkeys(("notice", "delivery", "statement_of_reasons", "consumer_notice"), NOTICED),
    **dict.fromkeys(("appeal", "review", "dispute"), DECIDED),
    "report": ANSWERED,
    "transparency_receipt": EXPORTED,
}
"""The act that makes each record which proves a duty. What is not here is proved by what lies outside the loop: somebody
says that it is done.
"""

_DONE_WITH = {
    "measure.ordered": NOTICED,
    "appeal.received": DECIDED,
    "appeal.upheld": LIFTED,
    "appeal.decided": NOTICED,
    "statement.issued": EXPORTED,
}
"""Events after which one thing is owed, whatever else proves the duty."""


def acts_that_meet(event: str, duty: Duty | None = None) -> frozenset[str]:
    """The acts that meet a clock which runs from an event.

    A case that is closed has nothing owed in it, so its end meets whatever came in with it.

    >>> sorted(acts_that_meet("appeal.received"))
    ['appeal.decided']
    """
    if event in _DONE_WITH:
        return frozenset({_DONE_WITH[event]})
    found = {PROVED_BY[record] for record in (duty.evidence if duty else ()) if record in PROVED_BY}
    return frozenset({*found, CLOSED} if event in EVENTS or event.startswith("case.") else found)
