"""Whatever a crash does to deliveries, the stream is handed on in its order."""

from types import SimpleNamespace
from typing import Any, cast

from nats.js.api import ConsumerInfo

from tocsin.app.streams.nats.order import Order


def info(delivered: tuple[int, int], floor: tuple[int, int], pending: int) -> ConsumerInfo:
    def pair(numbers: tuple[int, int]) -> Any:
        return SimpleNamespace(stream_seq=numbers[0], consumer_seq=numbers[1])

    found = SimpleNamespace(delivered=pair(delivered), ack_floor=pair(floor), num_ack_pending=pending)
    return cast("ConsumerInfo", found)


def test_deliveries_without_a_gap_follow_one_another_also_where_the_stream_has_other_subjects() -> None:
    order = Order(info((10, 7), (10, 7), 0))
    assert [order.follows(number, delivery) for number, delivery in [(11, 8), (15, 9), (16, 10)]] == [True] * 3
    assert (order.place, order.behind) == (16, 0)


def test_what_a_dead_consumer_had_in_hand_lies_behind_from_the_first() -> None:
    order = Order(info((10, 7), (4, 3), 5))
    assert (order.place, order.behind) == (4, 10)
    order.read_to(9)
    assert order.behind == 10
    order.read_to(10)
    assert (order.place, order.behind) == (10, 0)
    assert order.follows(11, 8)


def test_a_delivery_that_went_astray_is_read_before_the_next_one() -> None:
    order = Order(info((10, 7), (10, 7), 0))
    assert order.follows(11, 8)
    assert not order.follows(14, 11)
    assert (order.place, order.behind) == (11, 13)
    order.read_to(13)
    assert order.follows(14, 11), "it is asked again"
    assert order.follows(15, 12)


def test_the_next_number_follows_whatever_its_delivery() -> None:
    order = Order(info((10, 7), (10, 7), 0))
    assert order.follows(11, 30)
    assert order.follows(13, 31)


def test_what_comes_again_passes() -> None:
    order = Order(info((10, 7), (10, 7), 0))
    assert order.follows(11, 8)
    assert order.follows(9, 9)
    assert order.place == 11
    assert order.follows(12, 10)


def test_a_server_that_has_forgotten_deliveries_counts_them_anew() -> None:
    order = Order(info((10, 7), (10, 7), 0))
    assert order.follows(11, 8)
    assert order.follows(12, 9)
    assert order.follows(9, 6)
    assert order.follows(10, 7)
    assert order.follows(13, 8)
    assert (order.place, order.behind) == (13, 0)
