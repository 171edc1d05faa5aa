"""The commands in the pages on operations run, in the order of the page, beside the service that the page starts."""

import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.reference.serving import TOCSIN, run_tocsin

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("run-in-production", "back-up-and-restore", "upgrade", "settings")
AROUND = {"TOCSIN_PORT": "0"}


def lines_of(page: str, language: str) -> list[str]:
    text = (ROOT / f"docs/{page}.{language}.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```shell\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_commands(page: str) -> None:
    english = lines_of(page, "en")
    assert english == lines_of(page, "zh")
    assert any(line.startswith("$ tocsin ") for line in english)
    for line in english:
        assert line.startswith(("$ tocsin ", "# ")), f"{line}: $ is run here, # is for the machine's administrator"


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_its_order(tmp_path: Path, page: str) -> None:
    commands = [shlex.split(line[2:])[1:] for line in lines_of(page, "en") if line.startswith("$ ")]
    service = None
    try:
        for command in commands:
            if command == ["serve"]:
                service = start(tmp_path)
                continue
            done = run_tocsin(*command, cwd=tmp_path, env=AROUND)
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert (service is not None) == (["serve"] in commands)
    finally:
        if service is not None:
            service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=60) == 0


def start(folder: Path) -> "subprocess.Popen[bytes]":
    log = folder / "log"
    with log.open("wb") as out:
        service = subprocess.Popen([TOCSIN, "serve", "--port", "0"], cwd=folder, stderr=out)
    deadline = time.monotonic() + 60
    while '"event": "ready"' not in log.read_text(encoding="utf-8"):
        assert service.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return service


def test_the_administrators_commands_name_files_that_exist() -> None:
    for line in lines_of("run-in-production", "en"):
        for word in line.split():
            if word.startswith(("deploy/", "requirements/")):
                assert (ROOT / word).is_file(), word


def test_the_pages_name_only_limits_that_hold() -> None:
    from tocsin.app.http.lanes import BATCH_BYTES, BATCH_LIMIT
    from tocsin.ingest.reader import SIZE_LIMIT

    text = (ROOT / "docs/run-in-production.en.md").read_text(encoding="utf-8")
    assert f"{SIZE_LIMIT >> 10} KiB an event, {BATCH_LIMIT:,} events or {BATCH_BYTES >> 20} MiB a batch" in text
    assert f"client_max_body_size {BATCH_BYTES >> 20}m" in text
