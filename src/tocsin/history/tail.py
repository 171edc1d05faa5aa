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


def count_frames(journal: Path) -> int:
    """Frames of this generation of the log, whole or cut off; 0 where there is no log.

    A frame belongs to the generation if it bears the salts of the head, wherever its write was cut off afterwards.
    """
    log = journal.with_name(journal.name + "-wal")
    try:
        with log.open("rb") as file:
            head = file.read(HEAD.size)
            if len(head) < HEAD.size:
                return 0
            magic, _, page, _, salt_1, salt_2, _, _ = HEAD.unpack(head)
            if magic & ~1 != MAGIC:
                return 0
            frames = 0
            while len(frame := file.read(FRAME.size)) == FRAME.size:
                if FRAME.unpack(frame)[2:4] != (salt_1, salt_2):
                    break
                frames += 1
                file.seek(page, 1)
            return frames + (1 if 0 < len(frame) < FRAME.size else 0)
    except OSError:
        return 0
