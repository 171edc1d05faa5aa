"""From a row to the words that the kernel takes.

Receives a program and the layout of its event type's rows. Gives a function that computes keys, feeds and arguments of
one row. Keys and strings become 63-bit hashes here and nowhere else.
"""

from collections.abc import Callable, Mapping, Sequence

import xxhash

from tocsin.features.plan import Program
from tocsin.language.aggregate import AggregateKind
from tocsin.language.condition import Condition
from tocsin.language.writers.python import PythonWriter
from tocsin.model.event import Row
from tocsin.model.event_type import Column, EventTypeName
from tocsin.model.value import ValueType

Inputs = Callable[[int, Row], tuple[int, ...]]
"""(time, row) -> the kernel's input words."""

HASH_MASK = (1 << 63) - 1


class Extraction:
    """Writes the function for one event type. `texts` learns the strings that last() may have to give back."""

    def __init__(self, name: EventTypeName, columns: Sequence[Column], seed: int, texts: dict[int, str]) -> None:
        self.places = {column.name: index for index, column in enumerate(columns)}
        self.types = {column.name: column.type for column in columns}
        variables = {each: f"row[{place}]" for each, place in self.places.items()}
        self.writer = PythonWriter(variables, known={"type": name}, lists={})
        self.lines: list[str] = []
        self.hashes: dict[str, str] = {}
        self.scope: dict[str, object] = {"xxh": xxhash.xxh3_64_intdigest, "seed": seed, "texts": texts}

    def write(self, program: Program) -> Inputs:
        """The function of one program."""
        arguments = {text: each for step in program.steps for text, each in step.group.columns.items()}
        conditions = {step.group.where.text: step.group.where for step in program.steps if step.group.where}
        words = [str(program.place), "at"]
        for slot in program.slots:
            if slot.tests:
                words.append(self.test(conditions.get(slot.where), arguments.get(slot.argument)))
            elif slot.fields:
                words.append(self.key(slot.fields))
            else:
                words.append(self.argument(arguments[slot.argument]))
        self.remember(program)
        source = ["def inputs(at, row):", *self.lines, f"    return ({', '.join(words)},)"]
        scope: dict[str, object] = {**self.writer.constants, **self.scope}
        exec(compile("\n".join(source), "<inputs>", "exec"), scope)  # noqa: S102 - written from checked features
        made = scope["inputs"]
        assert callable(made)
        return made

    def test(self, where: Condition | None, argument: Condition | None) -> str:
        """1 where the event feeds, else 0."""
        codes = [self.writer.is_true(where.root)] if where else []
        codes += [f"{self.writer.value(argument.root)} is not None"] if argument else []
        if "False" in codes:
            return "0"
        codes = [code for code in codes if code != "True"]
        return f"(1 if {' and '.join(codes)} else 0)" if codes else "1"

    def argument(self, argument: Condition) -> str:
        """The argument's value, or its hash where it is a text; 0 where it is null, for then it does not feed."""
        local = f"a{len(self.lines)}"
        self.lines.append(f"    {local} = {self.writer.value(argument.root)}")
        if argument.root.type is ValueType.STRING:
            self.lines.append(f"    {local} = 0 if {local} is None else {_hash_of(local)}")
            return local
        return f"({local} or 0)" if argument.root.nullable else local

    def remember(self, program: Program) -> None:
        """Keeps the string behind a hash where last() reads it."""
        for step in program.steps:
            for text, argument in step.group.columns.items():
                reads = [f for f in step.group.features if f.aggregate.argument and f.aggregate.argument.text == text]
                lasting = any(f.aggregate.kind is AggregateKind.LAST for f in reads)
                if lasting and argument.root.type is ValueType.STRING and step.feed:
                    self.lines.append(f"    t = {self.writer.value(argument.root)}")
                    self.lines.append(f"    if t is not None: texts[{_hash_of('t')}] = t")

    def key(self, fields: tuple[str, ...]) -> str:
        """The key's hash: of the one field, or of all of them each with its length before it."""
        if len(fields) == 1:
            return self.hashed(fields[0])
        local = "k_" + "_".join(str(self.places[field]) for field in fields)
        if local not in self.hashes:
            parts = [f"(None if row[{self.places[f]}] is None else str(row[{self.places[f]}]))" for f in fields]
            self.lines.append(f"    {local} = ({', '.join(parts)},)")
            joined = f"''.join([f'{{len(p)}}:{{p}}' for p in {local}])"
            self.lines.append(f"    {local} = 0 if None in {local} else {_hash_of(joined)}")
            self.hashes[local] = local
        return local

    def hashed(self, field: str) -> str:
        """A local with the hash of one field, 0 where it is null; computed once."""
        place = self.places.get(field)
        if place is None:
            return "0"
        local = f"h{place}"
        if local not in self.hashes:
            text = f"v{place}" if self.types[field] is ValueType.STRING else f"str(v{place})"
            self.lines.append(f"    v{place} = row[{place}]")
            self.lines.append(f"    {local} = 0 if v{place} is None else {_hash_of(text)}")
            self.hashes[local] = local
        return local


def _hash_of(text: str) -> str:
    return f"(xxh({text}.encode(), seed) & {HASH_MASK} or 1)"


def write_inputs(
    programs: Mapping[EventTypeName, Program],
    layouts: Mapping[EventTypeName, Sequence[Column]],
    seed: int,
    texts: dict[int, str],
) -> dict[EventTypeName, Inputs]:
    """The functions of all event types."""
    return {name: Extraction(name, layouts[name], seed, texts).write(program) for name, program in programs.items()}
