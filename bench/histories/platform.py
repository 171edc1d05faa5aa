"""A platform that carries out what it is told, or says that it cannot."""

from sqlalchemy import select

from bench.histories.world import PLATFORM, World
from tocsin.measures.instruction import confirm, fail, pull
from tocsin.measures.tables import Instruction, Measure


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
        with self.world.session() as session:
            found = session.scalars(
                select(Instruction).where(Instruction.done_at.is_(None)).order_by(Instruction.number)
            )
            first = {each.subject: each for each in reversed(found.all())}
            return sorted(each.number for each in first.values() if each.delivered_at is not None)

    def answer(self, number: int, *, can: bool) -> bool:
        """Does it, or says that it cannot."""
        with self.world.session() as session:
            instruction = session.get_one(Instruction, number)
            measure = session.get_one(Measure, instruction.measure)
            effect, verb = (measure.subject, measure.kind, measure.scope), instruction.verb
        if can:
            (self.effects.add if verb == "apply" else self.effects.discard)(effect)
            name = f"confirm {verb}"
        else:
            name = f"fail {verb}"
        return bool(
            self.world.act(
                name, PLATFORM,
                lambda session, stamp: (
                    confirm(session, session.get_one(Instruction, number), stamp)
                    if can
                    else fail(session, session.get_one(Instruction, number), stamp, "no such thing here")
                ),
            )
        )  # fmt: skip
