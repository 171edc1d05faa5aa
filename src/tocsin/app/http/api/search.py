"""What a search for decisions asks for.

Receives a request's query. Gives a checked Search, and the parameters for the OpenAPI document from the same table.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from msgspec import Meta, Struct

from tocsin.app.http.api.time import micros
from tocsin.app.http.problem import Refusal
from tocsin.history.history import Filter
from tocsin.model.entity import ENTITY_LIMIT

PAGE = 50
MOST = 500
CURSOR = r"^[0-9]{1,18}$"

Text = Annotated[str, Meta(max_length=ENTITY_LIMIT)]


class Search(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Filters are combined; `since` is inclusive and `until` exclusive, over event time."""

    limit: Annotated[int, Meta(ge=1, le=MOST)] = PAGE
    cursor: Annotated[str, Meta(pattern=CURSOR)] | None = None
    outcome: Text = ""
    type: Text = ""
    rule: Text = ""
    entity: Text = ""
    since: Text | None = None
    until: Text | None = None

    @property
    def filter(self) -> Filter:
        """What the history is asked.

        Raises:
            Refusal: a time is none, or has no zone.
        """
        return Filter(
            outcome=self.outcome,
            type=self.type,
            rule=self.rule,
            entity=self.entity,
            since=_micros("since", self.since),
            until=_micros("until", self.until),
        )


def read_search(request: Request[Any, Any, Any]) -> Search:
    """The search of a request.

    Raises:
        Refusal: a parameter is unknown or wrong.
    """
    try:
        return msgspec.convert(dict(request.query_params), Search, strict=False)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise Refusal(400, "invalid", reason, field=place.rstrip("`")) from None


def _micros(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else micros(msgspec.convert(text, datetime))
    except msgspec.ValidationError:
        raise Refusal(400, "invalid", "expected RFC 3339, such as 2026-01-15T12:00:00Z", field=name) from None


def search_parameters() -> list[Parameter]:
    """The same for the OpenAPI document."""
    text = Schema(type=OpenAPIType.STRING, max_length=ENTITY_LIMIT)
    time = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
    shapes: Mapping[str, Schema] = {
        "limit": Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=MOST, default=PAGE),
        "cursor": Schema(type=OpenAPIType.STRING, pattern=CURSOR),
        **dict.fromkeys(("outcome", "type", "rule", "entity"), text),
        **dict.fromkeys(("since", "until"), time),
    }
    assert set(shapes) == set(Search.__struct_fields__)
    return [Parameter(name=name, param_in="query", schema=shape) for name, shape in shapes.items()]
