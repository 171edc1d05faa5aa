"""What a crash left at the end of the journal's write-ahead log.

Receives the log file as it stands before SQLite opens it. Gives how many pages it holds, those of an
unfinished write at its end included.
Never changes it: SQLite itself goes back to the last commit. File format: https://www.sqlite.org/walformat.html
"""

import struct
from pathlib import Path

HEAD = struct.Struct(">8I")
FRAME = struct.Struct(">6I")
MAGIC = 0x377F0682
USUAL_PAGE = 4_096


def count_frames(journal: Path) -> int:
    """Frames of this generation of the log, whole or cut off; 0 where there is no log.

    A frame belongs to the generation if it bears the salts of the head, wherever its write was cut off afterwards. Where
    the head itself is damaged, SQLite takes nothing from the log, so that all it may hold counts.
    """
    log = journal.with_name(journal.name + "-wal")
    try:
        with log.open("rb") as file:
            head = file.read(HEAD.size)
            if len(head) < HEAD.size:
                return 0
            magic, _, page, _, salt_1, salt_2, sum_1, sum_2 = HEAD.unpack(head)
            if magic & ~1 != MAGIC or checksum(head[:24], big=bool(magic & 1)) != (sum_1, sum_2):
                return -(-(log.stat().st_size - HEAD.size) // (FRAME.size + USUAL_PAGE))
            frames = 0
            while len(frame := file.read(FRAME.size)) == FRAME.size:
                if FRAME.unpack(frame)[2:4] != (salt_1, salt_2):
                    break
                frames += 1
                file.seek(page, 1)
            return frames + (1 if 0 < len(frame) < FRAME.size else 0)
    except OSError:
        return 0


def checksum(words: bytes, *, big: bool) -> tuple[int, int]:
    """SQLite's checksum of a log's head, over pairs of words of the named order.

    >>> checksum(bytes([0, 0, 0, 1, 0, 0, 0, 2]), big=True)
    (1, 3)
    """
    first = second = 0
    for left, right in struct.iter_unpack(">2I" if big else "<2I", words):
        first = (first + left + second) & 0xFFFFFFFF
        second = (second + right + first) & 0xFFFFFFFF
    return first, second
