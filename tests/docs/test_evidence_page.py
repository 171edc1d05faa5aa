"""What the page on evidence says anybody can do without Tocsin, this does, in order, with the tools that it names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_documents import ROOT, blocks
from tests.reference.evidence import NOON, make_bundle
from tocsin.records.signing import generate_signing_key
from tocsin.records.trail.anchor import sign_anchor, write_anchor
from tocsin.records.trail.chain import BEGINNING, Trace, link_entries

KEY = generate_signing_key()


@pytest.fixture
def given(tmp_path: Path) -> Path:
    make_bundle(tmp_path, KEY)[0].rename(tmp_path / "case-7.zip")
    (tmp_path / "platform.pem").write_bytes(KEY.public.pem)
    links = link_entries(BEGINNING, [Trace(number=1, at=NOON, by="person:7", act="case.view", record="case:7")])
    (tmp_path / "anchor.json").write_bytes(write_anchor(sign_anchor(links[-1], KEY, NOON)))
    return tmp_path


def run_page(folder: Path, language: str, change: str = "") -> subprocess.CompletedProcess[str]:
    script = "\n".join(blocks(ROOT / f"docs/evidence.{language}.md", "sh")).replace(
        "cd case-7\n", f"cd case-7\n{change}\n"
    )
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": search, "TOCSIN_LANG": language}
    words = ["bash", "-eu", "-o", "pipefail", "-c", script]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_of_the_page_proves_an_untouched_bundle(given: Path, language: str) -> None:
    done = run_page(given, language)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 3
    assert KEY.id in done.stdout.splitlines()


@pytest.mark.parametrize(
    "change",
    [
        "echo x >> files/*.png",
        "rm files/*.png",
        "echo x > files/0000000000000000000000000000000000000000000000000000000000000000.png",
        "sed -i s/person:7/person:8/ manifest.json && sha256sum files/* how-to-verify.txt manifest.* report.pdf > SHA256SUMS",
        "echo x >> report.pdf && sha256sum files/* how-to-verify.txt manifest.* report.pdf > SHA256SUMS",
        "cp SHA256SUMS.sig manifest.sig && sha256sum files/* how-to-verify.txt manifest.* report.pdf > SHA256SUMS",
    ],
)
def test_the_same_commands_find_what_was_changed(given: Path, change: str) -> None:
    assert run_page(given, "en", change).returncode != 0


def test_both_languages_give_the_same_commands() -> None:
    assert blocks(ROOT / "docs/evidence.en.md", "sh") == blocks(ROOT / "docs/evidence.zh.md", "sh")
