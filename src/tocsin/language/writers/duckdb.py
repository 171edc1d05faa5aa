"""What DuckDB needs to run written conditions.

Receives a connection. Gives it the functions that DuckDB has no exact equal of, each the very function of the live path, and macros for floors. Never
opens a connection.
"""

from collections.abc import Callable

import duckdb

from tocsin.language.writers import runtime

MACROS = (
    "CREATE OR REPLACE TEMP MACRO tocsin_floor(a, b) AS (a - ((a % b + b) % b)) // b",
    "CREATE OR REPLACE TEMP MACRO tocsin_modulo(a, b) AS (a % b + b) % b",
)


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes every written condition run on this connection."""
    for macro in MACROS:
        connection.execute(macro)
    functions: list[tuple[str, Callable[..., object], list[str], str]] = [
        ("tocsin_similarity", runtime.similarity, ["VARCHAR", "VARCHAR"], "BIGINT"),
        ("tocsin_ip_in", runtime.ip_in, ["VARCHAR", "VARCHAR"], "BOOLEAN"),
        ("tocsin_distance_km", _distance_km, ["HUGEINT"] * 4, "BIGINT"),
    ]
    for name, function, takes, gives in functions:
        connection.create_function(name, function, takes, gives, null_handling="default")


def _distance_km(lat1: int, lon1: int, lat2: int, lon2: int) -> int | None:
    return runtime.distance_km(int(lat1), int(lon1), int(lat2), int(lon2))
