"""The peer of the service: FastAPI, the same rules and windows by hand, one SQLite row for each event, committed before
the answer. Run: `python -m bench.peer_fastapi --data FOLDER --port N`."""

import argparse
import json
import sqlite3
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from bench.plain import FEATURES, DequeWindows, rules_by_hand


def make_app(file: Path) -> FastAPI:
    base = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    base.execute("pragma journal_mode = wal")
    base.execute("pragma synchronous = full")
    base.execute("create table event (id text primary key, event text, decision text)")
    windows = DequeWindows()
    app = FastAPI()

    def decide(event: dict[str, Any]) -> dict[str, Any]:
        values = dict(zip(FEATURES, windows.step(event), strict=True))
        return {"event_id": event["id"], "fired": rules_by_hand(event), "features": values}

    def row(event: dict[str, Any], decision: dict[str, Any]) -> tuple[str, str, str]:
        return event["id"], json.dumps(event), json.dumps(decision)

    @app.get("/health/ready")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @app.post("/v1/decisions")
    async def one(event: dict[str, Any]) -> dict[str, Any]:
        decision = decide(event)
        base.execute("insert or ignore into event values (?, ?, ?)", row(event, decision))
        return decision

    @app.post("/v1/events")
    async def many(events: list[dict[str, Any]]) -> dict[str, int]:
        base.execute("begin")
        base.executemany("insert or ignore into event values (?, ?, ?)", [row(each, decide(each)) for each in events])
        base.execute("commit")
        return {"accepted": len(events)}

    return app


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--data", type=Path, required=True)
    told.add_argument("--port", type=int, required=True)
    chosen = told.parse_args()
    app = make_app(chosen.data / "peer.db")
    uvicorn.run(
        app, host="127.0.0.1", port=chosen.port, http="httptools", loop="uvloop", access_log=False, log_level="warning"
    )


if __name__ == "__main__":
    main()
