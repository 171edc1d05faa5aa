"""Whether the history is still what was committed.

Receives journal and lake. Gives what was found: how much was proved, and every place that is not as it was. Never
repairs anything.
"""

import hashlib
from collections.abc import Iterator

from msgspec import Struct

from tocsin.history.chain import GENESIS, Seal, make_seal
from tocsin.history.entry import Entry, pack_entries
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Lake
from tocsin.model.errors import HistoryDamaged


class Proof(Struct, frozen=True):
    """What a verification came to. `erased` groups have lost content by a recorded erasure or at the end of their time."""

    entries: int
    groups: int
    files: int
    erased: int
    last_hash: str
    faults: tuple[str, ...]


class Verification:
    """One pass over everything."""

    def __init__(self, journal: Journal, lake: Lake) -> None:
        self._journal = journal
        self._lake = lake
        rows = journal.reading().execute("select first_seq, hash from rewritten")
        self._rewritten = {row[0]: bytes(row[1]) for row in rows}
        self.faults: list[str] = []
        self.entries = self.groups = self.files = self.erased = 0

    def run(self) -> Proof:
        """Proves every file's digest, every group's checksum, and the chain from the first group to the last."""
        previous, expected = GENESIS, 1
        for first, last, seal, before, packed in self._groups():
            self.groups += 1
            if first != expected:
                self.faults.append(f"entries {expected} to {first - 1} are missing")
            if before != previous:
                self.faults.append(f"the group from {first} does not follow the group before it")
            self._prove(first, last, seal, before, packed)
            previous, expected = seal.hash, last + 1
        return Proof(self.entries, self.groups, self.files, self.erased, previous.hex(), tuple(self.faults))

    def _prove(self, first: int, last: int, seal: Seal, before: bytes, packed: bytes | None) -> None:
        self.entries += last - first + 1
        if packed is not None and make_seal(before, packed) == seal:
            return
        known = self._rewritten.get(first)
        if known is not None and packed is not None and hashlib.sha256(packed).digest() == known:
            self.erased += 1
            return
        self.faults.append(f"entries {first} to {last} are not what was committed")

    def _groups(self) -> Iterator[tuple[int, int, Seal, bytes, bytes | None]]:
        for first, last in self._lake.stretches():
            yield from self._stretch(first, last)
        for batch in self._journal.batches():
            yield batch.first_seq, batch.last_seq, batch.seal, batch.previous, batch.entries

    def _stretch(self, first: int, last: int) -> Iterator[tuple[int, int, Seal, bytes, bytes | None]]:
        found: dict[int, Entry] = {}
        for file in self._lake.files(first, last):
            self.files += 1
            try:
                with (self._lake.folder / file.path).open("rb") as opened:
                    digest = hashlib.file_digest(opened, "sha256").hexdigest()
                if digest != file.sha256:
                    self.faults.append(f"{file.path}: the file has been changed")
                found |= {entry.seq: entry for entry in self._lake.read_file(file)}
            except (OSError, HistoryDamaged) as error:
                self.faults.append(f"{file.path}: {error}")
        try:
            chain = self._lake.read_chain(first, last)
        except HistoryDamaged as error:
            self.faults.append(str(error))
            return
        for begin, end, seal, before in chain:
            entries = tuple(found[seq] for seq in range(begin, end + 1) if seq in found)
            yield begin, end, seal, before, pack_entries(entries) if len(entries) == end - begin + 1 else None
