"""Which detectors run, what they append, and what happens when one cannot work."""

from tocsin.model.event import Event, EventId
from tocsin.model.event_type import Column, EventType, EventTypeName, Field, Title
from tocsin.model.value import Value, ValueType
from tocsin.signals.detector import SignalUnavailable
from tocsin.signals.links import LinkDetector, host_of
from tocsin.signals.plan import SignalPlan

SAY, PAY = EventTypeName("say"), EventTypeName("pay")
TEXT = Field(name="text", type=ValueType.STRING)
TYPES = {
    SAY: EventType(name=SAY, title=Title("say", "说"), fields=(TEXT,)),
    PAY: EventType(name=PAY, title=Title("pay", "付"), fields=(Field(name="amount", type=ValueType.DECIMAL),)),
}


class Broken:
    name = "broken"
    needs = (("text", ValueType.STRING),)
    gives = (Column("mood", ValueType.STRING, True), Column("heat", ValueType.INT, True))

    def detect(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        raise SignalUnavailable("the model is absent")


def say(text: str | None) -> Event:
    return Event(SAY, EventId("e"), 1, (1, "e", None, text))


def test_a_detector_runs_only_where_its_signals_are_read_and_its_needs_are_met() -> None:
    read = {SAY: frozenset({"urls"}), PAY: frozenset({"urls"})}
    plan = SignalPlan(TYPES, [LinkDetector()], read)
    assert [column.name for column in plan.layouts[SAY]] == ["at", "id", "source", "text", "urls", "domains"]
    assert [column.name for column in plan.layouts[PAY]] == ["at", "id", "source", "amount"]
    row, lost = plan.extend(say("see http://A.example/x."))
    assert row[4:] == (("http://A.example/x",), ("a.example",))
    assert lost == ()
    unread = SignalPlan(TYPES, [LinkDetector()], {SAY: frozenset({"text"})})
    assert unread.extend(say("see http://a.example"))[0] == say("see http://a.example").row


def test_a_detector_that_cannot_work_gives_nulls_and_its_cause() -> None:
    plan = SignalPlan(TYPES, [Broken(), LinkDetector()], {SAY: frozenset({"heat", "domains"})})
    row, lost = plan.extend(say("www.b.example"))
    assert row[4:] == (None, None, ("www.b.example",), ("www.b.example",))
    assert [(each.name, each.cause) for each in lost] == [
        ("mood", "the model is absent"),
        ("heat", "the model is absent"),
    ]


def test_no_text_gives_null_and_a_text_without_links_gives_none() -> None:
    assert LinkDetector().detect((None,)) == (None, None)
    assert LinkDetector().detect(("nothing here",)) == ((), ())


def test_a_host_is_what_a_browser_would_open() -> None:
    cases = {
        "http://bank.example@evil.example/login": "evil.example",
        "https://EVIL.example.:443?x": "evil.example",
        "www.a.example\\@b.example": "www.a.example",
        "http:///x": "",
    }
    assert {url: host_of(url) for url in cases} == cases
