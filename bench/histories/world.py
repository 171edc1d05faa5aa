"""One world in which a history happens: a database that is put back afterwards, a clock, people, and what they were told.

Every act is a transaction of its own, as it is in the service: a session that is thrown away. All of them lie in one
transaction that is never kept, so that the next history begins with empty tables.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tocsin.app.storage.records import Records
from tocsin.model.errors import SealError, SecretWrong, StorageFull, TocsinError
from tocsin.records.actor import Actor, ActorKind, Stamp
from tocsin.records.fitting import FittingSession
from tocsin.records.sealing.field import KEYS

T = TypeVar("T")
NOW = 1_768_478_400_000_000
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
PEOPLE = tuple(Actor(ActorKind.PERSON, f"reviewer-{number}") for number in range(3))
CLOSERS = tuple(Actor(ActorKind.PERSON, f"closer-{number}") for number in range(2))
RULES = tuple(Actor(ActorKind.RULE, name) for name in ("mule", "lure"))
PLATFORM = Actor(ActorKind.KEY, "platform")
SUBJECTS = ("account:a", "account:b", "listing:1", "group:g", "url:u")
QUEUES = ("mules", "goods")


class World:
    """What has happened so far in one history.

    `leases` are what people were told: whose a case is, and until when. `done` counts the acts that went through,
    `refused` those that did not.
    """

    def __init__(self, records: Records) -> None:
        self._keys = records.seal_keys
        self.connection = records.engine.connect()
        self._outer = self.connection.begin()
        self.now = NOW
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.leases: dict[int, tuple[str, int]] = {}
        self.begun = self.last_entry()
        self.references = itertools.count(1)
        self.sound = False

    def session(self) -> Session:
        return FittingSession(self.connection, join_transaction_mode="create_savepoint", info={KEYS: self._keys})

    def act(self, name: str, by: Actor, do: Callable[[Session, Stamp], T], *, traced: bool = True) -> T | None:
        """Does it, or is refused and has changed nothing. What went through has left an entry in the audit log."""
        before = self.last_entry()
        try:
            with self.session() as session, session.begin():
                found = do(session, Stamp(by, self.now))
        except (SecretWrong, SealError, StorageFull):
            raise
        except TocsinError:
            self.refused[name] += 1
            return None
        except (StaleDataError, IntegrityError) as error:
            raise AssertionError(f"`{name}` runs into itself: {error}") from error
        if traced and found is not False:
            assert self.last_entry() > before, f"`{name}` left no entry in the audit log"
        self.done[name] += 1
        return found

    def last_entry(self) -> int:
        return int(self.read("select coalesce(max(number), 0) from audit_entry")[0][0])

    def read(self, asked: str) -> list[tuple[Any, ...]]:
        """Rows as the database's own library gives them: what is looked at after every step must cost little."""
        connection: Any = self.connection.connection.driver_connection
        found: list[tuple[Any, ...]] = connection.execute(asked).fetchall()
        return found

    def hold(self, case: int, by: Actor, until: int) -> None:
        """Somebody is told that a case is theirs: then it is nobody else's."""
        holder, ends = self.leases.get(case, ("", 0))
        assert holder in ("", str(by)) or ends <= self.now, f"case {case} was given to two"
        self.leases[case] = (str(by), until)

    def end(self) -> None:
        self._outer.rollback()
        self.connection.close()
