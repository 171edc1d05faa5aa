"""How often somebody may be wrong.

Receives who tries, and that they were wrong. Gives whether they may try again: a few mistakes at once, then one a minute,
and a bound on all that one key lets through. Never tells how near a guess was.
"""

from collections.abc import Callable

AT_ONCE, EVERY_S = 10.0, 60.0
KEY_AT_ONCE, KEY_EVERY_S = 300.0, 2.0
MOST = 10_000


class Guesses:
    """Mistakes by key and by the person for whom the key speaks."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds on any steady clock."""
        self._clock = clock
        self._spent: dict[tuple[str, str], tuple[float, float]] = {}

    def may_try(self, key: str, who: str) -> bool:
        """Whether another try is taken."""
        return self._left(key, f"by {who}") <= AT_ONCE - 1 and self._left(key, "") <= KEY_AT_ONCE - 1

    def wrong(self, key: str, who: str) -> None:
        """Counts a mistake."""
        now = self._clock()
        if len(self._spent) >= MOST:
            self._spent = {each: told for each, told in self._spent.items() if now - told[1] < AT_ONCE * EVERY_S}
        for place in ((key, f"by {who}"), (key, "")):
            self._spent[place] = (self._left(*place) + 1, now)

    def _left(self, key: str, who: str) -> float:
        """Mistakes that have not been forgiven yet."""
        count, at = self._spent.get((key, who), (0.0, 0.0))
        return max(0.0, count - (self._clock() - at) / (EVERY_S if who else KEY_EVERY_S))
