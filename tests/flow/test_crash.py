"""Whatever ends the service, it goes on from the same place."""

import resource
import signal
from pathlib import Path

import httpx

from bench.crash import crash
from tests.servers.tocsin import Spawned, new_key, transfer, wait_until
from tocsin.app.storage.records import Records
from tocsin.history.history import History
from tocsin.history.verification import Verification


def start(folder: Path, **environment: str) -> tuple[Spawned, httpx.Client]:
    service = Spawned(folder / "data", **environment)
    records = Records(service.data)
    key = new_key(records)
    records.close()
    headers = {"authorization": f"Bearer {key}"}
    return service, httpx.Client(base_url=service.url, headers=headers, trust_env=False, timeout=30)


def test_kills_at_random_moments_lose_and_double_nothing_and_change_no_feature(tmp_path: Path) -> None:
    result = crash(tmp_path, kills=4, seed=11)
    assert result.acknowledged > 500
    assert (result.lost, result.doubled, result.unequal, result.chain_faults) == (0, 0, 0, 0)
    assert result.entries >= result.acknowledged


def test_a_full_disk_refuses_and_the_service_recovers_when_there_is_space(tmp_path: Path) -> None:
    service, client = start(tmp_path)
    with service, client:
        first = client.post("/v1/decisions", json=transfer(1)).json()
        assert service.process is not None
        _, most = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
        refused = client.post("/v1/decisions", json=transfer(2))
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_full")
        assert int(refused.headers["retry-after"]) > 0
        assert str(tmp_path) not in refused.text
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200
        assert client.get("/v1/decisions/t1").json()["decision"] == first
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))
        wait_until(lambda: client.get("/health/ready").status_code == 200, "recovery")
        again = client.post("/v1/decisions", json=transfer(2))
        assert again.status_code == 200
        assert client.post("/v1/decisions", json=transfer(3)).json()["features"]["payee_senders_24h"] == 2
        assert service.end() == 0
    history = History(service.data)
    assert [entry.id for entry in history.read()] == ["t1", "t2", "t3"]
    assert Verification(history.journal, history.lake).run().faults == ()
    history.close()


def test_a_service_that_is_told_to_stop_writes_what_waits_and_starts_without_replaying(tmp_path: Path) -> None:
    service, client = start(tmp_path)
    with client:
        with service:
            for number in range(20):
                assert client.post("/v1/decisions", json=transfer(number)).status_code == 200
            assert service.end(signal.SIGTERM) == 0
        with service:
            assert client.post("/v1/decisions", json=transfer(20)).json()["features"]["payee_senders_24h"] == 5
            service.end()
    lines = [line for line in Path(service.log.name).read_text().splitlines() if '"event": "ready"' in line]
    assert '"snapshot_seq": 20, "replayed": 0' in lines[1]


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    service, client = start(tmp_path)
    with service, client:
        other = Spawned(service.data)
        other.start()
        assert other.process is not None
        assert other.process.wait(30) == 1
        other.log.close()
        assert "another process of Tocsin has this folder" in Path(other.log.name).read_text()
        assert client.post("/v1/decisions", json=transfer(1)).status_code == 200
