"""What authors are told: one golden text with every kind of error."""

from pathlib import Path

from tocsin.language.aggregate import read_aggregate
from tocsin.language.condition import read_condition
from tocsin.language.errors import ConditionError
from tocsin.language.scope import Name, Origin, Scope
from tocsin.model.value import ValueType as V

GOLDEN = Path(__file__).parent / "author_errors.txt"
TYPES = {
    "amount": V.DECIMAL, "age": V.INT, "text": V.STRING, "urls": V.STRINGS, "ok": V.BOOL, "at": V.TIMESTAMP, "since": V.DURATION,
    "device.model": V.STRING, "ip": V.STRING,
}  # fmt: skip
SCOPE = Scope(
    names={n: Name(name=n, type=t, nullable=n != "at", origin=Origin.ATTRIBUTE) for n, t in TYPES.items()},
    lists=frozenset({"trusted-payees"}),
    event_types=frozenset({"payment.transfer"}),
)
CONDITIONS = [
    "", "amount >", "amount > > 5", "amount > 5; drop table x", "text = 'open", "amout > 5", "device.modle = 'x'", "amount > '5'",
    "text > 5", "text = \"x\"", "age", "amount + 1", "age and ok", "not text", "age = null", "null > age", "type = 'payment.tranfer'",
    "foo(age)", "sum(amount) > 5", "lower(age) = 'x'", "lower(text, text) = 'x'", "substr(text, 0) = 'x'", "substr(text, age) = 'x'",
    "regexp_matches(text, '(a')", "regexp_matches(text, '(?=a)b')", "regexp_matches(text, '(a)\\1')", "regexp_matches(text, text)",
    "in_list(text, 'trusted-payee')", "in_list(text, text)", "in_list(age, 'trusted-payees')", "any_in_list(text, 'trusted-payees')",
    "hour(at, '8') = 1", "hour(text) = 1", "ip_in(ip, '10.0.0.1/8')", "date_diff('week', at, at) > 1", "interval '1' month < since",
    "since < '24 hours'", "since < 24", "at > '2026-01-01'", "at > 5", "amount > 1.23456", "amount > 1000000000000000000",
    "amount / 0 > 1", "amount * amount * amount > 1", "age % 1.5 = 0", "text + text = 'x'", "at + at > at", "-text = 'x'",
    "amount in ('a')", "amount in (1, null)", "amount in (select 1)", "text like age", "text ilike 'x'", "urls = 'x'", "ok < true",
    "case when age then 1 else 2 end = 1", "case when ok then 1 else 'x' end = 1", "coalesce(age, 'x') = 1", "coalesce(age) = 1",
    "greatest(ok, ok)", "round(amount, 9) > 1", "concat(text) = 'x'", "len(text) > 1", "select amount", "(select 1) = 1",
    "exists(select 1)", "cast(amount as int) = 1", "amount::int = 1", "text || text = 'x'", "age is distinct from 1", "count(*) over () > 1",
    "urls[1] = 'x'", "x -> x", "amount = ?", "amount = :p", "amount = @p", "current_date > at", "amount is true", "*", "a.*",
    "amout > 5 and txt = 'x' or agee < 1", "AMOUNT > 5", "if(ok, 1, 2) = 1", "nvl(age, 1) = 1", "mod(age, 2) = 0", "text rlike 'a'",
    "now() > at", "age <=> 1", "[1, 2] = urls", "amount * amount / amount > 1", "age" + " + 1" * 250 + " > 1",
]  # fmt: skip
AGGREGATES = ["count", "count()", "count(amount)", "count(distinct urls)", "sum(text)", "sum(*)", "sum(distinct amount)", "median(amount)",
              "avg(amuont)", "max(text)", "age(amount)", "last(urls)", "sum(count(*))", "sum(amount * amount)"]  # fmt: skip


def render() -> str:
    parts = []
    for kind, texts, read in (("condition", CONDITIONS, read_condition), ("aggregate", AGGREGATES, read_aggregate)):
        for text in texts:
            try:
                read(text, SCOPE)
            except ConditionError as error:
                codes = " ".join(problem.code for problem in error.problems)
                parts.append(f"== {kind} {text!r} [{codes}]\n{error}\n")
            else:
                parts.append(f"== {kind} {text!r} WAS READ\n")
    return "\n".join(parts)


def test_every_author_error_reads_as_it_should() -> None:
    assert render() == GOLDEN.read_text(encoding="utf-8")


def test_no_wrong_text_is_read_and_the_kinds_are_many() -> None:
    text = render()
    assert "WAS READ" not in text
    codes = {
        code for line in text.splitlines() if line.startswith("== ") for code in line.rsplit("[", 1)[1][:-1].split()
    }
    assert len(codes) >= 15, sorted(codes)
    assert len(CONDITIONS) + len(AGGREGATES) >= 90
