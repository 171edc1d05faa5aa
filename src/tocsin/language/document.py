"""How authors' files are read: a strict corner of YAML, with the place of every value.

Receives the text of a file. Gives a tree whose leaves know their line and column, or one problem. Never builds objects,
never follows an alias, and takes bounded time: size, depth and the number of values are limited.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct

from tocsin.model.problem import Problem

SIZE_LIMIT = 1 << 20
DEPTH_LIMIT = 24
VALUE_LIMIT = 100_000


class Scalar(Struct, frozen=True):
    """One written value. `value` follows YAML 1.2's core schema: `on` and `no` are texts, not booleans."""

    value: str | int | float | bool | None
    text: str
    line: int
    column: int
    plain: bool = True


class Sequence(Struct, frozen=True):
    """A written list."""

    items: tuple["Node", ...]
    line: int
    column: int


class Mapping(Struct, frozen=True):
    """Written keys with their values, in order; `keys` has the place of each key."""

    entries: dict[str, "Node"]
    keys: dict[str, Scalar]
    line: int
    column: int


Node = Scalar | Sequence | Mapping

_INT = re.compile(r"[-+]?[0-9]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class DocumentError(Exception):
    """A file that cannot be read as a whole; carries its one Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_document(text: str, file: str) -> Node:
    """The tree of a YAML text.

    >>> plain(read_document("on: payment.transfer", "rule.yaml"))
    {'on': 'payment.transfer'}

    Raises:
        DocumentError: not YAML, an alias, anchor or tag, a repeated key, or more than the limits permit.
    """
    if len(text) > SIZE_LIMIT:
        message = f"the file has more than {SIZE_LIMIT >> 20} MiB; split it"
        raise DocumentError(Problem(message=message, code="too-large", file=file))
    try:
        return _Builder(file, yaml.parse(text, Loader=yaml.CSafeLoader)).document()
    except UnicodeEncodeError:
        line, column, message = 0, 0, "not YAML: the text holds half a character"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"not YAML: {error.problem or error.context}"
    except yaml.YAMLError as error:
        line, column, message = 0, 0, f"not YAML: {str(error).splitlines()[0][:120]}"
    raise DocumentError(Problem(message=message, code="yaml", file=file, line=line, column=column))


def plain(node: Node) -> object:
    """The tree as dict, list and plain values, places dropped."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(value) for key, value in node.entries.items()}


def is_empty(node: Node) -> bool:
    """Whether nothing was written where a value could be."""
    return isinstance(node, Scalar) and node.value is None


class _Builder:
    """Builds the tree from the parser's events, counting as it goes."""

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self.file = file
        self.events = events
        self.count = 0

    def fail(self, event: Any, code: str, message: str) -> DocumentError:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        return DocumentError(Problem(message=message, code=code, file=self.file, line=line, column=column))

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    raise self.fail(event, "yaml", "one file holds one YAML document; put the second in its own file")
                root = self.node(event, 1)
        return root or Mapping({}, {}, 1, 1)

    def node(self, event: Any, depth: int) -> Node:
        self.refuse(event, depth)
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        match event:
            case yaml.ScalarEvent():
                return _scalar(event)
            case yaml.SequenceStartEvent():
                return Sequence(tuple(self.items(depth)), line, column)
            case _:
                return self.mapping(line, column, depth)

    def refuse(self, event: Any, depth: int) -> None:
        self.count += 1
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self.fail(event, "alias", "anchors and aliases are not allowed; write the value out")
        if depth > DEPTH_LIMIT:
            raise self.fail(event, "too-deep", f"nested deeper than {DEPTH_LIMIT} levels")
        if self.count > VALUE_LIMIT:
            raise self.fail(event, "too-large", f"more than {VALUE_LIMIT} values in one file; split it")
        if event.tag not in {None, "!"}:
            raise self.fail(event, "yaml", f"tags such as {event.tag[:40]} are not allowed")

    def items(self, depth: int) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self.node(event, depth + 1)

    def mapping(self, line: int, column: int, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise self.fail(event, "yaml", "a key must be a plain word")
            if key.text in entries:
                first = keys[key.text].line
                raise self.fail(event, "duplicate-key", f"`{key.text}` stands twice here; the first is in line {first}")
            entries[key.text] = self.node(next(self.events), depth + 1)
            keys[key.text] = key
        return Mapping(entries, keys, line, column)


def _scalar(event: Any) -> Scalar:
    written: str = event.value
    value: str | int | float | bool | None = written
    if not event.style:
        if written in _WORDS:
            value = _WORDS[written]
        elif _INT.fullmatch(written):
            value = int(written)
        elif _FLOAT.fullmatch(written):
            value = float(written)
    return Scalar(value, written, event.start_mark.line + 1, event.start_mark.column + 1, not event.style)
