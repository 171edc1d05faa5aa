"""A manifest has one form, one hash, and bounds."""

import json

import msgspec
import pytest

from tests.reference.evidence import NOON
from tocsin.cases.evidence.manifest import Exhibit, Manifest, read_manifest, write_manifest
from tocsin.model.errors import ManifestWrong
from tocsin.model.event_type import Title
from tocsin.records.signing import generate_signing_key

EXHIBIT = Exhibit(
    sha256="ab" * 32,
    size=9,
    media_type="image/png",
    label=Title("What the victim saw", "受害人所见"),
    source='https://chat.example/7?a=1&b=<"é">',
    taken_at=NOON,
    taken_by="person:7",
    channel="report",
)
MANIFEST = Manifest(case="case:7", made_at=NOON, made_by="person:7", exhibits=(EXHIBIT,))


def test_its_form_is_what_pythons_own_json_writes_with_keys_in_order() -> None:
    content = write_manifest(MANIFEST).content
    plain = json.dumps(json.loads(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert plain.encode() == content
    assert read_manifest(content) == MANIFEST


def test_a_signature_is_over_these_bytes_and_the_manifest_says_whose_it_is() -> None:
    key = generate_signing_key()
    written = write_manifest(MANIFEST, key)
    assert written.manifest.signer == key.id
    assert written.signature is not None
    assert key.public.proves(written.signature, written.content)
    assert not key.public.proves(written.signature, write_manifest(MANIFEST).content)
    assert write_manifest(msgspec.structs.replace(MANIFEST, signer=key.id)).manifest.signer is None


def test_a_file_is_named_by_its_digest_and_kind_alone() -> None:
    assert EXHIBIT.name == "ab" * 32 + ".png"
    assert msgspec.structs.replace(EXHIBIT, media_type="application/x-sh").name == "ab" * 32 + ".bin"


CONTENT = write_manifest(MANIFEST).content


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"case"', b'{ "case"'),
        (b'"case":"case:7",', b'"case":"case:7","case":"case:7",'),
        (b'"case":"case:7"', b'"case":"case\\u003a7"'),
        (b'"size":9', b'"size":9.0'),
        (b'"size":9', b'"size":0'),
        (b'"size":9', b'"size":9,"sizf":1'),
        (b'"made_at":', b'"made_at":-'),
        (b"ab" * 32, b"AB" * 32),
        (b"ab" * 32, b"ab" * 31),
        (b"ab" * 32, b"ab" * 32 + b"\\n"),
        (b"image/png", b"../../png"),
        (b"image/png", b"image/png\\n"),
        (b'"signer":null', b'"signer":"me"'),
        (b"evidence-manifest/1", b"evidence-manifest/2"),
        (b'"case:7"', b'""'),
        (b'"case:7"', b'"' + b"a" * 161 + b'"'),
        (b"What the victim saw", b"a" * 501),
        (b"https:", b"a" * 8_200),
        (b"{", b""),
        (b"}", b"}x"),
        (CONTENT, b""),
        (CONTENT, b"[]"),
        (CONTENT, b"\xff\xfe"),
        (CONTENT, b"[" * 100_000),
    ],
)
def test_what_is_not_exactly_a_manifest_is_refused(old: bytes, new: bytes) -> None:
    changed = CONTENT.replace(old, new, 1)
    assert changed != CONTENT
    with pytest.raises(ManifestWrong):
        read_manifest(changed)


@pytest.mark.parametrize(
    "exhibits",
    [
        (EXHIBIT, msgspec.structs.replace(EXHIBIT, size=10)),
        (EXHIBIT, msgspec.structs.replace(EXHIBIT, media_type="image/gif")),
        (msgspec.structs.replace(EXHIBIT, size=2**53),),
        (msgspec.structs.replace(EXHIBIT, taken_by=""),),
        (msgspec.structs.replace(EXHIBIT, source="\ud800"),),
        (EXHIBIT,) * 5_001,
    ],
)
def test_what_could_not_be_read_is_not_written(exhibits: tuple[Exhibit, ...]) -> None:
    with pytest.raises(ManifestWrong):
        write_manifest(msgspec.structs.replace(MANIFEST, exhibits=exhibits))


def test_one_file_may_have_been_seen_in_two_places() -> None:
    twice = (EXHIBIT, msgspec.structs.replace(EXHIBIT, source="a shop window in the Market Street"))
    assert len(write_manifest(msgspec.structs.replace(MANIFEST, exhibits=twice)).manifest.exhibits) == 2
