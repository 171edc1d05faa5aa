"""The audit log is linked and anchored as it grows.

Receives the records and the data folder. Gives each act its link soon after it was kept, and each day an anchor, signed
with a key of its own: in the records, and as a line in `anchors/`, from where it can be carried to a place that nobody
who keeps the log can reach.
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tocsin.app.storage.records import Records
from tocsin.model.errors import SecretWrong, StorageFull
from tocsin.records.secret import replace_secret
from tocsin.records.signing import SigningKey, new_signing_file, read_signing_file
from tocsin.records.trail.anchor import Anchor, SignedAnchor, day_of, write_anchor
from tocsin.records.trail.linking import AT_ONCE, add_anchor, anchors, link_waiting

KEY, PUBLIC, FOLDER = "audit.key", "audit.pub", "anchors"


class Anchored(Struct, frozen=True):
    """A day's anchor, the file that holds it, and whether it was made by this call."""

    file: Path
    anchor: Anchor
    made: bool


class Auditor:
    """Links and anchors for one data folder."""

    def __init__(self, records: Records, folder: Path) -> None:
        self._records = records
        self._folder = folder
        self._day = ""
        self._is_fresh = True

    def advance(self, now_us: int) -> int:
        """Links what waits, and anchors once a day when nothing waits; answers how many acts were linked.

        Raises:
            StorageFull: the records or the folder cannot be written now.
            SecretWrong: the key cannot be read or made.
        """
        with self._records.change() as session:
            linked = link_waiting(session, all_of_them=self._is_fresh)
        if linked < AT_ONCE:
            self._is_fresh = False
            if self._day != day_of(now_us):
                self._anchor(now_us)
        return linked

    def anchor(self, now_us: int) -> Anchored | None:
        """Links all that waits and anchors this UTC day, unless it has its anchor; None where nothing was ever done.

        Raises:
            StorageFull: the records or the folder cannot be written now.
            SecretWrong: the key cannot be read or made.
        """
        linked = AT_ONCE
        while linked == AT_ONCE:
            with self._records.change() as session:
                linked = link_waiting(session, all_of_them=True)
        return self._anchor(now_us)

    def _anchor(self, now_us: int) -> Anchored | None:
        key = self._key()
        with self._records.change() as session:
            made = add_anchor(session, key, now_us)
        with self._records.session() as session:
            kept = anchors(session)
        self._write([each for each in kept if not self._file_of(each).exists()])
        self._day = day_of(now_us)
        today = next((each for each in kept if each.anchor.day == self._day), None)
        return None if today is None else Anchored(self._file_of(today), today.anchor, made is not None)

    def _key(self) -> SigningKey:
        path = self._folder / KEY
        key = read_signing_file(path) if path.exists() else new_signing_file(path)
        public = self._folder / PUBLIC
        if not public.exists():
            replace_secret(public, key.public.pem)
        return key

    def _file_of(self, kept: SignedAnchor) -> Path:
        return self._folder / FOLDER / f"{kept.anchor.day}.json"

    def _write(self, missing: Sequence[SignedAnchor]) -> None:
        """Also what a full disk or a crash has kept from being written on its day."""
        folder = self._folder / FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StorageFull(f"{folder}: {error.strerror}") from None
        for each in missing:
            replace_secret(self._file_of(each), write_anchor(each))


def read_own_key(folder: Path) -> bytes:
    """The public key of a data folder, as PEM.

    Raises:
        SecretWrong: there is none yet.
    """
    try:
        return (folder / PUBLIC).read_bytes()
    except OSError:
        raise SecretWrong(
            f"{folder / PUBLIC}: there is no key yet; the service makes one with the first anchor"
        ) from None
