"""Second looks over HTTP: how often the second person found what the first did."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from msgspec import Struct

from tocsin.app.http.api.injected import Served
from tocsin.cases.review import Agreement, agreement_of
from tocsin.measures.warnings.effect import Share, share_of

DAY_US = 86_400_000_000
Days = Annotated[int, QueryParameter(ge=1, le=3_650)]


class ReviewView(Struct, frozen=True):
    """The second looks of one queue. `agreement` is the share of the sampled ones in which both agreed, with its interval of
    95 %; null where there were none. `share` is the part of the queue's cases that is sampled.
    """

    counts: Agreement
    share: float
    agreement: Share | None


@get("/v1/queues/review", tags=["cases"], summary="How second looks came out", sync_to_thread=True)
def reviews(service: Served, days: Days = 90) -> list[ReviewView]:
    """Of the last days, by queue."""
    shares = service.settings.review_share
    with service.records.session() as session:
        found = agreement_of(session, service.clock() - days * DAY_US)
    return [
        ReviewView(each, shares.get(each.queue, shares.get("*", 0.0)), share_of(each.sampled_agreed, each.sampled))
        for each in found
    ]
