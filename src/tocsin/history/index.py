"""Where each event and each entity stands in the history.

Receives entries that are committed. Gives numbers by event id and by entity. It is made from the history and can be
made again: what a power failure took from it is read once more from where it says that it had come.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DbClosedError,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
)

from tocsin.history.entry import Entry, Place
from tocsin.model.errors import StorageFull

FOLDER = "index"
APPLIED = b"m:applied"
CACHE_BYTES = 32 << 20
BUFFER_BYTES = 16 << 20
LAST = (1 << 64) - 1


class Index:
    """Numbers by id and by entity, in RocksDB. Its log is not waited for: it outlives a process that is killed, and what is
    lost with the machine is made again. One process at a time.
    """

    def __init__(self, folder: Path) -> None:
        """Opens or makes it. What it cannot open, the library says with an Exception of its own; remove it then."""
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(BUFFER_BYTES)
        options.set_keep_log_file_num(2)
        options.set_block_based_table_factory(_blocks())
        self._base = Rdict(str(folder / FOLDER), options)

    @property
    def applied(self) -> int:
        """Everything up to this number stands in the index."""
        found = self._base.get(APPLIED)
        return int.from_bytes(found, "big") if found else 0

    def add(self, entries: Iterable[Entry]) -> None:
        """Takes in entries that follow those already applied."""
        batch = WriteBatch(raw_mode=True)
        put = batch.put
        place = b""
        for entry in entries:
            place = entry.seq.to_bytes(8, "big")
            put(b"i" + entry.id.encode(), place)
            newest_first = (LAST - entry.seq).to_bytes(8, "big")
            for entity in entry.entities:
                put(b"e" + entity.encode() + b"\0" + newest_first, b"")
        if place:
            put(APPLIED, place)
            self._base.write(batch)

    def find(self, event_id: str) -> int | None:
        """The number of the entry with this event id.

        Raises:
            StorageFull: the index is being made anew.
        """
        try:
            found = self._base.get(b"i" + event_id.encode())
        except DbClosedError:
            raise StorageFull("the index is being made anew") from None
        return int.from_bytes(found, "big") if found else None

    def of_entity(self, entity: str, before: int | None = None) -> Iterator[int]:
        """Numbers of the entries that touch an entity, newest first, those below `before` only.

        Raises:
            StorageFull: the index is being made anew.
        """
        prefix = b"e" + entity.encode() + b"\0"
        start = 0 if before is None else LAST - max(before, 1) + 1
        try:
            places = self._base.iter(ReadOptions())
        except DbClosedError:
            raise StorageFull("the index is being made anew") from None
        places.seek(prefix + start.to_bytes(8, "big"))
        while places.valid():
            key = places.key()
            if not key.startswith(prefix) or len(key) != len(prefix) + 8:
                return
            yield LAST - int.from_bytes(key[len(prefix) :], "big")
            places.next()

    def forget(self, entity: str) -> None:
        """Takes an entity out, with everything that pointed to it, and out of the files too."""
        batch = WriteBatch(raw_mode=True)
        prefix = b"e" + entity.encode() + b"\0"
        for seq in list(self.of_entity(entity)):
            batch.delete(prefix + (LAST - seq).to_bytes(8, "big"))
        self._base.write(batch)
        self._base.flush()
        self._base.compact_range(prefix, prefix + b"\xff" * 9)

    def drop(self, places: Iterable[Place]) -> None:
        """Takes entries out whose time is over."""
        batch = WriteBatch(raw_mode=True)
        for place in places:
            batch.delete(b"i" + place.id.encode())
            for entity in place.entities:
                batch.delete(b"e" + entity.encode() + b"\0" + (LAST - place.seq).to_bytes(8, "big"))
        self._base.write(batch)

    def flush(self) -> None:
        """Puts everything on the disk."""
        self._base.flush()

    def close(self) -> None:
        """Puts everything on the disk and gives the folder free."""
        self._base.close()


def _blocks() -> BlockBasedOptions:
    """Filters and places of blocks lie in the cache too, in small parts: memory stays the same however long the history is."""
    blocks = BlockBasedOptions()
    blocks.set_bloom_filter(10, False)
    blocks.set_block_cache(Cache(CACHE_BYTES))
    blocks.set_cache_index_and_filter_blocks(True)
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(True)
    blocks.set_index_type(BlockBasedIndexType.two_level_index_search())
    blocks.set_partition_filters(True)
    blocks.set_pin_top_level_index_and_filter(True)
    return blocks
