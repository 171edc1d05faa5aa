"""What the documents say is what is so: commands run, packs load, both languages have the same pages and parts."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.reference.entries import START, TYPING, make_entries
from tocsin.app.access.key import NewKey, Scope, make_key
from tocsin.app.bootstrap import load_duties, load_packs, make_detectors
from tocsin.app.storage.records import Records
from tocsin.decide.case_check import check_cases
from tocsin.history.history import History
from tocsin.history.lake.query import ask
from tocsin.history.reading import open_reading
from tocsin.ingest.reader import EventReader

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.name.removesuffix(".en.md") for path in (ROOT / "docs").glob("*.en.md"))
BIN = Path(sys.executable).parent


def blocks(path: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_parts(page: str) -> None:
    shapes = []
    for language in ("en", "zh"):
        text = (ROOT / f"docs/{page}.{language}.md").read_text(encoding="utf-8")
        shapes.append((re.findall(r"^#+ ", text, re.MULTILINE), re.findall(r"```(\w*)", text), text.count("\n|")))
    assert shapes[0] == shapes[1]


COMMANDS = sorted(
    {
        line.removeprefix("$ ").split("#")[0].strip()
        for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
        for block in blocks(path, "console")
        for line in block.splitlines()
        if line.startswith("$ ") and not line.startswith("$ make")
    },
    key=lambda line: ("packs new" not in line, line),
)


def make_records(data: Path) -> None:
    """What the documents' commands work on: a history, and the two keys that they name."""
    history = History(data)
    entries = make_entries(1, 30)
    history.journal.append(entries, START)
    history.index.add(entries)
    history.close()
    records = Records(data)
    named = re.findall(r"keys (?:rotate|revoke) (\w+)", "\n".join(COMMANDS))
    with records.session() as session:
        for number in named:
            make_key(session, NewKey(name="app", scopes=(Scope.READ,)), START)[0].id = number
    records.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_in_the_documents_is_answered(tmp_path: Path, language: str) -> None:
    make_records(tmp_path)
    questions = blocks(ROOT / f"docs/history.{language}.md", "sql")
    assert len(questions) >= 3
    with open_reading(tmp_path) as reading:
        for sql in questions:
            assert ask(reading.journal, reading.lake, TYPING, sql).columns


def test_every_command_in_the_documents_runs(tmp_path: Path) -> None:
    event = json.loads(blocks(ROOT / "docs/events-in.en.md", "json")[0])
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    mapping = next(block for block in blocks(ROOT / "docs/events-in.en.md", "yaml") if block.startswith("type:"))
    (tmp_path / "map.yaml").write_text(mapping.replace("bank-a", "bank"), encoding="utf-8")
    (tmp_path / "transfers.csv").write_text("Time,Source,Target,Amount\n5,S1,T1,12.5\n", encoding="utf-8")
    make_records(tmp_path / "tocsin-data")
    assert len(COMMANDS) >= 6
    for command in COMMANDS:
        words = " ".join(
            f"{BIN}/{word}" if word == "tocsin" else word if word in "|>" else shlex.quote(word)
            for word in shlex.split(command)
        )
        done = subprocess.run(words, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    rejects = tmp_path / "decisions.jsonl.rejects.jsonl"
    assert rejects.read_text() == "", rejects.read_text()


@pytest.mark.parametrize("page", ["README.md", "docs/writing-rules.en.md", "docs/writing-rules.zh.md"])
def test_the_example_rules_load_and_hold(tmp_path: Path, page: str) -> None:
    (tmp_path / "pack.toml").write_text(
        'id = "example"\ntitle = {en = "e", zh = "e"}\nversion = "1"\nrequires = ["core"]\n'
    )
    (tmp_path / "trusted-payees.csv").write_text("value,expires_at,note\n")
    for number, block in enumerate(blocks(ROOT / page, "yaml")):
        (tmp_path / f"part{number}.yaml").write_text(block, encoding="utf-8")
    catalogue = load_packs([tmp_path])
    results = check_cases(catalogue, catalogue.rules.values(), make_detectors())
    assert results
    assert [each.fault for each in results if each.fault] == []


@pytest.mark.parametrize("page", ["docs/duties.en.md", "docs/duties.zh.md"])
def test_the_example_duty_loads(tmp_path: Path, page: str) -> None:
    (tmp_path / "pack.toml").write_text(
        'id = "house"\ntitle = {en = "h", zh = "h"}\nversion = "1"\nrequires = ["duties-core"]\n'
    )
    (tmp_path / "duties.yaml").write_text(blocks(ROOT / page, "yaml")[0], encoding="utf-8")
    register = load_duties([tmp_path])
    assert [len(duty.deadlines) for duty in register.duties_under("HOUSE")] == [3]
    shipped = len(register.duties) - 1
    assert f"{shipped} " in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_event_type_of_the_documents_can_be_read(tmp_path: Path, language: str) -> None:
    (tmp_path / "pack.toml").write_text('id = "own"\ntitle = {en = "o", zh = "o"}\nversion = "1"\n')
    (block,) = [each for each in blocks(ROOT / f"docs/events-in.{language}.md", "yaml") if each.startswith("events:")]
    (tmp_path / "events.yaml").write_text(block, encoding="utf-8")
    event = {"id": "1", "type": "coupon.redeem", "redeemed_at": 1_768_478_400, "account": "account:1"}
    row = EventReader(load_packs([tmp_path]).types).read_object({**event, "shop": {"id": "s1"}, "value": 2.5}).row
    assert row[3:] == ("account:1", "s1", 25_000)


def test_the_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    named = {each for path in documents for each in re.findall(r"make (\w+)`", path.read_text(encoding="utf-8"))}
    for target in named | {"demo", "test", "check", "bench", "lock"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+\.md)\)", path.read_text(encoding="utf-8")):
            targets = [path.parent / link, path.parent / link.replace(".md", ".en.md")]
            assert any(target.exists() for target in targets), f"{path.name}: {link}"


def test_locks_have_hashes_and_no_addresses_and_cover_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, needs in (
        ("core.txt", project["dependencies"]),
        ("dev.txt", [*project["dependencies"], *project["optional-dependencies"]["dev"]]),
        ("bench.txt", project["dependencies"]),
    ):
        lock = (ROOT / "requirements" / name).read_text()
        assert "://" not in lock
        assert "--index" not in lock
        entries = re.split(r"\n(?=\S)", lock.strip())
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
        locked = {re.split(r"[=\[ ]", entry)[0].lower() for entry in entries}
        wanted = {re.split(r"[<>=\[; ]", need)[0].lower() for need in needs} - {"tocsin"}
        assert wanted - locked == set(), name


def test_no_committed_file_names_a_registry_or_a_place_of_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    own = Path(__file__).relative_to(ROOT).as_posix()
    for name in tracked:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace") if (ROOT / name).is_file() else ""
        assert not re.search(r"pypi\.org|pythonhosted|/home/|/root/", text) or name == own, name


def test_the_hooks_call_tools_that_are_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    makefile = (ROOT / "Makefile").read_text()
    for hook in hooks:
        tool = BIN / Path(hook["entry"].split()[0]).name
        assert tool.exists(), hook
        if tool.name in {"ruff", "mypy"}:
            assert f"$(BIN)/{hook['entry'].removeprefix('.venv/bin/').split()[0]}" in makefile
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert "make test" in (ROOT / ".ci/run").read_text()
