"""Evidence lies under its digest, whole or not at all, and comes back only if it is the same."""

import hashlib
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow.fs import FileSystem, LocalFileSystem, SubTreeFileSystem, _MockFileSystem

from tests.reference.evidence import CHAT, CONTENTS, PAGE, PNG
from tocsin.cases.evidence.shelf import Shelf, open_shelf
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.model.errors import EvidenceDamaged, EvidenceMissing, EvidenceRefused, InputError, StorageFull


def at_path(folder: Path) -> Shelf:
    return open_shelf(str(folder / "a" / "b"))


def at_address(folder: Path) -> Shelf:
    return open_shelf((folder / "address").as_uri())


def in_a_part_of_a_disk(folder: Path) -> Shelf:
    return Shelf(SubTreeFileSystem(str(folder), LocalFileSystem()), "evidence")


def nowhere_on_this_disk(_: Path) -> Shelf:
    return Shelf(_MockFileSystem(), "bucket/evidence")


def at_the_top(_: Path) -> Shelf:
    filesystem: FileSystem = _MockFileSystem()
    return Shelf(filesystem)


@pytest.fixture(params=[at_path, at_address, in_a_part_of_a_disk, nowhere_on_this_disk, at_the_top])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    make: Callable[[Path], Shelf] = request.param
    return make(tmp_path)


def overwrite(shelf: Shelf, digest: str, content: bytes) -> None:
    shelf.put(f"{digest[:2]}/{digest}", "new/tampering", io.BytesIO(content))


def test_what_is_kept_comes_back_under_its_sha256(shelf: Shelf) -> None:
    store = EvidenceStore(shelf)
    for content in CONTENTS:
        kept = store.put(io.BytesIO(content))
        assert (kept.sha256, kept.size, kept.fresh) == (hashlib.sha256(content).hexdigest(), len(content), True)
        assert store.read(kept.sha256) == content
        assert store.prove(kept.sha256) == len(content)
        assert store.has(kept.sha256)
    assert set(store.digests()) == {hashlib.sha256(content).hexdigest() for content in CONTENTS}


def test_the_same_bytes_twice_are_one_file_and_leave_nothing_behind(shelf: Shelf) -> None:
    store = EvidenceStore(shelf)
    first, again = store.put(PNG), store.put(PNG)
    assert (first.sha256, first.fresh, again.fresh, again.mended) == (again.sha256, True, False, False)
    assert [name for name, _ in shelf.names()] == [f"{first.sha256[:2]}/{first.sha256}"]


@pytest.mark.parametrize("wrong", [PNG[:-1], PNG + b"\0", PNG[::-1], b"other evidence"])
def test_a_changed_file_is_never_given_out_and_the_same_bytes_mend_it(shelf: Shelf, wrong: bytes) -> None:
    store = EvidenceStore(shelf)
    digest = store.put(PNG).sha256
    overwrite(shelf, digest, wrong)
    for ask in (store.read, store.prove):
        with pytest.raises(EvidenceDamaged, match=digest):
            ask(digest)
    kept = store.put(PNG)
    assert (kept.fresh, kept.mended) == (False, True)
    assert store.read(digest) == PNG


def test_what_is_not_there_is_a_typed_error(shelf: Shelf) -> None:
    store = EvidenceStore(shelf)
    digest = store.put(PNG).sha256
    assert store.remove(digest)
    assert not store.remove(digest)
    assert not store.has(digest)
    with pytest.raises(EvidenceMissing):
        store.read(digest)


@pytest.mark.parametrize(
    "digest", ["", "../../../etc/passwd", "/etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 65, "é" * 64]
)
def test_only_a_digest_is_ever_a_name(tmp_path: Path, digest: str) -> None:
    store = EvidenceStore(at_path(tmp_path))
    assert not store.has(digest)
    assert not store.remove(digest)
    with pytest.raises(EvidenceMissing, match="64 lower-case"):
        store.read(digest)


def test_what_is_empty_too_large_or_of_no_known_kind_is_refused_and_nothing_is_written(shelf: Shelf) -> None:
    store = EvidenceStore(shelf, largest=300)
    for content, words in (
        (b"", "empty"),
        (b"a" * 301, "at most 300"),
        (b"\x7fELF\0\0", "no kind"),
        (b"text\0", "no kind"),
    ):
        with pytest.raises(EvidenceRefused, match=words):
            store.put(content)
    assert list(shelf.names()) == []
    assert store.put(b"a" * 300).size == 300


class Endless(io.RawIOBase):
    """A sender that never stops."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return b"a" * size


def test_a_sender_that_never_stops_is_cut_off(tmp_path: Path) -> None:
    endless = Endless()
    with pytest.raises(EvidenceRefused, match="at most"):
        EvidenceStore(at_path(tmp_path), largest=3 << 20).put(endless)  # type: ignore[arg-type]
    assert endless.given <= 5 << 20


def test_a_lower_limit_does_not_make_what_is_kept_unreadable(shelf: Shelf) -> None:
    digest = EvidenceStore(shelf).put(PNG).sha256
    assert EvidenceStore(shelf, largest=1).read(digest) == PNG


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF89a\0", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypmp42\0\0", "video/mp4"),
        (b"\0\0\0\x18ftypM4A \0\0", "audio/mp4"),
        (b"\0\0\0\x18ftypqt  \0\0", "video/quicktime"),
        (b"\0\0\0\x18ftypheic\0\0", "image/heic"),
        (b"\x1aE\xdf\xa3\x01\0\0\0B\x82\x84webm", "video/webm"),
        (b"%PDF-1.7\n\xe2\xe3", "application/pdf"),
        (b"PK\x03\x04\0\0", "application/zip"),
        (b"OggS\0", "audio/ogg"),
        (b"ID3\x04\0", "audio/mpeg"),
        (b"#!AMR\n\x04", "audio/amr"),
        (CHAT, "text/plain"),
        (PAGE, "text/plain"),
        (b"MZ is how a letter began", "text/plain"),
    ],
)
def test_the_kind_is_what_the_bytes_show(tmp_path: Path, content: bytes, kind: str) -> None:
    assert EvidenceStore(at_path(tmp_path)).put(content).media_type == kind


def test_a_text_is_read_to_its_end_before_it_is_one(tmp_path: Path) -> None:
    store = EvidenceStore(at_path(tmp_path))
    long = "转账".encode() * 400_000
    assert store.put(long).media_type == "text/plain"
    for wrong in (long + b"\xff", long[:-1], long + b"\x1b[2J"):
        with pytest.raises(EvidenceRefused, match="UTF-8"):
            store.put(wrong)


def test_what_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    digest = hashlib.sha256(PNG).hexdigest()
    store = EvidenceStore(at_path(tmp_path))
    (tmp_path / "a" / "b" / digest[:2]).write_text("in the way")
    with pytest.raises(StorageFull):
        store.put(PNG)
    assert not store.has(digest)
    assert list(store.digests()) == []
    assert [path.name for path in (tmp_path / "a" / "b").rglob("*") if path.is_file()] == [digest[:2]]


def test_what_a_crash_left_half_written_is_never_seen_and_is_swept_later(shelf: Shelf) -> None:
    store = EvidenceStore(shelf)
    digest = store.put(PNG).sha256
    shelf.put("new/0123", "new/4567", io.BytesIO(b"half"))
    assert set(store.digests()) == {digest}
    assert store.sweep(before_us=0) == 0
    assert store.sweep(before_us=1 << 62) == 1
    assert [name for name, _ in shelf.names()] == [f"{digest[:2]}/{digest}"]


def test_many_at_once_keep_the_same_and_other_evidence(tmp_path: Path) -> None:
    store = EvidenceStore(at_path(tmp_path))
    faults: list[BaseException] = []

    def keep(number: int) -> None:
        try:
            for content in (PNG, b"of all", f"of {number % 4}".encode()):
                store.put(content)
        except BaseException as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=keep, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(set(store.digests())) == 6
    assert sum(store.prove(digest) for digest in store.digests()) == len(PNG) + 6 + 4 * 4
    assert list((tmp_path / "a/b/new").iterdir()) == []


def test_a_folder_of_evidence_is_its_owners_alone(tmp_path: Path) -> None:
    open_shelf(str(tmp_path / "evidence"))
    assert (tmp_path / "evidence").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", ["nope://user:secret@there", "/proc/nope/folder", "a\0b"])
def test_a_place_that_cannot_be_is_a_typed_error_without_its_password(place: str) -> None:
    with pytest.raises(InputError) as caught:
        open_shelf(place)
    assert "secret" not in str(caught.value)
