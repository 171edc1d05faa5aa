"""How cost grows: rules at 20, 100 and 500, rules of other event types, and windows at 0.2 and 5 million events."""

import json
import tempfile
from pathlib import Path
from typing import Any

from bench import measure
from bench.workload import iter_events, load, options
from tocsin.app.bootstrap import make_decider, make_detectors, settle_memory
from tocsin.decide.plan import make_plan
from tocsin.ingest.reader import EventReader

SIZES = (20, 100, 500)
LARGE = 5_000_000
CHUNK = 50_000


def other_type(workload: str) -> str:
    """An event type with the same fields on which the measured events do not come."""
    lines = workload.splitlines()
    start = lines.index("  message:")
    body = lines[start + 1 : lines.index("features:")]
    return (
        "\n".join([*lines[: lines.index("features:")], "  elsewhere:", *body, *lines[lines.index("features:") :]])
        + "\n"
    )


def rules_speed(events: list[dict[str, Any]], count: int, event_types: str, rounds: int) -> int:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "pack"
        folder.mkdir()
        text = (measure.PACK / "rules.yaml").read_text(encoding="utf-8")
        (folder / "pack.toml").write_text((measure.PACK / "pack.toml").read_text(encoding="utf-8"))
        workload = (measure.PACK / "workload.yaml").read_text(encoding="utf-8")
        (folder / "workload.yaml").write_text(other_type(workload), encoding="utf-8")
        for copy in range(count // 20):
            renamed = (
                text.replace("  r", f"  c{copy}-r").replace("on: [transfer, message]", f"on: {event_types}")
                if copy
                else text
            )
            (folder / f"rules{copy}.yaml").write_text(renamed, encoding="utf-8")
        catalogue = measure.load_pack(folder)
    assert len(catalogue.rules) == count
    plan = make_plan(catalogue, make_detectors())
    parsed = measure.parse(catalogue, [json.dumps(event).encode() for event in events])
    work = [(plan.types[event.type].evaluate, event.row) for event in parsed]
    return round(measure.median_speed(lambda: [evaluate(row, ()) for evaluate, row in work], len(work), rounds))


def windows_speed(count: int) -> dict[str, float]:
    """Events one at a time through six windows; only the windows are timed."""
    catalogue = measure.load_pack()
    reader = EventReader(catalogue.types)
    state = make_decider(catalogue, with_features=True).features
    state.warm()
    spent, chunk = 0.0, []
    for number, event in enumerate(iter_events(count), 1):
        parsed = reader.read_json(json.dumps(event).encode())
        chunk.append((parsed.type, parsed.at, parsed.row))
        if len(chunk) == CHUNK or number == count:
            spent += measure.seconds(lambda chunk=chunk: [state.step(*each) for each in chunk])  # type: ignore[misc]
            chunk = []
    held = state.stats()
    return {
        "events": count,
        "events_per_s": round(count / spent),
        "entries_held": held.entries,
        "bytes_per_entry": round(held.used_bytes / held.entries),
        "bytes_per_entry_reserved": round(held.bytes / held.entries),
        "mib_reserved": round(held.bytes / 2**20, 1),
    }


def main() -> None:
    chosen = options(__doc__)
    settle_memory()
    events = load(chosen)[:50_000]
    result: dict[str, Any] = {
        "rules_events_per_s": {str(n): rules_speed(events, n, "[transfer, message]", chosen.rounds) for n in SIZES}
    }
    result["480_more_rules_on_another_type"] = rules_speed(events, 500, "elsewhere", chosen.rounds)
    del events
    result["windows"] = [windows_speed(chosen.count), windows_speed(LARGE)]
    print(json.dumps(result) if chosen.json else json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
