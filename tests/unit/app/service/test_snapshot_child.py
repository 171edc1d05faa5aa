"""A child that writes a snapshot holds nothing of its parent's."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tocsin.history.ownership import Ownership
from tocsin.model.errors import HistoryBusy

PARENT = """
import os, sys, time
from pathlib import Path
from tocsin.app.service.snapshots import Snapshots
from tocsin.history.ownership import Ownership
folder = Path(sys.argv[1])
owner = Ownership(folder)
snapshots = Snapshots(folder)
os.mkfifo(snapshots._fresh(1))  # to open it for writing takes until somebody reads
print(snapshots.begin(None, 1), flush=True)
time.sleep(600)
"""


def is_free(folder: Path) -> bool:
    try:
        Ownership(folder).close()
    except HistoryBusy:
        return False
    return True


def test_a_killed_service_leaves_the_folder_though_its_snapshot_is_still_being_written(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait(30)
    try:
        deadline = time.monotonic() + 5
        while not is_free(tmp_path):
            assert time.monotonic() < deadline, "the child holds the folder"
            time.sleep(0.005)
        os.kill(child, 0)  # it is still at work
    finally:
        os.kill(child, signal.SIGKILL)
        parent.stdout.close()


WRITER = """
import os, sys, time
from pathlib import Path
import tocsin.app.service.snapshots as snapshots
folder = Path(sys.argv[1])

def pieces(state, write):
    while True:  # a snapshot that has no end
        write(b"x" * 1_000)
        time.sleep(0.001)

snapshots.write_snapshot = pieces
print(snapshots.Snapshots(folder).begin(None, 1), flush=True)
time.sleep(600)
"""


def test_a_snapshot_for_which_nobody_waits_any_more_is_not_written_on(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait(30)
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while is_writing(child):
        assert time.monotonic() < deadline, "the child writes on"
        time.sleep(0.005)


def is_writing(child: int) -> bool:
    """Whether it is there and not over; whoever takes its place as a parent may leave it lying a while."""
    try:
        state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
