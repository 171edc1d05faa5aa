"""What a linter finds in a text.

Receives nothing. Gives the noun that all linters of texts share. Never says where the text stands: the author's side does.
"""

from msgspec import Struct

from tocsin.model.problem import Problem


class Fault(Struct, frozen=True):
    """One thing that may not stand in a text, from place `start` to `end` of it (counted from 0, end exclusive)."""

    code: str
    message: str
    start: int
    end: int
    hint: str = ""

    def as_problem(self, text: str) -> Problem:
        """The fault with its text underlined; the file and its place are added where the text was read."""
        return Problem(
            message=self.message, code=self.code, source=text, start=self.start, end=self.end, hint=self.hint
        )
