"""What is kept fits its column, on every kind of database alike."""

import pytest
from sqlalchemy import select

from tests.reference.loop import ANN, at, suspected, wanted
from tocsin.app.storage.records import Records
from tocsin.cases.case import comment, open_case
from tocsin.cases.tables import Case
from tocsin.measures.measure import propose
from tocsin.measures.tables import Measure
from tocsin.records.errors import MeasureWrong, ValueWrong


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"basis": "T\0"}, "`basis` holds a sign"),
        ({"role": "r" * 33}, "`role` has at most 32 characters"),
        ({"span_us": 1 << 63}, "`span_us` is a number of more than 64 bits"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    records: Records, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueWrong, match=told), records.change() as session:
        propose(session, wanted(**changes), at(ANN))
    with records.session() as session:
        assert session.scalars(select(Measure)).all() == []


def test_a_change_of_what_is_kept_is_looked_at_too(records: Records) -> None:
    with records.change() as session:
        open_case(session, suspected(), at(ANN))
    with pytest.raises(ValueWrong, match="`text` holds a sign"), records.change() as session:
        comment(session, session.scalars(select(Case)).one(), at(ANN), "a\0b")
    with pytest.raises(ValueWrong, match="`queue`"), records.change() as session:
        session.scalars(select(Case)).one().queue = "q" * 65
    with records.session() as session:
        assert session.scalars(select(Case)).one().queue == "mule-accounts"


def test_what_brought_a_measure_about_is_there(records: Records) -> None:
    with records.session() as session, pytest.raises(MeasureWrong, match="no such measure"):
        propose(session, wanted(parent=7), at(ANN))
