"""An anchor is proved by public keys alone, each in its own time, and by openssl as well."""

import subprocess
from pathlib import Path

import msgspec
import pytest

from tocsin.model.errors import AnchorWrong, NotCanonical, SecretWrong
from tocsin.records.canonical import canonical_bytes
from tocsin.records.signing import generate_signing_key, read_public_key
from tocsin.records.trail.anchor import (
    SignedAnchor,
    check_anchor,
    hand_over,
    read_anchor,
    read_succession,
    sign_anchor,
    trust,
    write_anchor,
    write_succession,
)
from tocsin.records.trail.chain import BEGINNING, Link

OLD, NEW, NEWEST = generate_signing_key(), generate_signing_key(), generate_signing_key()
LAST = Link(9, 12, bytes(range(32)))
NOON = 1_768_478_400_000_000


def test_an_anchor_goes_into_a_line_and_comes_back() -> None:
    signed = sign_anchor(LAST, OLD, NOON)
    assert read_anchor(write_anchor(signed)) == signed
    assert (signed.anchor.day, signed.anchor.position, signed.anchor.hash) == ("2026-01-15", 9, LAST.hash.hex())
    assert check_anchor(signed, trust([OLD.public])) == ""


def test_an_anchor_of_a_key_that_nobody_trusts_is_none() -> None:
    signed = sign_anchor(LAST, OLD, NOON)
    assert "not trusted" in check_anchor(signed, trust([NEW.public]))
    claimed = SignedAnchor(msgspec.structs.replace(signed.anchor, key=NEW.id), signed.signature)
    assert "signature" in check_anchor(claimed, trust([NEW.public]))


def test_openssl_proves_an_anchor(tmp_path: Path) -> None:
    signed = sign_anchor(LAST, OLD, NOON)
    for name, content in (("a.json", signed.content), ("a.sig", signed.signature), ("a.pem", OLD.public.pem)):
        (tmp_path / name).write_bytes(content)
    words = "openssl pkeyutl -verify -pubin -inkey a.pem -rawin -in a.json -sigfile a.sig"
    done = subprocess.run(words.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (tmp_path / "a.json").write_bytes(signed.content.replace(b'"position":9', b'"position":8'))
    assert subprocess.run(words.split(), cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_a_new_key_signs_from_its_succession_on_and_the_old_one_no_more() -> None:
    keys = trust([OLD.public], [hand_over(OLD, NEW, NOON)])
    assert check_anchor(sign_anchor(LAST, OLD, NOON - 1), keys) == ""
    assert check_anchor(sign_anchor(LAST, NEW, NOON), keys) == ""
    assert "outside its time" in check_anchor(sign_anchor(LAST, OLD, NOON), keys)
    assert "outside its time" in check_anchor(sign_anchor(LAST, NEW, NOON - 1), keys)


def test_trust_follows_from_key_to_key_in_any_order_of_the_files() -> None:
    successions = [hand_over(NEW, NEWEST, NOON + 5), hand_over(OLD, NEW, NOON)]
    keys = trust([OLD.public], successions)
    assert [key.id for key in (OLD, NEW, NEWEST)] == list(keys)
    assert check_anchor(sign_anchor(LAST, NEWEST, NOON + 5), keys) == ""
    assert read_succession(write_succession(successions[0])) == successions[0]


def test_a_succession_needs_a_trusted_key_at_that_moment_and_both_signatures() -> None:
    signed = hand_over(OLD, NEW, NOON)
    foisted = msgspec.structs.replace(signed, new_signature=OLD.sign(b"x"))
    moved = msgspec.structs.replace(signed, succession=msgspec.structs.replace(signed.succession, at=NOON - 9))
    nonsense = msgspec.structs.replace(signed, succession=msgspec.structs.replace(signed.succession, old="zz"))
    after_its_end = [signed, hand_over(OLD, NEWEST, NOON + 1)]
    for roots, successions in (
        ([NEWEST.public], [signed]),
        ([OLD.public], [foisted]),
        ([OLD.public], [moved]),
        ([OLD.public], [nonsense]),
        ([OLD.public], after_its_end),
        ([OLD.public], [hand_over(OLD, OLD, NOON)]),
    ):
        with pytest.raises(AnchorWrong):
            trust(roots, successions)


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[1]", b"\xff", b"a" * 5_000, b"[" * 4_000, b'{"anchor":{"form":"tocsin.key-succession/1"}}'],
)
def test_what_is_no_anchor_is_a_typed_error(line: bytes) -> None:
    with pytest.raises(AnchorWrong):
        read_anchor(line)
    with pytest.raises(AnchorWrong):
        read_succession(line)


def test_an_anchor_of_no_calendar_is_a_typed_error() -> None:
    for at in (1 << 62, -(1 << 62)):
        with pytest.raises(AnchorWrong):
            sign_anchor(LAST, OLD, at)


def test_a_public_key_comes_back_from_its_file() -> None:
    assert read_public_key(OLD.public.pem) == OLD.public
    for wrong in (b"", b"no", b"-" * 5_000, OLD.pem()):
        with pytest.raises(SecretWrong):
            read_public_key(wrong)


def test_the_beginning_can_be_anchored() -> None:
    assert check_anchor(sign_anchor(BEGINNING, OLD, NOON), trust([OLD.public])) == ""


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53, -(2**53), "\ud800", {"é": 1}, {1: 1}, [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]], object()],
)
def test_what_has_no_canonical_bytes_is_a_typed_error(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


def test_canonical_bytes_are_those_of_the_standard() -> None:
    """The string part of RFC 8785's own example (3.2.2), with a name in ASCII."""
    value = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical_bytes(value).decode() == expected
