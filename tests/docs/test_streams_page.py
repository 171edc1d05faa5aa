"""What the page about streams says is what is so: its commands run, its settings load, its counts exist."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from tests.servers.broker import KafkaRig, NatsRig
from tocsin.app.service.tally import Gauges, Tally
from tocsin.app.settings import read_settings
from tocsin.app.stream_settings import KafkaSettings, NatsSettings
from tocsin.app.streams.letter import dead_letter, fit
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Message, Place
from tocsin.app.streams.tally import StreamTally
from tocsin.model.errors import MissingField

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXTS = [(DOCS / f"streams.{lang}.md").read_text(encoding="utf-8") for lang in ("en", "zh")]
TOCSIN = str(Path(sys.executable).with_name("tocsin"))


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def commands(text: str) -> list[str]:
    return [line for block in blocks(text, "sh") for line in block.splitlines()]


@pytest.fixture(params=("nats", "kafka"))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NatsRig | KafkaRig]:
    made = NatsRig(tmp_path / "broker") if request.param == "nats" else KafkaRig()
    yield made
    made.stop()


def test_the_commands_run_as_they_stand(rig: NatsRig | KafkaRig, tmp_path: Path) -> None:
    mine = [line.split() for line in commands(TEXTS[0]) if line.split()[2] == rig.name]
    assert [words[1] for words in mine] == ["consume", "dead-letters"]
    for words in mine:
        quick = ["0.3" if word == "5" else word for word in words[1:]]
        more = ["--data", str(tmp_path / "data"), "--port", "0"] if words[1] == "consume" else ["--until-idle", "0.3"]
        done = subprocess.run(
            [TOCSIN, *quick, *more, *rig.options()], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr


def test_both_languages_give_the_same_commands_settings_and_names() -> None:
    one, other = TEXTS
    assert commands(one) == commands(other)
    for kind in (r"`(tocsin[-_][a-z_-]+)`", r"`(\$JS[^`]+)`", r"`(--[a-z-]+)`"):
        assert sorted(re.findall(kind, one)) == sorted(re.findall(kind, other)), kind


@pytest.mark.parametrize("text", TEXTS, ids=("en", "zh"))
def test_the_settings_load_and_are_the_usual_ones(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_text("\n".join(blocks(text, "toml")), encoding="utf-8")
    found = read_settings(file)
    assert found.nats == NatsSettings()
    assert found.kafka.model_copy(update={"properties": {}}) == KafkaSettings()


def test_every_count_and_every_header_that_is_named_exists() -> None:
    tally = Tally(lambda: Gauges(0, 0, 0, 0, 0, 0, ready=True, consumer_lag=1))
    tally.further.append(StreamTally(Line("nats")))
    registry = CollectorRegistry()
    registry.register(tally)
    given = {line.split()[2] for line in generate_latest(registry).decode().splitlines() if line.startswith("# TYPE")}
    assert set(re.findall(r"`(tocsin_[a-z_]+)`", TEXTS[0])) <= given
    message = Message(b"x" * 2_000, (), Place("in", 1, 0))
    letter = fit(dead_letter(message, MissingField("a", "b"), "out"), 1_000)
    assert letter is not None
    headers = {name for name, _ in letter.headers}
    assert set(re.findall(r"`(tocsin-[a-z]+)`", TEXTS[0])) == headers
