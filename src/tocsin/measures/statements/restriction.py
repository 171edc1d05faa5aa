"""What a measure restricts, in the words of Art 17(1) of the Digital Services Act.

Receives a kind of measure, a function and a kind of subject. Gives the restriction of visibility, of payments, of the
service or of the account. A measure that restricts nothing, such as a warning, has no statement.
"""

from msgspec import Struct

from tocsin.model.errors import StatementWrong

PERSONS = frozenset({"account", "seller", "phone", "line", "cell", "device"})
PAYING = frozenset({"collect_payment", "receive_payment", "send_payment", "pay"})

_SUSPENDED = "DECISION_MONETARY_SUSPENSION"
_PARTIAL = "DECISION_PROVISION_PARTIAL_SUSPENSION"


class Restriction(Struct, frozen=True, kw_only=True):
    """A restriction as the database names it. `told` says it in a few plain words."""

    told: str
    visibility: tuple[str, ...] = ()
    monetary: str | None = None
    provision: str | None = None
    account: str | None = None


_OF_KIND: dict[str, Restriction] = {
    "label": Restriction(told="the content was labelled", visibility=("DECISION_VISIBILITY_CONTENT_LABELLED",)),
    "take_down": Restriction(told="the content was removed", visibility=("DECISION_VISIBILITY_CONTENT_REMOVED",)),
    "delist": Restriction(
        told="the content is no longer shown in search and lists", visibility=("DECISION_VISIBILITY_CONTENT_DEMOTED",)
    ),
    "block_indicator": Restriction(
        told="access to the content was disabled", visibility=("DECISION_VISIBILITY_CONTENT_DISABLED",)
    ),
    "reverify": Restriction(told="part of the service waits for a new identity check", provision=_PARTIAL),
    "cool_off": Restriction(told="part of the service waits for a short time", provision=_PARTIAL),
    "hold_payment": Restriction(told="a payment was put on hold", monetary=_SUSPENDED),
    "suspend": Restriction(told="the account was suspended", account="DECISION_ACCOUNT_SUSPENDED"),
    "close": Restriction(told="the account was closed", account="DECISION_ACCOUNT_TERMINATED"),
    "bar": Restriction(
        told="the account was closed and no new one may be opened",
        account="DECISION_ACCOUNT_TERMINATED",
        provision="DECISION_PROVISION_TOTAL_TERMINATION",
    ),
}
_OF_SHARED: dict[str, Restriction] = {
    "suspend": Restriction(told="access was disabled", visibility=("DECISION_VISIBILITY_CONTENT_DISABLED",)),
    "close": Restriction(told="it was removed", visibility=("DECISION_VISIBILITY_CONTENT_REMOVED",)),
}
"""The same on what is no account, such as a group."""


def restriction_of(measure: str, function: str, subject_kind: str) -> Restriction:
    """What a measure restricts.

    Raises:
        StatementWrong: it restricts nothing that is to be published.
    """
    if measure == "limit":
        if function in PAYING:
            return Restriction(told="a payment function was suspended", monetary=_SUSPENDED)
        return Restriction(told="one function of the service was suspended", provision=_PARTIAL)
    if measure in _OF_SHARED and subject_kind not in PERSONS:
        return _OF_SHARED[measure]
    found = _OF_KIND.get(measure)
    if found is None:
        raise StatementWrong([("measure", f"`{measure[:40]}` restricts nothing, so there is nothing to publish")])
    return found


def needs_statement(measure: str) -> bool:
    """Whether a measure restricts something that is to be published.

    >>> needs_statement("take_down"), needs_statement("warn")
    (True, False)
    """
    return measure == "limit" or measure in _OF_KIND
