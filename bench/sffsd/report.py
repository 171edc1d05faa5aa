"""S-FFSD's transfers through a pack written for them: recall and precision by rule, and the AUC of the score, in time order.

    python -m bench.sffsd.report FILE [--json]

FILE is transfers_sffsd.csv.gz of the research data (labels: 0 normal, 1 fraud, 2 unlabelled). The rules were written after a
look at the first 60 % of the transfers; the last 40 % are the honest test.
"""

import argparse
import bisect
import csv
import gzip
import json
from pathlib import Path
from typing import Any

from tocsin.app import bootstrap
from tocsin.ingest.mapping import read_mapping
from tocsin.ingest.reader import EventReader
from tocsin.ingest.source import Source

HERE = Path(__file__).parent
SEEN = 0.6


def auc(positive: list[float], negative: list[float]) -> float:
    """The chance that a fraud scores above a normal transfer, ties counted half."""
    ordered = sorted(negative)
    above = sum((bisect.bisect_left(ordered, x) + bisect.bisect_right(ordered, x)) / 2 for x in positive)
    return above / len(positive) / len(ordered)


def judge(rows: list[tuple[str, Any]], rules: list[str]) -> dict[str, Any]:
    labelled = [(label == "1", decision) for label, decision in rows if label != "2"]
    frauds = sum(fraud for fraud, _ in labelled)
    by_rule = {}
    for rule in rules:
        hits = [fraud for fraud, decision in labelled if any(fired.rule == rule for fired in decision.fired)]
        by_rule[rule] = {
            "fired": len(hits),
            "recall": round(sum(hits) / frauds, 3),
            "precision": round(sum(hits) / len(hits), 3) if hits else None,
        }
    scores = {fraud: [decision.score for each, decision in labelled if each is fraud] for fraud in (True, False)}
    return {
        "labelled": len(labelled),
        "fraud": frauds,
        "base_rate": round(frauds / len(labelled), 3),
        "auc": round(auc(scores[True], scores[False]), 3),
        "rules": by_rule,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    catalogue = bootstrap.load_packs([HERE / "pack"])
    reader, decider = EventReader(catalogue.types), bootstrap.make_decider(catalogue)
    mapping = read_mapping((HERE / "map.yaml").read_text(encoding="utf-8"), "map.yaml")
    decisions = [decider.decide(reader.read_object(item.payload)) for item in Source(str(chosen.file), mapping)]  # type: ignore[arg-type]
    with gzip.open(chosen.file, "rt", encoding="utf-8") as table:
        labels = [row["Labels"] for row in csv.DictReader(table)]
    rows = list(zip(labels, decisions, strict=True))
    cut = int(len(rows) * SEEN)
    names = [str(rule) for rule in catalogue.rules]
    result = {
        "events": len(rows),
        "first_60_percent": judge(rows[:cut], names),
        "last_40_percent": judge(rows[cut:], names),
    }
    if chosen.json:
        print(json.dumps(result))
        return
    for part in ("first_60_percent", "last_40_percent"):
        found = result[part]
        assert isinstance(found, dict)
        print(f"{part}: {found['labelled']} labelled, base rate {found['base_rate']}, AUC of the score {found['auc']}")
        for name, each in found["rules"].items():
            print(f"  {name:26} fired {each['fired']:5}  recall {each['recall']:.3f}  precision {each['precision']}")


if __name__ == "__main__":
    main()
