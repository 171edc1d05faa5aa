"""A platform that carries out what it is told, or says that it cannot."""

from bench.histories.world import PLATFORM, World
from tocsin.measures.instruction import confirm, fail, pull
from tocsin.measures.tables import Instruction


class Platform:
    """`effects` is what stands there: subject, kind, function."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.effects: set[tuple[str, str, str]] = set()

    def pull(self, limit: int) -> list[int]:
        found = self.world.act(
            "pull", PLATFORM, lambda session, stamp: [each.number for each in pull(session, limit, stamp.at)], traced=False
        )  # fmt: skip
        return found or []

    def waiting(self) -> list[int]:
        """What it was told and has not answered, in order; of each subject only the first."""
        asked = "select subject, number, delivered_at from instruction where done_at is null order by number desc"
        first = {subject: (number, delivered_at) for subject, number, delivered_at in self.world.read(asked)}
        return sorted(number for number, delivered_at in first.values() if delivered_at is not None)

    def answer(self, number: int, *, can: bool) -> bool:
        """Does it, or says that it cannot; False where it had said so before. That is never refused."""
        of = "from instruction join measure on measure.number = instruction.measure"
        found = self.world.read(f"select measure.subject, kind, scope, verb {of} where instruction.number = {number:d}")
        (*parts, verb) = found[0]
        effect = tuple(parts)
        if can:
            (self.effects.add if verb == "apply" else self.effects.discard)(effect)
            name = f"confirm {verb}"
        else:
            name = f"fail {verb}"
        found = self.world.act(
            name, PLATFORM,
            lambda session, stamp: (
                confirm(session, session.get_one(Instruction, number), stamp)
                if can
                else fail(session, session.get_one(Instruction, number), stamp, "no such thing here")
            ),
        )  # fmt: skip
        assert found is not None, f"the platform's answer to {number} (`{name}`) is refused, and it can give no other"
        return found
