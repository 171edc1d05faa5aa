"""The whole simulation: normal life with stories in it, in the order in which a platform would see them."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tocsin.app.demo.life import live
from tocsin.app.demo.platform import LabelledEvent, Platform
from tocsin.app.demo.stories import payments, supply

START = datetime(2025, 3, 3, tzinfo=UTC)
STORIES = (
    ("BRUSH", payments.brushing),
    ("CSREF", payments.customer_service),
    ("POLICE", payments.police),
    ("INVEST", payments.investment),
    ("LOAN", payments.loan),
    ("ROMINV", payments.romance),
    ("SEXT", payments.sextortion),
    ("PHISH", supply.takeover),
    ("AIDING", supply.mules),
    ("AIDING", supply.farm),
    ("POLICE", supply.sim_box),
    ("PHISH", supply.bulk_sms),
    ("CARDS", supply.cards),
    ("GAME", supply.game),
)


def simulate(seed: int, days: int = 7, people: int = 2_000, events_a_day: int = 6_000) -> list[LabelledEvent]:
    """Labelled events in the order of their arrival; the same seed gives the same events.

    Each story is told three times, the third by somebody careful. One event in five hundred arrives minutes late, and
    one in a thousand is delivered twice, as on real platforms.
    """
    platform = Platform(seed, START, people)
    live(platform, days, events_a_day)
    for number, (label, tell) in enumerate(STORIES):
        for turn in range(3):
            at = START + timedelta(days=platform.draw.uniform(0.2, days - 3.5), hours=1)
            name = f"{tell.__name__}-{turn + 1}"
            platform.diary.tell(label, f"{name}-careful" if turn == 2 else name)
            tell(platform, at + timedelta(minutes=number), turn == 2)
    return _as_delivered(platform)


def _as_delivered(platform: Platform) -> list[LabelledEvent]:
    arrivals: list[tuple[datetime, int, LabelledEvent]] = []
    for number, (at, labelled) in enumerate(platform.diary.events):
        late = timedelta(minutes=platform.draw.uniform(1, 20)) if platform.draw.random() < 0.002 else timedelta()
        arrivals.append((at + late, number, labelled))
        if platform.draw.random() < 0.001:
            arrivals.append((at + late + timedelta(seconds=2), number, labelled))
    return [labelled for _, _, labelled in sorted(arrivals, key=lambda arrival: arrival[:2])]


def write_labelled(events: list[LabelledEvent], folder: Path) -> tuple[Path, Path]:
    """Writes the events as JSON Lines and their labels as CSV (event_id, label, story, stage); returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, labels = folder / "events.jsonl", folder / "labels.csv"
    encoder = msgspec.json.Encoder()
    with lines.open("wb") as out:
        for labelled in events:
            out.write(encoder.encode(labelled.event) + b"\n")
    with labels.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("event_id", "label", "story", "stage"))
        writer.writerows((each.event["id"], each.label, each.story, each.stage) for each in events)
    return lines, labels
