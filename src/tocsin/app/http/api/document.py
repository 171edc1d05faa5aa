"""The OpenAPI document, made once, and what can be looked up in it.

Receives the routes and the event types. Gives the document's bytes, the query parameters that a route knows and the
methods of a path. What is not in the document is not answered.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Operation, Parameter, PathItem
from msgspec import Struct

from tocsin import __version__
from tocsin.app.http.api.schema import add_lanes, make_components, problem_responses
from tocsin.model.event_type import EventTypes

EVIDENCE, EXPORT = "/v1/cases/{number}/evidence", "/v1/cases/{number}/export"
METHODS = ("get", "post", "put", "patch", "delete")
_KIND = re.compile(r":[a-z]+}")


class Document(Struct, frozen=True):
    """`queries` are the names of the query parameters by path and method; `methods` are what may be asked of a path."""

    raw: bytes
    queries: Mapping[tuple[str, str], frozenset[str]]
    methods: Sequence[tuple[re.Pattern[str], tuple[str, ...]]]

    def methods_of(self, path: str) -> tuple[str, ...]:
        """What may be asked of a path; nothing where there is no such path."""
        return next((methods for pattern, methods in self.methods if pattern.fullmatch(path)), ())


def describe(routes: Sequence[Any], dependencies: Mapping[str, Any], types: EventTypes) -> Document:
    """The document of the given routes and of the quick lanes."""
    config = OpenAPIConfig(
        title="Tocsin", version=__version__, components=make_components(), security=[{"key": []}], use_handler_docstrings=True
    )  # fmt: skip
    document = Litestar(
        route_handlers=routes, dependencies=dict(dependencies), openapi_config=config, logging_config=None
    ).openapi_schema
    add_lanes(document, types)
    paths = document.paths or {}
    for path, item in paths.items():
        for operation in _operations(item).values():
            operation.responses = (operation.responses or {}) | problem_responses(path)
    return Document(
        msgspec.json.encode(_tightened(document.to_schema())),
        {
            (path, method.upper()): frozenset(_query_names(operation))
            for path, item in paths.items()
            for method, operation in _operations(item).items()
        },
        [
            (_pattern(path), tuple(method.upper() for method in _operations(item)))
            for path, item in sorted(paths.items(), key=_openness)
        ],
    )


def template_of(path_template: str) -> str:
    """A route's path as the document writes it.

    >>> template_of("/v1/lists/{name:str}/entries/{value:path}")
    '/v1/lists/{name}/entries/{value}'
    """
    return _KIND.sub("}", path_template)


def _tightened(schema: dict[str, Any]) -> dict[str, Any]:
    """Says what Litestar leaves out: health is open, and what a caller sends may have no further fields."""
    for path, item in schema["paths"].items():
        for method in METHODS:
            if path.startswith("/health/") and method in item:
                item[method]["security"] = []
    _add_files(schema["paths"])
    for name, shape in schema["components"]["schemas"].items():
        if name.startswith("Wanted") or name == "Held":
            shape["additionalProperties"] = False
    return schema


def _add_files(paths: dict[str, Any]) -> None:
    """What is no JSON: a file that is sent as it is, and what a case may be handed over as."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    if EVIDENCE in paths:
        sent = {"application/octet-stream": {**binary, "example": "what was seen, as text"}}
        paths[EVIDENCE]["post"]["requestBody"] = {"required": True, "content": sent}
    if EXPORT in paths:
        answer = {"application/json": {"schema": {"type": "object"}}, "application/pdf": binary}
        paths[EXPORT]["get"]["responses"]["200"]["content"] = answer


def _pattern(path: str) -> re.Pattern[str]:
    """What a path of the document matches; a `{value}` may hold slashes."""
    parts = re.split(r"({[a-z_]+})", path)
    return re.compile(
        "".join({"{value}": ".+"}.get(part, "[^/]+" if part[:1] == "{" else re.escape(part)) for part in parts)
    )


def _openness(row: tuple[str, object]) -> int:
    """How much of a path is open: `/v1/measures/batches` is looked for before `/v1/measures/{number}`."""
    return row[0].count("{")


def _operations(item: PathItem) -> dict[str, Operation]:
    return {method: found for method in METHODS if (found := getattr(item, method)) is not None}


def _query_names(operation: Operation) -> list[str]:
    told = operation.parameters or ()
    return [each.name for each in told if isinstance(each, Parameter) and each.param_in == "query"]
