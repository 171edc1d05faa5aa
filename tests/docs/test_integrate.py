"""What the page for integrators says is what is so: its snippets and its examples run against a real service."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.live import LiveService, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / f"docs/integrate.{language}.md" for language in ("en", "zh")]
COMMANDS = sorted(
    {
        line
        for page in PAGES
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for line in block.splitlines()
    }
)
DETOURS = (
    "/transfers/",
    "//transfers",
    "/transfers//",
    "/Transfers",
    "/%74ransfers",
    "/x/../transfers",
    "/transfers;x",
    "/transfers?a",
    "/transfers%2F",
    "/./transfers",
    "/transfers%20",
    "/transfers%00",
)
KEY = "TOCSIN_KEY=tocsintest_... "


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_snippets_run_and_say_what_is_written_beside_them(live_service: LiveService, page: Path) -> None:
    snippets = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(snippets) == 7
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(snippets)],
        env={
            **os.environ,
            "TOCSIN_URL": live_service.url,
            "TOCSIN_KEY": live_service.test_key,
            "PYTHONIOENCODING": "utf-8",
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0] == "hold ['test-value']"
    assert told[1].startswith("Stats(decided=1, fallbacks=0, causes={}, failed=0, sent=1, ")
    assert told[2] == "hold"
    assert "outcome=<Outcome.BLOCK" in told[3]
    assert "cause='out_of_range', field='amount'" in told[3]
    expected = ["test-allow allow", "test-warn warn", "test-challenge challenge", "test-hold hold", "test-block block"]
    assert [line.strip() for line in told[4:]] == [
        *expected,
        "test-slow challenge timeout",
        "test-unready challenge not_ready",
    ]
    assert "refused: out_of_range, field 'amount'" in done.stderr


def test_every_example_is_named_and_every_framework_has_one() -> None:
    files = sorted(path.name for path in (ROOT / "docs/examples").glob("*.py"))
    assert [command.rsplit("/", 1)[-1] for command in COMMANDS] == files
    assert {name.partition("_")[0] for name in files} == {"fastapi", "litestar", "starlette", "django", "flask"}
    assert all(command.startswith(f"{KEY}python docs/examples/") for command in COMMANDS)


@contextmanager
def running(command: str, service: LiveService, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    words = command.removeprefix(f"{KEY}python ").split()
    environment = {
        **os.environ,
        "TOCSIN_KEY": service.test_key,
        "TOCSIN_URL": service.url,
        "PORT": str(port),
        "PYTHONWARNINGS": "error",
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: is_up(process, url), command)
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def is_up(process: subprocess.Popen[bytes], url: str) -> bool:
    assert process.poll() is None, "it ended by itself"
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code > 0
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.rsplit("/", 1)[-1])
def test_each_example_acts_on_every_outcome(command: str, live_service: LiveService, tmp_path: Path) -> None:
    with running(command, live_service, tmp_path) as url:

        def transfer(payee: str, target: str = "/transfers", **more: Any) -> httpx.Response:
            wanted = {"payee": payee, "amount": 12.5, **more}
            return httpx.post(f"{url}{target}", json=wanted, headers={"x-account": "1"}, trust_env=False, timeout=30)

        allowed = transfer("2")
        assert (allowed.status_code, allowed.headers.get("tocsin-outcome")) == (200, None)
        assert allowed.json() == {"sent": 12.5, "to": "2", "outcome": "allow", "fallback": False}
        warned = transfer("test-warn")
        assert (warned.status_code, warned.headers["tocsin-outcome"], warned.json()["outcome"]) == (200, "warn", "warn")
        for outcome in ("challenge", "hold", "block"):
            stopped = transfer(f"test-{outcome}")
            assert (stopped.status_code, stopped.json()["code"]) == (403, outcome)
        for target in DETOURS:
            assert transfer("test-block", target).status_code != 200, f"{target} leads past"
        unready = transfer("test-unready")
        assert (unready.status_code, unready.json()["fallback"]) == (200, True)
        refused = transfer("2", amount="a lot")
        assert refused.status_code != 403, "the application itself judges what it is sent"
        assert "Traceback" not in (tmp_path / "log").read_text()
