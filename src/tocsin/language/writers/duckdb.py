"""What DuckDB needs to run written conditions.

Receives a connection. Gives it the functions that DuckDB has no exact equal of, each the very function of the live
path, and macros for floors. Never opens a connection.
"""

from collections.abc import Callable
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling

from tocsin.language.writers import runtime

MACROS = (
    "CREATE OR REPLACE TEMP MACRO tocsin_floor(a, b) AS (a - ((a % b + b) % b)) // b",
    "CREATE OR REPLACE TEMP MACRO tocsin_modulo(a, b) AS (a % b + b) % b",
)


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes every written condition run on this connection."""
    for macro in MACROS:
        connection.execute(macro)
    functions: list[tuple[str, Callable[..., int | bool | None], list[Any], str]] = [
        ("tocsin_similarity", _similarity, ["VARCHAR", "VARCHAR"], "BIGINT"),
        ("tocsin_ip_in", _ip_in, ["VARCHAR", "VARCHAR"], "BOOLEAN"),
        ("tocsin_distance_km", _distance_km, ["HUGEINT"] * 4, "BIGINT"),
    ]
    for name, function, takes, gives in functions:
        connection.create_function(name, function, takes, gives, null_handling=FunctionNullHandling.SPECIAL)


def _similarity(left: str | None, right: str | None) -> int | None:
    return None if left is None or right is None else runtime.similarity(left, right)


def _ip_in(address: str | None, network: str) -> bool | None:
    return None if address is None else runtime.ip_in(address, network)


def _distance_km(lat1: int | None, lon1: int | None, lat2: int | None, lon2: int | None) -> int | None:
    if lat1 is None or lon1 is None or lat2 is None or lon2 is None:
        return None
    return runtime.distance_km(int(lat1), int(lon1), int(lat2), int(lon2))
