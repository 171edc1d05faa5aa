"""`tocsin demo`: a simulated platform through the shipped packs, and an honest account of it."""

import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console

from tocsin.app import bootstrap
from tocsin.app.cli.summary import to_json
from tocsin.app.demo.judgement import judge
from tocsin.app.demo.show import WORDS, show_judgement
from tocsin.app.demo.simulation import simulate, write_labelled
from tocsin.ingest.reader import EventReader
from tocsin.model.decision import Decision
from tocsin.model.errors import InputError, OutputError


def run(out: Path, seed: int, lang: str, *, as_json: bool) -> int:
    """Simulates, decides, judges and shows; leaves the labelled events and the decisions in `out`."""
    if lang not in WORDS:
        raise InputError(f"--lang is {' or '.join(WORDS)}, not {lang[:20]}")
    console = Console(quiet=as_json, width=None if sys.stdout.isatty() else 120)
    console.print(f"Simulating a platform (seed {seed}). This is demonstration data; nobody in it exists.")
    labelled = simulate(seed)
    catalogue = bootstrap.load_packs([])
    reader, decider = EventReader(catalogue.types), bootstrap.make_decider(catalogue)
    encoder = msgspec.json.Encoder(decimal_format="number")
    raw = [encoder.encode(each.event) for each in labelled]
    decider.features.warm()
    bootstrap.settle_memory()
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
    for part in show_judgement(judgement, lang):
        console.print(part)
    console.print(f"{len(raw):,} events in {seconds:.1f} s ({len(raw) / seconds:,.0f} events/s)")
    console.print(f"labelled events: {lines}, {labels}; decisions: {out / 'decisions.jsonl'}")
    console.print(f"look further: tocsin decide {lines} --features --out {out / 'again.jsonl'}", soft_wrap=True)
    return 0
