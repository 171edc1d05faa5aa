"""`tocsin keys` and `tocsin history` as people and scripts use them, beside a service and without one."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.reference.entries import TYPING, make_entries
from tocsin.app.access.ring import KeyRing
from tocsin.app.cli.keep import change
from tocsin.app.cli.main import app
from tocsin.app.settings import read_settings
from tocsin.app.storage.records import Records
from tocsin.history.history import History
from tocsin.history.lake.compaction import compact
from tocsin.model.errors import HistoryBusy, HistoryError, InputError, KeyWrong, OutputError, QueryError

pytestmark = pytest.mark.usefixtures("own_process")


class Tocsin:
    """Commands on one data folder."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data = data
        self.environment = {"TOCSIN_LANG": "en", "TOCSIN_DATABASE": database, "COLUMNS": "200"}

    def run(self, *words: str, answer: str | None = None) -> Result:
        done = CliRunner().invoke(app, [*words, "--data", str(self.data)], input=answer, env=self.environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def json(self, *words: str) -> object:
        return json.loads(self.run(*words, "--json").stdout)


@pytest.fixture
def tocsin(tmp_path: Path) -> Tocsin:
    return Tocsin(tmp_path / "data")


@pytest.fixture
def kept(tocsin: Tocsin) -> Iterator[History]:
    """A history that this process has, as a service would."""
    history = History(tocsin.data)
    for begin in (1, 11, 21):
        entries = make_entries(begin, begin + 9)
        history.journal.append(entries, 1)
        history.index.add(entries)
    compact(history.journal, history.lake, TYPING, 1, least=1)
    entries = make_entries(31, 40)
    history.journal.append(entries, 1)
    history.index.add(entries)
    yield history
    if history.journal._open:
        history.close()


def test_a_new_key_is_all_that_stands_on_standard_output_and_works(tmp_path: Path, database: str) -> None:
    tocsin = Tocsin(tmp_path, database)
    done = tocsin.run("keys", "new", "app", "--scope", "decide", "--scope", "read", "--expires", "90d")
    key = done.stdout.strip()
    assert key.startswith("tocsin_")
    assert "shown this once" in done.stderr
    assert key not in done.stderr
    records = Records(tmp_path, database)
    caller = KeyRing(records, change._now_us).find(key)
    assert caller is not None
    assert (caller.name, sorted(caller.scopes)) == ("app", ["decide", "read"])
    assert caller.expires_at is not None
    assert abs(caller.expires_at - change._now_us() - 90 * 86_400_000_000) < 60_000_000
    records.close()


def test_keys_are_listed_without_secrets_rotated_and_revoked(tmp_path: Path, database: str) -> None:
    tocsin = Tocsin(tmp_path, database)
    made = tocsin.json("keys", "new", "银行 app", "--scope", "lists")
    assert isinstance(made, dict)
    rotated = tocsin.run("keys", "rotate", made["id"], "--keep", "2h", "--expires", "30d")
    fresh = rotated.stdout.strip().split("_")[1]
    assert f"The key {made['id']} works until" in rotated.stderr
    listed = tocsin.json("keys", "list")
    assert isinstance(listed, list)
    assert [(key["id"], key["state"], key["replaced_by"]) for key in sorted(listed, key=lambda key: key["state"])] == [
        (fresh, "in_force", None),
        (made["id"], "replaced", fresh),
    ]
    assert tocsin.run("keys", "revoke", fresh).stdout == f"The key {fresh} is revoked.\n"
    shown = tocsin.run("keys", "list").stdout
    assert "revoked" in shown
    assert "银行 app" in shown
    assert made["key"].split("_", 2)[2] not in shown + json.dumps(listed)
    assert "已吊销" in tocsin.run("keys", "list", "--lang", "zh").stdout


@pytest.mark.parametrize(
    ("words", "kind", "fault"),
    [
        (["keys", "new", "a", "--scope", "write"], KeyWrong, "decide, read, lists, measures, cases, personal, admin"),
        (["keys", "new", "", "--scope", "read"], KeyWrong, "1 to 128"),
        (["keys", "new", "a", "--scope", "read", "--expires", "1y"], InputError, "90d"),
        (["keys", "rotate", "nobody", "--keep", "soon"], InputError, "--keep"),
        (["keys", "rotate", "nobody"], InputError, "no records yet"),
        (["keys", "revoke", "nobody"], InputError, "no records yet"),
        (["keys", "list"], InputError, "no records yet"),
        (["history", "stats"], InputError, "no history"),
        (["history", "verify"], InputError, "no history"),
        (["history", "query", "select 1"], InputError, "no history"),
        (["history", "export", "a.csv"], InputError, "no history"),
        (["history", "compact"], InputError, "no history"),
        (["history", "erase", "account:1", "--reason", "r", "--yes"], InputError, "no history"),
        (["history", "hold", "account:1", "--reason", "r"], InputError, "no history"),
        (["history", "release", "1"], InputError, "no history"),
        (["history", "holds"], InputError, "no history"),
        (["history", "erasures"], InputError, "no history"),
    ],
)
def test_what_cannot_be_done_is_told_and_makes_no_folder(
    tocsin: Tocsin, words: list[str], kind: type[Exception], fault: str
) -> None:
    with pytest.raises(kind, match=fault):
        tocsin.run(*words)
    assert not (tocsin.data / "journal.db").exists()
    assert words[:2] == ["keys", "new"] or not tocsin.data.exists()


def test_reading_works_beside_a_service_and_needs_no_ownership(tocsin: Tocsin, kept: History, tmp_path: Path) -> None:
    counted = tocsin.json("history", "stats")
    assert isinstance(counted, dict)
    assert (counted["entries"], counted["journal_entries"], counted["lake_entries"]) == (40, 10, 30)
    assert counted["types"][0]["first_day"] == "2023-11-14"
    assert "40 entries: 10 in the journal" in tocsin.run("history", "stats").stdout
    assert "共 40 条" in tocsin.run("history", "stats", "--lang", "zh").stdout
    proof = tocsin.run("history", "verify")
    assert (proof.exit_code, "everything is as it was committed" in proof.stdout) == (0, True)
    told = tocsin.json(
        "history", "query", "select outcome, count(*), sum(amount) from payment_transfer group by 1 order by 1"
    )
    assert told == {
        "columns": ["outcome", "count_star()", "sum(amount)"],
        "rows": [["allow", 36, 180], ["hold", 4, 25]],
        "cut": False,
    }
    shown = tocsin.run(
        "history", "query", "select event_at, entities, amount, null as gone from payment_transfer order by seq limit 2"
    )
    assert "2023-11-14T23:13:20Z" in shown.stdout
    assert "account:1, account:m" in shown.stdout
    assert shown.stderr == "2 rows\n"
    out = tmp_path / "all.jsonl"
    assert tocsin.run("history", "export", str(out)).stdout == f"40 rows in {out}\n"
    assert [json.loads(line)["seq"] for line in out.read_text().splitlines()] == list(range(1, 41))
    assert tocsin.run("history", "export", str(out), "--sql", "select 1 a").stdout.startswith("1 rows")


def test_wrong_questions_are_one_clear_error(tocsin: Tocsin, kept: History) -> None:
    for sql, fault in (("selec", "syntax"), ("select 1; select 2", "one SELECT"), ("drop table history", "one SELECT")):
        with pytest.raises(QueryError, match=fault):
            tocsin.run("history", "query", sql)
    slow = "select count(*) from range(10000000000) a, range(1000000) b where (a.range * b.range) % 7 = 3"
    with pytest.raises(QueryError, match=r"not answered within 0\.1 s"):
        tocsin.run("history", "query", slow, "--time-limit", "0.1")
    with pytest.raises(QueryError, match="must end in"):
        tocsin.run("history", "export", "a.pdf")
    with pytest.raises(OutputError, match="no such folder"):
        tocsin.run("history", "export", "nowhere/a.csv")


def test_who_seals_or_erases_beside_a_service_is_told_to_stop_it(tocsin: Tocsin, kept: History) -> None:
    for words in (["compact"], ["erase", "account:3", "--reason", "r", "--yes"]):
        with pytest.raises(HistoryBusy, match="stop the service"):
            tocsin.run("history", *words)


def test_a_hold_is_set_and_lifted_beside_a_service_at_once(tocsin: Tocsin, kept: History) -> None:
    assert (
        tocsin.run("history", "hold", "account:3", "--reason", "court 5", "--by", "法务").stdout
        == "hold 1 is in force\n"
    )
    held = tocsin.json("history", "holds")
    assert isinstance(held, list)
    assert [(each["entity"], each["reason"], each["by"], each["lifted_at"]) for each in held] == [
        ("account:3", "court 5", "法务", None)
    ]
    assert "court 5" in tocsin.run("history", "holds").stdout
    kept.close()
    with pytest.raises(HistoryError, match="legal hold"):
        tocsin.run("history", "erase", "account:3", "--reason", "r", "--yes")
    assert tocsin.run("history", "release", "1").stdout == "hold 1 is lifted\n"
    with pytest.raises(InputError, match="no hold 1 in force"):
        tocsin.run("history", "release", "1")


def test_an_erasure_asks_first_is_recorded_and_can_be_looked_up_by_who_it_was(tocsin: Tocsin, kept: History) -> None:
    kept.close()
    erase = ("history", "erase", "account:3", "--reason", "request 17")
    asked = tocsin.run(*erase, answer="n\n")
    assert (asked.exit_code, "Erase 6 entries that touch account:3?" in asked.output) == (1, True)
    assert tocsin.json("history", "erasures") == []
    assert tocsin.run(*erase, "--by", "dpo", answer="y\n").stdout.endswith("erasure 1: 6 entries\n")
    for wanted in ([], ["--entity", "account:3"]):
        found = tocsin.json("history", "erasures", *wanted)
        assert isinstance(found, list)
        assert [(each["number"], each["reason"], each["by"], each["entries"]) for each in found] == [
            (1, "request 17", "dpo", 6)
        ]
        assert "account:3" not in json.dumps(found)
    assert tocsin.json("history", "erasures", "--entity", "account:4") == []
    assert "request 17" in tocsin.run("history", "erasures").stdout
    proof = tocsin.json("history", "verify")
    assert isinstance(proof, dict)
    assert (proof["faults"], proof["erased"]) == ([], 4)
    assert tocsin.json("history", "query", "select count(*) from history where len(entities) = 0") == {
        "columns": ["count_star()"], "rows": [[6]], "cut": False,
    }  # fmt: skip
    assert all(b"account:3" not in path.read_bytes() for path in tocsin.data.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "words", [["erase", "nobody", "--yes"], ["hold", ""], ["hold", "account:\x00"], ["hold", "a:\udc80"]]
)
def test_who_is_no_entity_is_told_how_one_is_written(tocsin: Tocsin, kept: History, words: list[str]) -> None:
    kept.close()
    with pytest.raises(InputError, match="kind:value"):
        tocsin.run("history", *words, "--reason", "r")
    with pytest.raises(InputError, match="--reason"):
        tocsin.run("history", "hold", "account:1", "--reason", "")


def test_compact_seals_whole_stretches_or_everything(tocsin: Tocsin, kept: History) -> None:
    kept.close()
    assert tocsin.run("history", "compact").stdout == "0 entries sealed, 10 left in the journal\n"
    assert tocsin.json("history", "compact", "--all") == {"sealed": 10, "left": 0}
    assert tocsin.run("history", "verify").exit_code == 0


def test_a_proof_that_fails_names_the_place_and_ends_with_1(tocsin: Tocsin, kept: History) -> None:
    with sqlite3.connect(tocsin.data / "journal.db") as base:
        base.execute("update batch set entries = zeroblob(10)")
    base.close()
    failed = tocsin.run("history", "verify")
    assert failed.exit_code == 1
    assert "entries 31 to 40 are not what was committed" in failed.stdout
    assert "1 faults" in failed.stdout
    told = tocsin.run("history", "verify", "--json")
    assert (told.exit_code, len(json.loads(told.stdout)["faults"])) == (1, 1)


def test_negative_days_of_keeping_are_refused() -> None:
    with pytest.raises(InputError, match="keep_days"):
        read_settings(None, keep_days={"*": -1})
    assert read_settings(None, keep_days={"*": 0}).keep_days == {"*": 0}
