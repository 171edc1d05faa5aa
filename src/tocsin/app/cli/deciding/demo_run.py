"""`tocsin demo`: a simulated platform through the shipped packs, and an honest account of it."""

import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from rich.console import Console

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.decide_file import say_that_it_compiles
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.options import own_command
from tocsin.app.demo.aftermath import follow_up
from tocsin.app.demo.aftermath_show import show_aftermath
from tocsin.app.demo.judgement import judge
from tocsin.app.demo.show import show_judgement
from tocsin.app.demo.simulation import simulate, write_labelled
from tocsin.app.logs import set_up_logs
from tocsin.app.wording import Wording
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import Decision
from tocsin.model.errors import OutputError


def run(out: Path, seed: int, lang: str, *, as_json: bool) -> int:
    """Simulates, decides, judges and shows; leaves the labelled events and the decisions in `out`."""
    wording = Wording(lang)
    say = wording.say
    set_up_logs(sys.stderr, logging.WARNING)
    console = Console(quiet=as_json, width=None if sys.stdout.isatty() else 140, highlight=False)
    console.print(
        say("Simulating a platform (seed {seed}). This is demonstration data; nobody in it exists.", seed=seed)
    )
    labelled = simulate(seed)
    catalogue = bootstrap.load_packs([])
    reader, decider = EventReader(catalogue.types), bootstrap.make_decider(catalogue)
    encoder = msgspec.json.Encoder(decimal_format="number")
    raw = [encoder.encode(each.event) for each in labelled]
    bootstrap.warm(decider, lambda: None if as_json else say_that_it_compiles(wording))
    began = time.perf_counter()
    decisions: dict[str, Decision] = {}
    for each in raw:
        decision = decider.decide(reader.read_json(each))
        decisions[decision.event_id] = decision
    seconds = time.perf_counter() - began
    judgement = judge(labelled, decisions)
    try:
        lines, labels = write_labelled(labelled, out)
        written = b"".join(encoder.encode(decision) + b"\n" for decision in decisions.values())
        (out / "decisions.jsonl").write_bytes(written)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}") from None
    if as_json:
        print(to_json(judgement))
        return 0
    for part in show_judgement(judgement, wording):
        console.print(part)
    with TemporaryDirectory() as folder:
        done = follow_up(Path(folder), labelled, decisions, judgement, catalogue.rules)
    for part in (*show_aftermath(done, wording), ""):
        console.print(part)
    speed = len(raw) / seconds
    console.print(
        say("{count:,} events in {seconds:.1f} s ({speed:,.0f} events/s)", count=len(raw), seconds=seconds, speed=speed)
    )
    seen = next((each.event_id for each in judgement.hurt), str(labelled[0].event["id"]))
    for line in _pointers(wording, lines, labels, seen):
        console.print(line, soft_wrap=True)
    return 0


def _pointers(wording: Wording, lines: Path, labels: Path, seen: str) -> Iterator[str]:
    """Where everything lies, and what may be done with it next."""
    say, kept = wording.say, lines.with_name("decisions.jsonl")
    yield say("labelled events: {lines}, {labels}; decisions: {kept}", lines=lines, labels=labels, kept=kept)
    tocsin = own_command()
    command = f"{tocsin} decide {lines} --features --out {lines.with_name('again.jsonl')}"
    yield say("decide them again, with every feature's value: {command}", command=command)
    yield say("see one event, its label and its decision: {command}", command=f"grep -h {seen} {lines} {labels} {kept}")
    yield say("read the rules: {command}", command=f"{tocsin} packs show")
