"""What is wrong with something an author wrote, and where.

Receives the file, the place and a sentence. Gives a text with the place underlined and a hint. Never raises.
"""

import unicodedata

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """One thing for an author to mend.

    `line` and `column` count from 1 (0: the file as a whole). `source` is the line or the expression in which columns
    `start` to `end` (counted from 0, end exclusive) are to be underlined.
    """

    message: str
    code: str
    file: str = ""
    line: int = 0
    column: int = 0
    source: str = ""
    start: int = 0
    end: int = 0
    hint: str = ""
    where: str = ""

    def render(self, hint: str = "hint") -> str:
        """The problem as text: place, message, underlined source, and what `hint` announces.

        >>> print(Problem(message="unknown field `amout`", code="unknown-name", file="a.yaml", line=3, column=9,
        ...     source="amout > 5", start=0, end=5, hint="did you mean `amount`?").render())
        a.yaml:3:9: unknown field `amout`
            amout > 5
            ^^^^^
            hint: did you mean `amount`?
        """
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)]) if self.file else ""
        head = f"{place}: {self.message}" if place else self.message
        lines = [head + (f" ({self.where})" if self.where else "")]
        if self.source:
            lines += underline(self.source, self.start, self.end)
        if self.hint:
            lines.append(f"    {hint}: {self.hint}")
        return "\n".join(lines)


def underline(source: str, start: int, end: int) -> list[str]:
    """The line of `source` that holds `start`, and a line of carets beneath; long lines are cut around the place."""
    start = max(0, min(start, len(source)))
    line_start = source.rfind("\n", 0, start) + 1
    line_end = source.find("\n", start)
    line = source[line_start : line_end if line_end >= 0 else len(source)].expandtabs(1)
    start, end = start - line_start, min(end - line_start, len(line))
    if len(line) > 120:
        cut = max(0, start - 40)
        prefix = "…" if cut else ""
        line = prefix + line[cut : cut + 110] + "…"
        start, end = start - cut + len(prefix), min(end - cut + len(prefix), len(line))
    return [f"    {line}", "    " + " " * _columns(line[:start]) + "^" * max(1, _columns(line[start:end]))]


def _columns(text: str) -> int:
    """Terminal columns that `text` takes: two for each wide (Chinese) character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
