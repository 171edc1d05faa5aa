"""Keys are shown once, kept hashed, end when they should, and at once where somebody revokes them."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tocsin.app.access import ring as ring_module
from tocsin.app.access.key import NewKey, Scope, list_keys, make_key, revoke_key, rotate_key, split_key
from tocsin.app.access.ring import KeyRing
from tocsin.app.access.tables import ApiKey
from tocsin.app.storage.records import Records
from tocsin.model.errors import KeyWrong, StorageFull
from tocsin.records.table import begin_change

NOW = 1_700_000_000_000_000
HOUR = 3_600_000_000
SOON_S = 5.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(records: Records, clock: Clock) -> KeyRing:
    return KeyRing(records, clock)


def new(records: Records, *scopes: Scope, name: str = "app", expires_at: int | None = None) -> str:
    with records.session() as session:
        return make_key(session, NewKey(name=name, scopes=scopes or (Scope.DECIDE,), expires_at=expires_at), NOW)[1]


def number_of(key: str) -> str:
    parts = split_key(key)
    assert parts
    return parts[0]


def becomes(wanted: Callable[[], bool]) -> float:
    """Seconds until it is so."""
    began = time.monotonic()
    while not wanted():
        assert time.monotonic() - began < SOON_S, "it never was"
        time.sleep(0.0005)
    return time.monotonic() - began


def test_a_key_is_found_by_its_secret_alone(records: Records, keys: KeyRing) -> None:
    key, other = new(records, Scope.READ, name="bank"), new(records)
    becomes(lambda: keys.find(other) is not None)
    caller = keys.find(key)
    assert caller is not None
    assert (caller.name, caller.scopes) == ("bank", frozenset({Scope.READ}))
    swapped = f"{key.rpartition('_')[0]}_{other.rpartition('_')[2]}"
    for wrong in (
        swapped,
        key[:-1],
        key + "x",
        key.upper(),
        "",
        "tocsin",
        "tocsin__",
        "tocsin_1_2",
        "\x00",
        "é" * 5000,
    ):
        assert keys.find(wrong) is None, wrong


def test_nothing_that_is_kept_is_the_secret_or_gives_it_back(records: Records, tmp_path: Path, database: str) -> None:
    key = new(records, Scope.ADMIN)
    secret = key.split("_", 2)[2]
    with records.session() as session:
        kept = repr(session.execute(text("select * from api_key")).all())
    assert secret not in kept
    assert secret.encode().hex() not in kept.replace("\\x", "")
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()


def test_a_key_does_what_its_scopes_say_and_admin_everything(records: Records, keys: KeyRing) -> None:
    narrow, wide = new(records, Scope.DECIDE, Scope.READ), new(records, Scope.ADMIN)
    becomes(lambda: keys.find(wide) is not None)
    first, second = keys.find(narrow), keys.find(wide)
    assert first
    assert second
    assert [first.may(scope) for scope in Scope] == [scope in {Scope.DECIDE, Scope.READ} for scope in Scope]
    assert all(second.may(scope) for scope in Scope)


def test_a_key_ends_at_its_end_and_an_ended_one_is_no_key_in_force(
    records: Records, keys: KeyRing, clock: Clock
) -> None:
    assert keys.is_empty
    key = new(records, expires_at=NOW + HOUR)
    becomes(lambda: not keys.is_empty)
    clock.now = NOW + HOUR - 1
    assert keys.find(key) is not None
    clock.now = NOW + HOUR
    assert keys.find(key) is None
    assert keys.is_empty


def test_a_rotated_key_works_beside_the_new_one_until_its_time_is_over(
    records: Records, keys: KeyRing, clock: Clock
) -> None:
    old = new(records, Scope.READ, Scope.LISTS, name="bank", expires_at=NOW + 100 * HOUR)
    with records.session() as session:
        made, fresh = rotate_key(session, number_of(old), NOW + 24 * HOUR, NOW)
        assert (made.name, made.scopes, made.expires_at) == ("bank", "lists read", NOW + 100 * HOUR)
    becomes(lambda: keys.find(fresh) is not None)
    assert keys.find(old) is not None
    clock.now = NOW + 24 * HOUR
    assert keys.find(old) is None
    assert keys.find(fresh) is not None
    with records.session() as session, pytest.raises(KeyWrong, match="in force"):
        rotate_key(session, number_of(old), NOW + 48 * HOUR, clock.now)


def test_a_rotation_never_lengthens_an_old_keys_life_and_may_give_the_new_one_another_end(records: Records) -> None:
    old = new(records, expires_at=NOW + HOUR)
    with records.session() as session:
        made, _ = rotate_key(session, number_of(old), NOW + 24 * HOUR, NOW, expires_at=NOW + 500 * HOUR)
        assert made.expires_at == NOW + 500 * HOUR
        fresh = made.id
    with records.session() as session:
        kept = {key.id: key for key in list_keys(session)}
        assert kept[number_of(old)].expires_at == NOW + HOUR
        assert kept[number_of(old)].replaced_by == fresh
    with records.session() as session, pytest.raises(KeyWrong, match=f"replaced by {fresh}"):
        rotate_key(session, number_of(old), NOW + 24 * HOUR, NOW)


def test_what_is_no_key_cannot_be_rotated_or_revoked(records: Records) -> None:
    key = new(records)
    with records.session() as session, pytest.raises(KeyWrong, match="no key nobody"):
        revoke_key(session, "nobody", NOW)
    with records.session() as session, pytest.raises(KeyWrong, match="no key nobody in force"):
        rotate_key(session, "nobody", NOW, NOW)
    for _ in range(2):
        with records.session() as session:
            revoke_key(session, number_of(key), NOW + 1)
    with records.session() as session, pytest.raises(KeyWrong, match="in force"):
        rotate_key(session, number_of(key), NOW, NOW)


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (NewKey(name="", scopes=(Scope.READ,)), "1 to 128"),
        (NewKey(name="x" * 129, scopes=(Scope.READ,)), "1 to 128"),
        (NewKey(name="a\x00b", scopes=(Scope.READ,)), "can be seen"),
        (NewKey(name="a\udc80", scopes=(Scope.READ,)), "can be seen"),
        (NewKey(name="a", scopes=()), "needs a scope"),
        (NewKey(name="a", scopes=(Scope.READ,), expires_at=NOW), "in the past"),
    ],
)
def test_a_key_that_cannot_be_is_refused(records: Records, wanted: NewKey, fault: str) -> None:
    with records.session() as session, pytest.raises(KeyWrong, match=fault):
        make_key(session, wanted, NOW)
    with records.session() as session:
        assert list_keys(session) == []


REVOKE = """
import sys, time
from pathlib import Path
from tocsin.app.access.key import revoke_key
from tocsin.app.storage.records import Records
records = Records(Path(sys.argv[1]), sys.argv[2])
print("open", flush=True)
for line in sys.stdin:
    with records.session() as session:
        revoke_key(session, line.strip(), 1)
    print(time.time(), flush=True)
"""


def test_a_key_that_another_process_revokes_ends_within_moments(
    records: Records, keys: KeyRing, tmp_path: Path, database: str
) -> None:
    made = [new(records) for _ in range(5)]
    becomes(lambda: all(keys.find(key) for key in made))
    other = subprocess.Popen(
        [sys.executable, "-c", REVOKE, str(tmp_path), database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin
    assert other.stdout
    assert other.stdout.readline() == "open\n"
    waits = []
    for key in made:
        other.stdin.write(number_of(key) + "\n")
        other.stdin.flush()
        while keys.find(key) is not None:
            time.sleep(0.0002)
        ended = time.time()
        waits.append(ended - float(other.stdout.readline()))
    other.communicate(timeout=30)
    assert sorted(waits)[2] < 0.1, waits
    assert all(wait < 2 for wait in waits), waits


def test_an_unknown_key_takes_the_same_comparison_as_a_known_one(
    records: Records, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new(records)
    becomes(lambda: keys.find(key) is not None)
    compared: list[tuple[int, int]] = []
    honest = ring_module.hmac.compare_digest

    def watch(left: bytes, right: bytes) -> bool:
        compared.append((len(left), len(right)))
        return honest(left, right)

    monkeypatch.setattr(ring_module.hmac, "compare_digest", watch)
    for sent in (key, f"tocsin_{number_of(key)}_wrong", "tocsin_0123456789abcdef_wrong"):
        keys.find(sent)
    assert compared == [(32, 32)] * 3


class BrokenRecords:
    """Records that cannot be read any more."""

    def __init__(self, records: Records) -> None:
        self.whole = records
        self.broken = False
        self.asked = 0
        self.number = 0

    def version(self) -> int:
        return self.number

    def session(self) -> object:
        self.asked += 1
        if self.broken:
            raise StorageFull("away")
        return self.whole.session()


def test_keys_in_memory_outlive_records_that_cannot_be_read_and_are_not_asked_for_on_every_request(
    records: Records, clock: Clock
) -> None:
    key = new(records)
    breaking = BrokenRecords(records)
    keys = KeyRing(breaking, clock)
    assert keys.find(key) is not None
    breaking.broken, breaking.number = True, 1
    asked = breaking.asked
    for _ in range(1000):
        assert keys.find(key) is not None
    assert breaking.asked - asked <= 2
    with records.session() as session:
        revoke_key(session, number_of(key), NOW)
    breaking.broken = False
    becomes(lambda: keys.find(key) is None)


def test_a_scope_that_this_version_does_not_know_allows_nothing(records: Records, keys: KeyRing) -> None:
    key = new(records, Scope.READ)
    with records.session() as session:
        session.execute(text("update api_key set scopes = 'read everything'"))
        begin_change(session, ApiKey)
    becomes(lambda: keys.find(key) is not None)
    caller = keys.find(key)
    assert caller is not None
    assert caller.scopes == {Scope.READ}
