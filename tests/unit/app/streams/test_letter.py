"""Letters say what was decided, or what was wrong and where it stood, and fit what a broker takes."""

from tocsin.app.streams.letter import dead_letter, decision_letter, fit
from tocsin.app.streams.message import Letter, Message, Place
from tocsin.model.errors import MissingField


def test_a_decision_goes_under_the_id_of_its_event() -> None:
    letter = decision_letter('{"event_id":"e 诈","outcome":"allow"}'.encode(), "out")
    assert (letter.to, letter.id, letter.key) == ("out", "e 诈", "e 诈".encode())
    assert not letter.may_cut


def test_a_dead_letter_has_the_bytes_the_own_headers_and_what_is_wrong() -> None:
    message = Message(b"\xff{", (("trace", "1"), ("tocsin-error", "older")), Place("in", 7, 2), key=b"k")
    letter = dead_letter(message, MissingField("sender", "is\r\nrequired\x00"), "dead")
    assert (letter.to, letter.body, letter.key, letter.may_cut) == ("dead", b"\xff{", b"k", True)
    assert letter.headers == (
        ("trace", "1"),
        ("tocsin-error", "missing_field"),
        ("tocsin-field", "sender"),
        ("tocsin-reason", "is  required "),
        ("tocsin-source", "in"),
        ("tocsin-number", "7"),
        ("tocsin-partition", "2"),
    )


def test_dead_letters_of_different_places_have_different_ids_and_never_that_of_a_decision() -> None:
    error = MissingField("a", "b")
    places = [Place("in", 7), Place("in", 8), Place("in", 7, 1), Place("other", 7)]
    ids = {dead_letter(Message(b"", (), place), error, "dead").id for place in places}
    assert len(ids) == 4
    assert all(" " in each for each in ids), "the id of an event is quoted before it is sent"


def test_headers_that_are_too_many_are_left_out() -> None:
    message = Message(b"x", tuple((f"h{n}", "v" * 1_000) for n in range(20)), Place("in", 1))
    names = [name for name, _ in dead_letter(message, MissingField("a", "b"), "dead").headers]
    assert all(name.startswith("tocsin-") for name in names)


def test_a_body_is_cut_only_where_it_may_be_and_says_so() -> None:
    may = Letter("dead", "1", b"x" * 2_000, (("a", "b"),), may_cut=True)
    cut = fit(may, 1_000)
    assert cut is not None
    assert len(cut.body) < 1_000
    assert cut.headers == (("a", "b"), ("tocsin-cut", "2000"))
    assert fit(may, 4_000) == may
    assert fit(Letter("out", "1", b"x" * 2_000), 1_000) is None
    assert fit(Letter("dead", "1", b"x", (("a", "b" * 2_000),), may_cut=True), 1_000) is None
