"""What a condition's author must mend.

TocsinError
└── ConditionError           every problem of one expression
"""

from collections.abc import Sequence

from tocsin.model.errors import TocsinError
from tocsin.model.problem import Problem


class ConditionError(TocsinError):
    """One expression with everything that is wrong in it. `problems` have no file yet; the caller knows it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n\n".join(problem.render() for problem in problems))
        self.problems = tuple(problems)
