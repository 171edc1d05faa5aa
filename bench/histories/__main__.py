"""Ten thousand random histories of the closed loop; what they came to.

`python -m bench.histories --histories 10000 --json`: every history is drawn, and everything in `truths` must hold after
each of its steps. On SQLite; `--database` names a PostgreSQL database that may be filled and emptied.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from typing import Any

from bench.histories.run import work


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--histories", type=int, default=10_000)
    asked.add_argument("--steps", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--database", default="")
    asked.add_argument("--json", action="store_true")
    chosen = asked.parse_args()
    jobs = max(1, min(chosen.jobs, chosen.histories)) if not chosen.database else 1
    shares = [chosen.histories // jobs + (number < chosen.histories % jobs) for number in range(jobs)]
    began = time.perf_counter()
    told = [(chosen.database, share, chosen.steps, chosen.seed + number) for number, share in enumerate(shares)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        parts = pool.map(work, told)
    found: dict[str, Any] = {"seconds": round(time.perf_counter() - began, 1)}
    found |= {name: sum(part[name] for part in parts) for name in ("histories", "acts", "refusals", "broken")}
    for name in ("done", "refused"):
        counted = sum((Counter(part[name]) for part in parts), Counter[str]())
        found[name] = dict(sorted(counted.items()))
    found["why"] = [part["why"] for part in parts if part["why"]]
    if chosen.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
