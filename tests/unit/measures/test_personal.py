"""Personal data in texts: what is found, what is spared, what a reader still sees."""

import pytest

from tocsin.measures.personal.find import find_personal, mask_personal
from tocsin.measures.personal.link import has_user_part
from tocsin.measures.personal.number import chinese_id_check, is_card, is_chinese_id, is_iban


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("call 13800138000", "phone"),
        ("+49 (0)30 / 123-45 67", "phone"),
        ("电话１３８ ００１３ ８０００", "phone"),
        ("电话一三八零零一三八零零零", "phone"),
        ("phone ①③⑧⓪⓪①③⑧", "phone"),
        ("1\u200b3\u200b8\u200b0\u200b0\u200b1\u200b3", "phone"),
        ("1380013", "phone"),
        ("身份证 11010519491231002X", "id_number"),
        ("110105 19491231 002X", "id_number"),
        ("11010519491231002x.", "id_number"),
        ("RSSMRA85T10A562S", "id_number"),
        ("QQ 12 34 56 C", "id_number"),
        ("card 4111-1111-1111-1111", "bank_card"),
        ("卡号6212 2617 0200 1234 566", "bank_card"),
        ("DE89 3704 0044 0532 0130 00", "bank_account"),
        ("mail zhang.san+1@mail.example.com", "email"),
        ("zhang ＠ mail . example", "email"),
        ("zhang [at] mail.example", "email"),
        ("zhang at mail dot example", "email"),
        ("@zhang_san wrote", "handle"),
        ("wxid_abc123", "handle"),
        ("WeChat ID: zhang66", "account"),
        ("QQ 12345", "account"),
        ("账号：98765", "account"),
        ("user name: zhang", "account"),
        ("from 192.168.10.7", "ip"),
        ("from 192[.]168[.]10[.]7", "ip"),
        ("from 2001:db8::8a2e:370:7334", "ip"),
        ("from ::1", "ip"),
        ("00:1A:2b:3C:4d:5E", "device"),
        ("123e4567-e89b-12d3-a456-426614174000", "identifier"),
        ("https://shop.example/user/zhang", "url"),
        ("https://zhang:pw@shop.example/x", "url"),
        ("shop.example/x?uid=7", "url"),
        ("https://shop.example/%40zhang", "url"),
        ("https://shop.example/item/1234567", "url"),
    ],
)
def test_each_kind_of_personal_data_is_found(text: str, kind: str) -> None:
    found = find_personal(f"Before, {text}, after." if text.isascii() else f"此前，{text}，此后。")
    assert kind in {each.kind for each in found}


@pytest.mark.parametrize(
    "text",
    [
        "Article 17(3)(b) of Regulation (EU) 2022/2065 and Directive 2005/29/EC",
        "from 2026-02-13 to 2026-02-14T09:00:00Z, and on 13.02.2026",
        "2026-02-13 – 2026-02-20",
        "2024-2025, 2019 and 2020",
        "losses of EUR 1,250,000 and 12 500 €, 1.250.000,50 EUR",
        "《反电信网络诈骗法》第二十二条第一款，2026年2月13日",
        "Terms of use, part 4.2.1",
        "11 people within 24 hours, at 12:30:45",
        "10, 11, 12, 13 and 14 February",
        "He paid 1200 and then 300.",
        "账号于2026年被暂停使用",
        "https://eur-lex.europa.eu/eli/reg/2022/2065/oj",
    ],
)
def test_dates_laws_and_amounts_are_spared(text: str) -> None:
    assert find_personal(text) == []


@pytest.mark.parametrize("text", ["139 2022/2065", "2022/2065 13", "1380-2026-02-13", "13 2024-2025 99"])
def test_a_date_or_law_that_touches_a_number_is_part_of_it(text: str) -> None:
    assert find_personal(text)


def test_entities_that_the_record_knows_are_found_by_name() -> None:
    known = ("account:zhang_san", "account:张三丰", "account:9", "domain:Evil.example", "group:77")
    for text in (
        "by Zhang_San today",
        "by ZHANG-SAN",
        "z h a n g s a n",
        "用户张三丰发布",
        "account 9",
        "evil . example",
        "group:77",
    ):
        assert {each.kind for each in find_personal(text, known)} >= {"entity"}, text
    assert find_personal("9 people, 77 times, zhangsanity", known) == []


def test_where_it_stands_is_said_in_the_text_as_written() -> None:
    text = "\u200bSee １３８００１３８０００!"
    (found,) = find_personal(text)
    assert text[found.start : found.end] == "１３８００１３８０００"


def test_a_mask_leaves_the_last_digits_and_nothing_else() -> None:
    assert mask_personal("Card 4111 1111 1111 1111 of a@b.example, from 10.0.0.1.") == "Card ***1111 of ***, from ***."
    assert mask_personal("Nothing here.") == "Nothing here."


def test_check_digits_are_checked() -> None:
    assert is_card("6212261702001234566")
    assert not is_card("6212261702001234567")
    assert not is_card("411111111111")
    assert is_chinese_id("11010119900307" + "001" + chinese_id_check("11010119900307001"))
    assert not is_chinese_id("110101199013070011")
    assert not is_chinese_id("1" * 17)
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB82WEST12345698765431")


@pytest.mark.parametrize(
    "link", ["http://[", "https://a.example/~zhang", "https://a.example/x#uid=3", "https://a.example/in/zhang"]
)
def test_a_link_to_one_person_is_seen(link: str) -> None:
    assert has_user_part(link)


def test_long_texts_take_bounded_time() -> None:
    for sign in ("a", "1 ", "@", "a.", "://", ":", "1:", "[at]", "身"):
        find_personal(sign * 5_000)
