"""Taking apart what an author wrote, one key at a time, without stopping at the first mistake.

Receives a written mapping and the list in which problems gather. Gives the values that are right. Never raises for what
an author wrote.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec.structs import replace

from tocsin.language.document import Mapping, Node, Scalar, Sequence
from tocsin.language.errors import ConditionError
from tocsin.model.event_type import Title
from tocsin.model.problem import Problem

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What packs, rules and lists are called."""


def near(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or lists a few.

    >>> near("amout", ["amount", "payee"])
    'did you mean `amount`?'
    """
    names = sorted(known)
    found = difflib.get_close_matches(word[:80], names, 1)
    if found:
        return f"did you mean `{found[0]}`?"
    return "known are " + ", ".join(names[:12]) + (" …" if len(names) > 12 else "") if names else ""


def reason_of(error: Exception) -> str:
    """What an error of reading a file says, without the path."""
    return (error.strerror or "unreadable") if isinstance(error, OSError) else str(error)[:160]


class Author:
    """Reads one entry of a pack file. `where` names the entry in each problem; `problems` gathers them."""

    def __init__(self, file: str, where: str, entry: Mapping, problems: list[Problem]) -> None:
        self.file = file
        self.where = where
        self.entry = entry
        self.problems = problems

    def wrong(self, code: str, message: str, node: Node | None = None, hint: str = "") -> None:
        """Notes one problem at a node (by default at the entry)."""
        place = node or self.entry
        self.problems.append(
            Problem(
                message=message,
                code=code,
                file=self.file,
                line=place.line,
                column=place.column,
                hint=hint,
                where=self.where,
            )
        )

    def wrong_in(self, node: Scalar, found: Iterable[Problem]) -> None:
        """Takes over the problems of an expression, with its file and place."""
        for problem in found:
            single = node.plain and "\n" not in node.text
            column = node.column + problem.start if single else node.column
            self.problems.append(replace(problem, file=self.file, line=node.line, column=column, where=self.where))

    def expression(self, key: str, read: Callable[[str], T], *, required: bool = False) -> T | None:
        """What `read` makes of an expression; its problems are taken over."""
        node = self.scalar(key, required=required)
        if node is None:
            return None
        try:
            return read(node.text)
        except ConditionError as error:
            self.wrong_in(node, error.problems)
            return None

    def keys(self, known: Iterable[str], entry: Mapping | None = None) -> None:
        """Notes every key that is not known."""
        allowed = set(known)
        for name, key in (entry or self.entry).keys.items():
            if name not in allowed:
                self.wrong("unknown-key", f"unknown key `{name}`", key, near(name, allowed))

    def text(self, key: str, *, required: bool = False, entry: Mapping | None = None) -> str:
        """A text, or empty."""
        node = self.scalar(key, required=required, entry=entry)
        return node.text if node else ""

    def scalar(self, key: str, *, required: bool = False, entry: Mapping | None = None) -> Scalar | None:
        """A single written value that is not empty."""
        node = (entry or self.entry).entries.get(key)
        if node is None:
            if required:
                self.wrong("missing-key", f"`{key}` is missing", entry)
            return None
        if not isinstance(node, Scalar) or not node.text.strip():
            self.wrong("wrong-kind", f"`{key}` must be a single value", node)
            return None
        return node

    def number(self, key: str, low: float, high: float, entry: Mapping | None = None) -> float | None:
        """A number within bounds, or None."""
        node = self.scalar(key, entry=entry)
        if node is None:
            return None
        if isinstance(node.value, bool) or not isinstance(node.value, int | float) or not low <= node.value <= high:
            self.wrong("out-of-range", f"`{key}` must be a number from {low:g} to {high:g}, not {node.text[:40]}", node)
            return None
        return node.value

    def truth(self, key: str, *, required: bool = False, entry: Mapping | None = None) -> bool:
        """True or false; false where absent."""
        node = self.scalar(key, required=required, entry=entry)
        if node is not None and not isinstance(node.value, bool):
            self.wrong("wrong-kind", f"`{key}` must be true or false, not {node.text[:40]}", node)
        return node is not None and node.value is True

    def choice(
        self, key: str, known: Iterable[str], code: str, *, required: bool = False, entry: Mapping | None = None
    ) -> str:
        """One of the known words, or empty."""
        node = self.scalar(key, required=required, entry=entry)
        options = list(known)
        if node is None or node.text in options:
            return node.text if node else ""
        self.wrong(code, f"unknown {key} `{node.text[:60]}`", node, near(node.text, options))
        return ""

    def several(self, key: str, *, required: bool = False, entry: Mapping | None = None) -> list[Scalar]:
        """One value or a list of values."""
        node = (entry or self.entry).entries.get(key)
        if node is None:
            if required:
                self.wrong("missing-key", f"`{key}` is missing", entry)
            return []
        items = node.items if isinstance(node, Sequence) else (node,)
        wrong = [item for item in items if not isinstance(item, Scalar) or not item.text.strip()]
        if wrong or not items:
            self.wrong("wrong-kind", f"`{key}` must be a value or a list of values", wrong[0] if wrong else node)
        return [item for item in items if isinstance(item, Scalar) and item.text.strip()]

    def mapping(self, key: str, *, required: bool = False) -> Mapping | None:
        """A nested mapping."""
        node = self.entry.entries.get(key)
        if isinstance(node, Mapping):
            return node
        if node is not None or required:
            self.wrong(
                "missing-key" if node is None else "wrong-kind", f"`{key}` must be a mapping of keys to values", node
            )
        return None

    def title(
        self, key: str = "title", *, required: bool = True, plain: bool = False, entry: Mapping | None = None
    ) -> Title | None:
        """A text in English and Chinese: {en: …, zh: …}; with `plain` one text may stand for both."""
        node = (entry or self.entry).entries.get(key)
        if node is None:
            if required:
                self.wrong("missing-key", f"`{key}` is missing; write {{en: …, zh: …}}")
            return None
        if plain and isinstance(node, Scalar) and node.text.strip():
            return Title(node.text, node.text)
        if not isinstance(node, Mapping):
            self.wrong("wrong-kind", f"`{key}` needs both languages: {{en: …, zh: …}}", node)
            return None
        self.keys(("en", "zh"), node)
        texts = [self.text(language, required=True, entry=node) for language in ("en", "zh")]
        return Title(*texts) if all(texts) else None
