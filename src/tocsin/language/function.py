"""The functions that conditions may call, each in one row.

Receives nothing. Gives, for each name, what its arguments must be, what it gives, and how it is written in Python,
DuckDB and Spark. To add a function, add a row here and, where Python needs it, a function in runtime.py.

In templates {0} {1} ... are the arguments as rows hold them (decimals and times as whole numbers) and {a} {b} the
constants.
"""

from collections.abc import Callable

from msgspec import Struct

from tocsin.language import constant
from tocsin.model.fixed import LIMIT, SCALE
from tocsin.model.value import INT_LIMIT, STRING_LIMIT, STRINGS_LIMIT, Value, ValueType

S, B, N, D = ValueType.STRING, ValueType.BOOL, ValueType.INT, ValueType.DECIMAL
T, L = ValueType.TIMESTAMP, ValueType.STRINGS

ConstantReader = Callable[[Value], Value]
"""The literal -> the constant to use; a ConstantFault where it is wrong."""


class Function(Struct, frozen=True, kw_only=True):
    """One function that is null where an argument is null.

    `takes` are the types of arguments; `constants` read further arguments that must be literals, of which the last
    `optional` may be left out. `bound` limits a numeric result. `total` is False where a valid argument may still give null.
    """

    takes: tuple[ValueType, ...]
    gives: ValueType
    python: str
    duckdb: str
    spark: str = ""
    constants: tuple[ConstantReader, ...] = ()
    optional: int = 0
    bound: int = 0
    total: bool = True


_DAY_DUCK = "tocsin_floor({0} + {a}, 86400000000)"

FUNCTIONS: dict[str, Function] = {
    "lower": Function(takes=(S,), gives=S, python="lower({0})", duckdb="lower({0})", spark="tocsin_lower({0})"),
    "upper": Function(takes=(S,), gives=S, python="upper({0})", duckdb="upper({0})", spark="tocsin_upper({0})"),
    "trim": Function(
        takes=(S,), gives=S, python="{0}.strip(' ')", duckdb="trim({0}, ' ')", spark="trim(BOTH ' ' FROM {0})"
    ),
    "length": Function(
        takes=(S,), gives=N, python="len({0})", duckdb="CAST(length({0}) AS HUGEINT)", bound=STRING_LIMIT
    ),
    "substr": Function(
        takes=(S,),
        gives=S,
        constants=(constant.start, constant.count),
        optional=1,
        python="{0}[{a} - 1 : {a} - 1 + {b}]",
        duckdb="substring({0}, {a}, {b})",
    ),
    "contains": Function(takes=(S, S), gives=B, python="({1} in {0})", duckdb="contains({0}, {1})"),
    "starts_with": Function(
        takes=(S, S),
        gives=B,
        python="{0}.startswith({1})",
        duckdb="starts_with({0}, {1})",
        spark="startswith({0}, {1})",
    ),
    "ends_with": Function(
        takes=(S, S), gives=B, python="{0}.endswith({1})", duckdb="ends_with({0}, {1})", spark="endswith({0}, {1})"
    ),
    "regexp_matches": Function(
        takes=(S,),
        gives=B,
        constants=(constant.pattern,),
        python="{a}({0})",
        duckdb="regexp_matches({0}, {a})",
        spark="tocsin_regexp_matches({0}, {a})",
    ),
    "list_contains": Function(
        takes=(L, S), gives=B, python="({1} in {0})", duckdb="list_contains({0}, {1})", spark="array_contains({0}, {1})"
    ),
    "len": Function(
        takes=(L,),
        gives=N,
        python="len({0})",
        duckdb="CAST(len({0}) AS HUGEINT)",
        spark="CAST(array_size({0}) AS DECIMAL(38, 0))",
        bound=STRINGS_LIMIT,
    ),
    "hour": Function(
        takes=(T,),
        gives=N,
        constants=(constant.offset,),
        optional=1,
        bound=23,
        python="(({0} + {a}) // 3600000000 % 24)",
        duckdb="tocsin_modulo(tocsin_floor({0} + {a}, 3600000000), 24)",
    ),
    "day_of_week": Function(
        takes=(T,),
        gives=N,
        constants=(constant.offset,),
        optional=1,
        bound=7,
        python="((({0} + {a}) // 86400000000 + 3) % 7 + 1)",
        duckdb=f"(tocsin_modulo({_DAY_DUCK} + 3, 7) + 1)",
    ),
    "ip_in": Function(
        takes=(S,),
        gives=B,
        constants=(constant.network,),
        total=False,
        python="ip_in({0}, {a})",
        duckdb="tocsin_ip_in({0}, {a})",
    ),
    "distance_km": Function(
        takes=(D, D, D, D),
        gives=D,
        total=False,
        bound=20_100 * SCALE,
        python="distance_km({0}, {1}, {2}, {3})",
        duckdb="CAST(tocsin_distance_km({0}, {1}, {2}, {3}) AS HUGEINT)",
    ),
    "similarity": Function(
        takes=(S, S),
        gives=D,
        bound=SCALE,
        python="similarity({0}, {1})",
        duckdb="CAST(tocsin_similarity({0}, {1}) AS HUGEINT)",
    ),
    "date_diff": Function(
        takes=(T, T),
        gives=N,
        constants=(constant.unit,),
        bound=INT_LIMIT,
        python="({1} // {a} - {0} // {a})",
        duckdb="(tocsin_floor({1}, {a}) - tocsin_floor({0}, {a}))",
    ),
}
"""Functions by name. date_diff's unit is written first; the checker puts it last."""

ROUNDING: dict[str, str] = {"round": "round_units", "floor": "floor_units", "ceil": "ceil_units"}
"""Functions from a number to a whole number; `round` may keep places."""

CHOICES = frozenset({"coalesce", "nullif", "least", "greatest"})
LIST_FUNCTIONS = frozenset({"in_list", "any_in_list"})
KNOWN = frozenset({*FUNCTIONS, *ROUNDING, *CHOICES, *LIST_FUNCTIONS, "abs", "concat"})


def bound_of_name(kind: ValueType) -> int:
    """The size that no value of a name of this type reaches."""
    return {N: INT_LIMIT, D: LIMIT, T: INT_LIMIT, ValueType.DURATION: INT_LIMIT}.get(kind, 0)
