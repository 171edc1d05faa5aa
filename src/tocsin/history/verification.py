"""Whether the history is still what was committed.

Receives journal and lake, also while a service works on them. Gives what was found: how much was proved, and every place
that is not as it was. Never repairs anything.
"""

import hashlib
from collections.abc import Iterator

from msgspec import Struct

from tocsin.history.chain import GENESIS, Batch, Seal, make_seal, open_batch
from tocsin.history.entry import Entry, pack_entries
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Lake, LakeFile
from tocsin.history.rewriting import read_notes
from tocsin.model.errors import HistoryDamaged


class Proof(Struct, frozen=True):
    """What a verification came to.

    `erased` groups have lost content by a recorded erasure or at the end of their time. Whoever writes `last_hash` and
    `last_note` down elsewhere can tell later that nothing before them was changed.
    """

    entries: int
    groups: int
    files: int
    erased: int
    last_hash: str
    last_note: str
    faults: tuple[str, ...]


class Group(Struct, frozen=True):
    """One group as it was found; `packed` is None where an entry of it is missing, `crc` holds of what is kept now."""

    first: int
    last: int
    seal: Seal
    previous: bytes
    packed: bytes | None


class Verification:
    """One pass over everything that is committed when it begins."""

    def __init__(self, journal: Journal, lake: Lake) -> None:
        self._journal = journal
        self._lake = lake
        self.faults: list[str] = []
        self.entries = self.groups = self.files = self.erased = 0

    def run(self) -> Proof:
        """Proves every file's digest, every group's checksum, and the chains from the first link to the last."""
        previous, expected = GENESIS, 1
        last_note = GENESIS
        try:
            last = self._journal.head()[0]
            for group in self._groups(last):
                if group.first != expected:
                    self.faults.append(f"entries {expected} to {group.first - 1} are missing")
                if group.previous != previous:
                    self.faults.append(f"the group from {group.first} does not follow the group before it")
                previous, expected = group.seal.hash, group.last + 1
            if expected <= last:
                self.faults.append(f"entries {expected} to {last} are missing")
            last_note = self._prove_notes()
        except HistoryDamaged as error:
            self.faults.append(str(error))
        hashes = (previous.hex(), last_note.hex())
        return Proof(self.entries, self.groups, self.files, self.erased, *hashes, tuple(self.faults))

    def _groups(self, last: int) -> Iterator[Group]:
        """Every group up to `last`, proved; the journal is asked first, because groups only ever move away from it."""
        place = 1
        while place <= last:
            batch = next(self._journal.batches(place - 1), None)
            if batch is not None and batch.first_seq <= place:
                group = Group(batch.first_seq, batch.last_seq, batch.seal, batch.previous, batch.entries)
                self.faults += self._prove(group) or _opening_faults(batch)
                yield group
                place = batch.last_seq + 1
                continue
            stretch = self._lake.stretch_from(place)
            if stretch is None or stretch[0] > place:
                place = min(
                    (each for each in (stretch and stretch[0], batch and batch.first_seq) if each), default=last + 1
                )
                continue
            for group in self._stretch(*stretch):
                if group.first >= place:
                    yield group
                else:  # proved in the journal before it moved here
                    self.groups -= 1
                    self.entries -= group.last - group.first + 1
            place = stretch[1] + 1

    def _stretch(self, first: int, last: int, seal: bytes) -> list[Group]:
        """The groups of one stretch. Where something in it is erased meanwhile, it is looked at once more."""
        while True:
            files = self._lake.files(first, last)
            counts = self.entries, self.groups, self.files, self.erased
            groups, faults = self._read(first, last, files)
            faults += [fault for group in groups for fault in self._prove(group)]
            if not faults or self._lake.files(first, last) == files:
                break
            self.entries, self.groups, self.files, self.erased = counts
        if groups and groups[-1].seal.hash != seal:
            faults.append(f"the stretch from {first} does not end with its seal")
        self.faults += faults
        return groups

    def _read(self, first: int, last: int, files: list[LakeFile]) -> tuple[list[Group], list[str]]:
        found: dict[int, Entry] = {}
        faults: list[str] = []
        for file in files:
            self.files += 1
            try:
                with (self._lake.folder / file.path).open("rb") as opened:
                    digest = hashlib.file_digest(opened, "sha256").hexdigest()
                if digest != file.sha256:
                    faults.append(f"{file.path}: the file has been changed")
                found |= {entry.seq: entry for entry in self._lake.read_file(file)}
            except (OSError, HistoryDamaged) as error:
                faults.append(f"{file.path}: {error}")
        try:
            chain = self._lake.read_chain(first, last)
        except HistoryDamaged as error:
            return [], [*faults, str(error)]
        groups = []
        for begin, end, seal, previous in chain:
            entries = tuple(found[seq] for seq in range(begin, end + 1) if seq in found)
            packed = pack_entries(entries) if len(entries) == end - begin + 1 else None
            groups.append(Group(begin, end, seal, previous, packed))
        return groups, faults

    def _prove(self, group: Group) -> list[str]:
        self.groups += 1
        self.entries += group.last - group.first + 1
        if group.packed is not None:
            if make_seal(group.previous, group.packed) == group.seal:
                return []
            notes = read_notes(self._journal, group.first, group.first)
            if notes and notes[-1][0].content == hashlib.sha256(group.packed).digest():
                self.erased += 1
                return []
        return [f"entries {group.first} to {group.last} are not what was committed"]

    def _prove_notes(self) -> bytes:
        previous = GENESIS
        for number, (note, sealed) in enumerate(read_notes(self._journal), 1):
            previous = note.seal(previous)
            if previous != sealed:
                self.faults.append(f"note {number} on entries from {note.first_seq} does not follow the note before it")
                previous = sealed
        return previous


def _opening_faults(batch: Batch) -> list[str]:
    """Whether a reader takes the group for whole: its checksum was renewed where something in it was erased."""
    try:
        open_batch(batch)
    except HistoryDamaged as error:
        return [str(error)]
    return []
