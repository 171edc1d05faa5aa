"""`tocsin seal`: the keys that seal, and everything sealed anew, also beside a service.

Receives the settings. Gives how much is sealed with each key, and a rotation: a new key, then everything under it, some at a
time. Interrupted, it goes on with what is left when it is called again.
"""

import sys

from rich.console import Console
from rich.table import Table

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records, stamp_of
from tocsin.app.loop.vault import Vault
from tocsin.app.personal.resealing import count_sealed, reseal_some, write_rotation
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records
from tocsin.app.wording import Wording
from tocsin.records.sealing.keyring import VARIABLE, rotate_keyring_file


def status(settings: Settings, lang: str, *, as_json: bool) -> int:
    """How much is sealed with each key."""
    say = Wording(lang).say
    with open_records(settings) as records:
        counts, current = _look(records)
    if as_json:
        print(to_json({"current": current, "values": counts}))
        return 0
    table = Table(say("key"), say("values"), say("state"))
    for key, count in counts.items():
        table.add_row(key, f"{count:,}", say("seals now") if key == current else say("opens only"))
    Console(markup=False, highlight=False).print(table)
    return 0


def rotate(settings: Settings, by: str | None, lang: str, *, as_json: bool) -> int:
    """Seals everything under a new key; where an earlier rotation is not finished, finishes that one."""
    say = Wording(lang).say
    with open_records(settings) as records:
        counts, current = _look(records)
        unfinished = any(count for key, count in counts.items() if key != current)
        if not unfinished and records.seal_keys.from_environment:
            told = say(
                "The keys come from {variable}: add a key at its end, start the service anew, and call this again.",
                variable=VARIABLE,
            )
            print(told, file=sys.stderr)
            return 1
        if not unfinished:
            rotate_keyring_file(records.seal_keys.file)
        done = _reseal(records, Vault(settings.data))
        with records.change() as session:
            write_rotation(session, done, stamp_of(by))
        _, current = _look(records)
    if as_json:
        print(to_json({"key": current, "resealed": done}))
    else:
        print(say("{count:,} values are sealed anew with key {key}", count=done, key=current))
    return 0


def _reseal(records: Records, vault: Vault) -> int:
    done = 0
    while True:
        with records.change() as session:
            some = reseal_some(session, vault)
        if not some:
            return done
        done += some


def _look(records: Records) -> tuple[dict[str, int], str]:
    current = str(records.seal_keys.ring().current.id)
    with records.session() as session:
        return count_sealed(session), current
