"""The OpenAPI document of the quick lanes.

Receives the document that Litestar makes of the other routes. Gives it with the two lanes, examples and problems.
"""

from dataclasses import replace
from typing import Any

from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from tocsin.app.http.api.search import search_parameters
from tocsin.model.event_type import EventType, EventTypes
from tocsin.model.outcome import OUTCOMES
from tocsin.model.value import ValueType

EXAMPLE = {
    "id": "t-1001",
    "type": "payment.transfer",
    "time": "2026-01-15T12:00:00Z",
    "sender": "account:1",
    "payee": "account:2",
    "amount": 2000,
}
DECISION = {
    "event_id": "t-1001",
    "outcome": "allow",
    "score": 0.0,
    "fired": [],
    "shadow": [],
    "packs": {"payments": "bd0b41d5442cc5a46d10622e6a115a8f"},
    "took_us": 11.2,
}
STATUSES = {
    "400": "Not readable",
    "401": "No key in force",
    "403": "The key may not do this",
    "404": "Not there",
    "405": "Not a method of this path",
    "408": "Too slow",
    "409": "Not possible as things stand",
    "413": "Too large",
    "415": "Not a media type that is taken",
    "422": "A field is wrong, or an Idempotency-Key was used with another body",
    "429": "Too many events",
    "503": "Not ready, or the disk is full; try again after Retry-After",
}
_SHAPES: dict[ValueType, dict[str, Any]] = {
    ValueType.BOOL: {"type": OpenAPIType.BOOLEAN},
    ValueType.INT: {"type": OpenAPIType.INTEGER},
    ValueType.DECIMAL: {"type": OpenAPIType.NUMBER},
    ValueType.STRING: {"type": OpenAPIType.STRING},
    ValueType.TIMESTAMP: {"type": OpenAPIType.STRING, "format": OpenAPIFormat.DATE_TIME},
    ValueType.DURATION: {"type": OpenAPIType.NUMBER},
    ValueType.STRINGS: {"type": OpenAPIType.ARRAY, "items": Schema(type=OpenAPIType.STRING)},
}


def make_components() -> Components:
    """How a caller shows who it is."""
    bearer = SecurityScheme(type="http", scheme="bearer", description="A key of `tocsin keys new`.")
    return Components(security_schemes={"key": bearer})


def _shared_schemas() -> dict[str, Schema]:
    text, number = Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.INTEGER)
    problem = Schema(
        type=OpenAPIType.OBJECT,
        required=["type", "title", "status", "detail", "code", "request_id"],
        properties={
            "type": text, "title": text, "status": number, "detail": text, "code": text, "request_id": text, "field": text
        },
    )  # fmt: skip
    decision = Schema(
        type=OpenAPIType.OBJECT,
        required=["event_id", "outcome"],
        properties={
            "event_id": text,
            "outcome": Schema(type=OpenAPIType.STRING, enum=[str(each) for each in OUTCOMES]),
            "score": Schema(type=OpenAPIType.NUMBER, minimum=0, maximum=100),
            "fired": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT)),
            "shadow": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT)),
            "features": Schema(type=OpenAPIType.OBJECT),
            "unavailable": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT)),
            "packs": Schema(type=OpenAPIType.OBJECT),
            "took_us": Schema(type=OpenAPIType.NUMBER),
            "test": Schema(type=OpenAPIType.BOOLEAN, description="True where a test key asked: a test value's answer."),
        },
    )
    return {"Problem": problem, "Decision": decision}


def add_lanes(document: OpenAPI, types: EventTypes) -> None:
    """Puts the quick lanes into the document, with a schema for each event type."""
    assert document.components.schemas is not None
    assert document.paths is not None
    document.components.schemas.update(_shared_schemas())
    for name, event_type in types.items():
        document.components.schemas[f"event.{name}"] = event_schema(event_type)
    event = Schema(one_of=[Reference(ref=f"#/components/schemas/event.{name}") for name in types])
    single = Operation(
        operation_id="decide",
        tags=["decisions"],
        summary="Decide one event",
        description="Answered when event and decision are on the disk. The same event id gets the same answer.",
        parameters=[_request_key()],
        request_body=_body({"application/json": event}, EXAMPLE),
        responses=_responses(Reference(ref="#/components/schemas/Decision"), DECISION),
    )
    many = Operation(
        operation_id="takeEvents",
        tags=["decisions"],
        summary="Take up to 1,000 events",
        description="Rejected events are named with their place; the others are taken.",
        parameters=[
            _request_key(),
            Parameter(
                name="decisions", param_in="query", schema=Schema(type=OpenAPIType.BOOLEAN), description="Answer them."
            ),
        ],
        request_body=_body(
            {"application/json": Schema(type=OpenAPIType.ARRAY, items=_any_of(event), max_items=1000)}, [EXAMPLE]
        ),
        responses=_responses(_receipt_schema(), {"accepted": 1, "duplicates": 0, "rejected": []}),
    )
    known = document.paths.get("/v1/decisions")
    assert known is not None
    assert known.get is not None
    known.get.parameters = list(search_parameters())
    document.paths["/v1/decisions"] = PathItem(get=known.get, post=single)
    document.paths["/v1/events"] = PathItem(post=many)


def _any_of(event: Schema) -> Schema:
    rejected = Schema(description="Anything else is rejected and named by its place in the array.")
    return Schema(any_of=[event, rejected])


def event_schema(event_type: EventType) -> Schema:
    """The shape of one event type on the wire."""
    root: dict[str, Any] = {}
    required: list[str] = ["id", "type", event_type.time_field]
    for field in event_type.fields:
        shape = Schema(**_SHAPES[field.type])
        if field.entity:
            shape = Schema(type=OpenAPIType.STRING, pattern=f"^{field.entity}:.+", max_length=512)
        if not field.required:
            assert isinstance(shape.type, OpenAPIType)
            shape = replace(shape, type=[shape.type, OpenAPIType.NULL])
        path = field.name.split(".")
        place = root
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = shape
        if field.required and path[0] not in required:
            required.append(path[0])
    properties: dict[str, Any] = {
        "id": Schema(type=OpenAPIType.STRING, min_length=1, max_length=256),
        "type": Schema(type=OpenAPIType.STRING, const=str(event_type.name)),
        event_type.time_field: Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME),
        "source": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], max_length=512),
    }
    properties |= {name: _nested(shape) for name, shape in root.items()}
    return Schema(type=OpenAPIType.OBJECT, title=event_type.title.en, required=required, properties=properties)


def _nested(shape: Any) -> Schema:
    if isinstance(shape, Schema):
        return shape
    return Schema(type=OpenAPIType.OBJECT, properties={name: _nested(below) for name, below in shape.items()})


def _body(kinds: dict[str, Schema], example: object) -> RequestBody:
    shown: dict[str, Example | Reference] = {"one": Example(summary="A transfer", value=example)}
    content = {kind: OpenAPIMediaType(schema=schema, examples=shown) for kind, schema in kinds.items()}
    return RequestBody(required=True, content=content)


def _request_key() -> Parameter:
    shape = Schema(type=OpenAPIType.STRING, min_length=1, max_length=256, pattern="^[!-~]+$")
    return Parameter(name="Idempotency-Key", param_in="header", schema=shape, description="Names this request.")


def _responses(schema: Schema | Reference, example: object) -> dict[str, OpenAPIResponse | Reference]:
    headers: dict[str, OpenAPIHeader | Reference] = {
        name: OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING))
        for name in ("x-request-id", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
    }
    shown: dict[str, Example | Reference] = {"one": Example(value=example)}
    content = {"application/json": OpenAPIMediaType(schema=schema, examples=shown)}
    found: dict[str, OpenAPIResponse | Reference] = {
        "200": OpenAPIResponse(description="On the disk", content=content, headers=headers)
    }
    return found


def problem_responses(path: str) -> dict[str, OpenAPIResponse | Reference]:
    """Every problem that a route may answer with; health is open to all and always answers."""
    if path.startswith("/health/"):
        return {}
    content = {"application/problem+json": OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))}
    return {status: OpenAPIResponse(description=text, content=content) for status, text in STATUSES.items()}


def _receipt_schema() -> Schema:
    number = Schema(type=OpenAPIType.INTEGER)
    listed = Schema(type=OpenAPIType.ARRAY)
    return Schema(
        type=OpenAPIType.OBJECT,
        required=["accepted", "duplicates", "rejected"],
        properties={"accepted": number, "duplicates": number, "rejected": listed, "decisions": listed},
    )
