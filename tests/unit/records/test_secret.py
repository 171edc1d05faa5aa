"""Keys are read from files that nobody else can read, and are never shown."""

import os
from pathlib import Path

import pytest

from tocsin.model.errors import NotCanonical, SealDamaged, SealKeyMissing, SecretWrong
from tocsin.records.sealing.keyring import (
    VARIABLE,
    find_keyring,
    generate_key_line,
    new_keyring_file,
    parse_keyring,
    read_keyring,
    rotate_keyring_file,
)
from tocsin.records.sealing.seal import Place, key_id_of, seal, unseal
from tocsin.records.secret import read_secret, write_secret
from tocsin.records.signing import new_signing_file, read_signing_file

PLACE = Place("report", "contact", "7")


def test_a_new_file_of_keys_is_its_owners_alone_and_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "seal.keys"
    ring = new_keyring_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_keyring(path).current.id == ring.current.id
    with pytest.raises(SecretWrong, match="exists"):
        new_keyring_file(path)
    assert read_keyring(path).current.id == ring.current.id
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o666])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "seal.keys"
    new_keyring_file(path)
    path.chmod(mode)
    with pytest.raises(SecretWrong, match="chmod 600"):
        read_keyring(path)


def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "nothing", Path("/dev/null"), Path("a\0b")):
        with pytest.raises(SecretWrong):
            read_secret(path)
    write_secret(tmp_path / "large", b"a" * 70_000)
    with pytest.raises(SecretWrong, match="at most"):
        read_secret(tmp_path / "large")


def test_rotation_adds_a_key_and_keeps_what_was_sealed_open(tmp_path: Path) -> None:
    path = tmp_path / "seal.keys"
    old = new_keyring_file(path)
    sealed = seal(old, PLACE, "13800138000")
    ring = rotate_keyring_file(path)
    assert [key.id for key in ring.keys] == [ring.current.id, old.current.id]
    assert ring.current.id != old.current.id
    assert unseal(read_keyring(path), PLACE, sealed) == "13800138000"
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_key_says_which_one_is_missing() -> None:
    sealed = seal(parse_keyring(generate_key_line()), PLACE, "13800138000")
    with pytest.raises(SealKeyMissing, match=key_id_of(sealed)):
        unseal(parse_keyring(generate_key_line()), PLACE, sealed)


@pytest.mark.parametrize("wrong", [b"", b"\x01", b"\x02" + bytes(80), bytes(80), b"13800138000"])
def test_bytes_that_are_no_sealed_value_say_so(wrong: bytes) -> None:
    with pytest.raises(SealDamaged):
        unseal(parse_keyring(generate_key_line()), PLACE, wrong)


def test_what_cannot_be_sealed_is_a_typed_error() -> None:
    ring = parse_keyring(generate_key_line())
    for wrong in ("a" * 65_537, "\ud800"):
        with pytest.raises(NotCanonical):
            seal(ring, PLACE, wrong)


def test_the_environment_serves_where_no_file_is_named(tmp_path: Path) -> None:
    one, two = generate_key_line(), generate_key_line()
    ring = find_keyring(None, {VARIABLE: f"{one} {two}"})
    assert ring.current.id == parse_keyring(two).current.id
    new_keyring_file(tmp_path / "seal.keys")
    assert find_keyring(tmp_path / "seal.keys", {VARIABLE: one}).current.id != parse_keyring(one).current.id
    with pytest.raises(SecretWrong, match=VARIABLE):
        find_keyring(None, {})


@pytest.mark.parametrize(
    "text", ["", "# nothing", "secretsecret", "tocsin-seal-1.secretsecret", "tocsin-seal-1." + "é" * 43]
)
def test_a_ring_that_cannot_be_read_says_so_without_its_words(text: str) -> None:
    with pytest.raises(SecretWrong) as caught:
        parse_keyring(text)
    assert "secretsecret" not in str(caught.value)


def test_a_key_stands_on_a_ring_once() -> None:
    line = generate_key_line()
    with pytest.raises(SecretWrong, match="twice"):
        parse_keyring(f"{line}\n{line}")


def test_a_signing_key_comes_back_from_its_file_and_signs_the_same(tmp_path: Path) -> None:
    made = new_signing_file(tmp_path / "signing.pem")
    read = read_signing_file(tmp_path / "signing.pem")
    assert (read.id, read.sign(b"a")) == (made.id, made.sign(b"a"))
    (tmp_path / "signing.pem").chmod(0o644)
    with pytest.raises(SecretWrong, match="chmod 600"):
        read_signing_file(tmp_path / "signing.pem")


def test_a_file_that_holds_no_signing_key_says_so(tmp_path: Path) -> None:
    for name, content in (("text", b"no key"), ("public", new_signing_file(tmp_path / "key").public.pem)):
        write_secret(tmp_path / name, content)
        with pytest.raises(SecretWrong, match="no private key"):
            read_signing_file(tmp_path / name)
