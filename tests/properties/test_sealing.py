"""A sealed value opens in its place only, shows nothing, and is found again; a mask shows no more than it may."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tocsin.model.errors import SealDamaged, SealError
from tocsin.records.sealing.index import blind_index, blind_indexes, is_index_of
from tocsin.records.sealing.keyring import Keyring, generate_key_line, parse_keyring
from tocsin.records.sealing.mask import STARS, mask
from tocsin.records.sealing.personal import Personal, normal_form
from tocsin.records.sealing.seal import Place, needs_reseal, reseal, seal, unseal

OLD, NEW = generate_key_line(), generate_key_line()
RING = parse_keyring(OLD)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=80)
PLACE = Place("report", "contact", "7")


@given(TEXTS)
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    assert unseal(RING, PLACE, seal(RING, PLACE, text)) == text


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=80))
def test_a_sealed_value_never_holds_the_text(text: str) -> None:
    sealed = seal(RING, PLACE, text)
    assert text.encode() not in sealed
    assert sealed != seal(RING, PLACE, text)


@given(TEXTS, TEXTS)
def test_its_length_tells_only_how_many_blocks_of_32_there_are(one: str, two: str) -> None:
    blocks = [len(text.encode()) // 32 for text in (one, two)]
    lengths = [len(seal(RING, PLACE, text)) for text in (one, two)]
    assert (blocks[0] == blocks[1]) == (lengths[0] == lengths[1])


@given(TEXTS)
@settings(max_examples=20)
def test_any_flipped_bit_is_found(text: str) -> None:
    sealed = seal(RING, PLACE, text)
    for place in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(SealError):
            unseal(RING, PLACE, bytes(flipped))


@given(TEXTS, st.data())
def test_any_cut_or_added_byte_is_found(text: str, data: st.DataObject) -> None:
    sealed = seal(RING, PLACE, text)
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for wrong in (sealed[:cut], sealed[cut + 1 :], sealed + b"\0"):
        with pytest.raises(SealError):
            unseal(RING, PLACE, wrong)


@example(("ab", "c", "1"), ("a", "bc", "1"))
@example(("a", "b", "11"), ("a", "b1", "1"))
@given(st.tuples(TEXTS, TEXTS, TEXTS), st.tuples(TEXTS, TEXTS, TEXTS))
def test_a_sealed_value_cannot_be_moved(one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    assume(one != two)
    with pytest.raises(SealDamaged, match="moved"):
        unseal(RING, Place(*two), seal(RING, Place(*one), "13800138000"))


@given(TEXTS)
def test_a_rotated_ring_opens_what_was_sealed_before_and_seals_it_anew(text: str) -> None:
    ring = parse_keyring(f"{OLD}\n{NEW}")
    old = seal(RING, PLACE, text)
    assert unseal(ring, PLACE, old) == text
    anew = reseal(ring, PLACE, old)
    assert (needs_reseal(ring, old), needs_reseal(ring, anew)) == (True, False)
    assert unseal(parse_keyring(NEW), PLACE, anew) == text
    assert reseal(ring, PLACE, anew) is anew


@given(TEXTS, TEXTS, st.sampled_from(Personal), st.sampled_from(Personal))
def test_equal_values_of_a_kind_and_only_these_share_their_index(
    one: str, two: str, kind: Personal, other: Personal
) -> None:
    same = (kind, normal_form(kind, one)) == (other, normal_form(other, two))
    assert (blind_index(RING, kind, one) == blind_index(RING, other, two)) == same
    assert blind_index(RING, kind, one) == blind_index(RING, kind, normal_form(kind, one))


@given(TEXTS, st.sampled_from(Personal))
def test_a_value_is_found_whichever_key_of_the_ring_indexed_it(text: str, kind: Personal) -> None:
    ring = parse_keyring(f"{OLD}\n{NEW}")
    found = blind_indexes(ring, kind, text)
    assert found == (blind_index(ring, kind, text), blind_index(RING, kind, text))
    assert is_index_of(ring, kind, text, blind_index(RING, kind, text))
    assert not is_index_of(parse_keyring(NEW), kind, text, blind_index(RING, kind, text))


@example("\u00a8a", Personal.EMAIL)
@example("\u01f0\u0345\u1e9e", Personal.NAME)
@given(TEXTS, st.sampled_from(Personal))
def test_writing_a_value_twice_does_not_change_it(text: str, kind: Personal) -> None:
    once = normal_form(kind, text)
    assert normal_form(kind, once) == once


NUMBERS = [Personal.PHONE, Personal.BANK_CARD, Personal.NATIONAL_ID, Personal.ACCOUNT]
WRITTEN = TEXTS | st.text("0123456789", max_size=30) | st.text("abc019王 -+@.x", max_size=30)


@given(WRITTEN, st.sampled_from(NUMBERS))
def test_a_masked_number_shows_at_most_its_last_four_signs_and_two_fifths(text: str, kind: Personal) -> None:
    normal = normal_form(kind, text)
    shown = mask(kind, text).removeprefix(STARS)
    assert mask(kind, text) == STARS + shown
    assert len(shown) <= 4
    assert len(shown) * 5 <= len(normal) * 2
    assert normal.endswith(shown)
    assert shown.isascii()
    assert shown == "" or shown.isalnum()


@given(WRITTEN)
def test_a_masked_name_shows_at_most_its_first_letter(text: str) -> None:
    shown = mask(Personal.NAME, text).removesuffix(STARS)
    assert mask(Personal.NAME, text) == shown + STARS
    assert len(shown) <= 1
    assert text.strip().startswith(shown)
    assert shown == "" or len(text.strip()) >= 2


EMAILS = st.tuples(*[st.text("abcxyz019.-", min_size=1, max_size=20)] * 2).map("@".join)


@given(EMAILS | WRITTEN)
def test_a_masked_address_shows_two_letters_and_the_top_domain(text: str) -> None:
    normal = normal_form(Personal.EMAIL, text)
    shown = mask(Personal.EMAIL, text)
    if shown == STARS:
        return
    local, _, domain = shown.partition("@")
    first, _, last = domain.partition(".")
    assert len(local.removesuffix(STARS)) <= 1
    assert len(first.removesuffix(STARS)) <= 1
    assert last == "" or normal.endswith(f".{last}")
    assert len(last) <= 6


@given(WRITTEN)
def test_what_is_private_and_of_no_known_kind_shows_nothing(text: str) -> None:
    assert mask(Personal.OTHER, text) == STARS


@given(st.text("0123456789", min_size=11, max_size=11), st.text("0123456789", min_size=11, max_size=11))
def test_what_is_hidden_leaves_no_trace(one: str, two: str) -> None:
    assert mask(Personal.BANK_CARD, one) == mask(Personal.BANK_CARD, two[:7] + one[7:])


def test_a_value_of_many_kinds_of_writing_is_one_value() -> None:
    phones = ["13800138000", "+86 138 0013 8000", "0086-138-0013-8000", "8613800138000", "１３８００１３８０００"]
    assert len({blind_index(RING, Personal.PHONE, phone) for phone in phones}) == 1
    assert blind_index(RING, Personal.EMAIL, "Wang@Example.com ") == blind_index(
        RING, Personal.EMAIL, "wang@example.com"
    )
    assert blind_index(RING, Personal.NAME, "张 三") == blind_index(RING, Personal.NAME, "张三")
    assert blind_index(RING, Personal.ACCOUNT, "U9") != blind_index(RING, Personal.ACCOUNT, "u9")


def test_a_ring_shows_no_key() -> None:
    ring: Keyring = parse_keyring(f"{OLD}\n{NEW}")
    shown = f"{ring!r} {ring.current!r} {ring} {ring.keys}"
    for line in (OLD, NEW):
        assert line.removeprefix("tocsin-seal-1.")[:12] not in shown
