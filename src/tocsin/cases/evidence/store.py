"""Files under the SHA-256 of what is in them.

Receives bytes from anybody. Gives them back only if they are still the same. A file is kept once, however often it comes;
its name is its digest and nothing else. Never keeps what is too large or of no known kind, and never lets half a file be
seen.
"""

import hashlib
import io
import re
import secrets
import tempfile
from collections.abc import Iterator
from typing import IO, NewType

from msgspec import Struct

from tocsin.cases.evidence.media import EXTENSIONS, MediaType, sniff
from tocsin.cases.evidence.shelf import CHUNK, Shelf
from tocsin.model.errors import EvidenceDamaged, EvidenceMissing, EvidenceRefused, StorageFull

Digest = NewType("Digest", str)
"""A SHA-256 as 64 lower-case hexadecimal digits."""

DIGEST = re.compile(r"[0-9a-f]{64}")
FRESH = "new"
IN_MEMORY = 8 << 20
LARGEST = 100 << 20
"""Bytes that one piece of evidence may have, where nothing else is set."""


class Kept(Struct, frozen=True):
    """A file that is in the store. `fresh` where it was not there before; `mended` where what was there was damaged."""

    sha256: Digest
    size: int
    media_type: MediaType
    fresh: bool
    mended: bool


class EvidenceStore:
    """All evidence of one platform."""

    def __init__(self, shelf: Shelf, largest: int = LARGEST) -> None:
        self._shelf = shelf
        self._largest = largest

    def put(self, content: bytes | IO[bytes]) -> Kept:
        """Keeps bytes, durable when this returns. The same bytes again are the same file.

        Raises:
            EvidenceRefused: empty, too large, or of no kind that is kept; nothing was written.
            StorageFull: it cannot be written. Try again.
            EvidenceOutOfReach: nobody can tell now whether it is there. Try again.
        """
        source = io.BytesIO(content) if isinstance(content, bytes) else content
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            digest, size = self._take(source, spool)
            media_type = sniff(spool)
            if media_type is None:
                kinds = ", ".join(EXTENSIONS)
                raise EvidenceRefused(f"of no kind that is kept; a text must be UTF-8, other files one of: {kinds}")
            there = self._shelf.has(_name(digest))
            whole = there and self._is_whole(digest)
            if whole:
                self._shelf.settle(_name(digest))
            else:
                spool.seek(0)
                self._shelf.put(_name(digest), f"{FRESH}/{secrets.token_hex(16)}", spool)
        return Kept(digest, size, media_type, not there, there and not whole)

    def read(self, digest: str) -> bytes:
        """A file's bytes, proved.

        Raises:
            EvidenceMissing: nothing is kept under this digest.
            EvidenceDamaged: what is kept is not what was kept.
            EvidenceOutOfReach: it cannot be read now.
        """
        return b"".join(self.pieces(digest))

    def pieces(self, digest: str) -> Iterator[bytes]:
        """The same piece by piece. Believe none before the last has come: only then is it proved.

        Raises:
            EvidenceMissing: as `read`; so EvidenceDamaged and EvidenceOutOfReach.
        """
        if not DIGEST.fullmatch(digest):
            raise EvidenceMissing("evidence is asked for by a SHA-256 in 64 lower-case hexadecimal digits")
        found = hashlib.sha256()
        for piece in self._shelf.read(_name(Digest(digest))):
            found.update(piece)
            yield piece
        if found.hexdigest() != digest:
            raise EvidenceDamaged(f"evidence {digest} is not what was kept under this digest")

    def prove(self, digest: str) -> int:
        """Whether a file is still what was kept; answers its size.

        Raises:
            EvidenceMissing: as `read`; so EvidenceDamaged and EvidenceOutOfReach.
        """
        return sum(map(len, self.pieces(digest)))

    def has(self, digest: str) -> bool:
        """Whether something is kept under a digest; nothing is proved.

        Raises:
            EvidenceOutOfReach: nobody can tell now.
        """
        return bool(DIGEST.fullmatch(digest)) and self._shelf.has(_name(Digest(digest)))

    def digests(self) -> Iterator[Digest]:
        """Every digest under which something is kept.

        Raises:
            EvidenceOutOfReach: they cannot be listed now.
        """
        for name, _ in self._shelf.names():
            digest = name.rpartition("/")[2]
            if DIGEST.fullmatch(digest) and name == _name(Digest(digest)):
                yield Digest(digest)

    def remove(self, digest: str) -> bool:
        """Removes a file whose time has come; False where there is none. Whether it may go is for others to say.

        Raises:
            StorageFull: it cannot be removed.
        """
        return bool(DIGEST.fullmatch(digest)) and self._shelf.remove(_name(Digest(digest)))

    def sweep(self, before_us: int) -> int:
        """Removes what was begun before a moment and never got its name; answers how many.

        Raises:
            StorageFull: one cannot be removed.
            EvidenceOutOfReach: they cannot be listed now.
        """
        old = [name for name, at in self._shelf.names() if name.startswith(f"{FRESH}/") and at < before_us]
        return sum(self._shelf.remove(name) for name in old)

    def _take(self, source: IO[bytes], spool: IO[bytes]) -> tuple[Digest, int]:
        found, size = hashlib.sha256(), 0
        try:
            while piece := source.read(CHUNK):
                size += len(piece)
                if size > self._largest:
                    raise EvidenceRefused(f"a piece of evidence has at most {self._largest} bytes")
                found.update(piece)
                spool.write(piece)
        except OSError as error:
            raise StorageFull(f"evidence cannot be taken in: {error.strerror}") from None
        if size == 0:
            raise EvidenceRefused("an empty file is no evidence")
        return Digest(found.hexdigest()), size

    def _is_whole(self, digest: Digest) -> bool:
        try:
            self.prove(digest)
        except (EvidenceDamaged, EvidenceMissing):
            return False
        return True


def _name(digest: Digest) -> str:
    return f"{digest[:2]}/{digest}"
