"""`tocsin clock list|show|pause|resume`: the clocks that run, on the records of a data folder, also beside a service."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records, print_table, show_moment, stamp_of
from tocsin.app.duty_wording import say_span, say_state
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.cases.clocks.clock import State, StatutoryClock, due_at, state_at
from tocsin.cases.clocks.ledger import clock_of, is_in, list_clocks, pause, resume
from tocsin.cases.clocks.moment import local_time
from tocsin.cases.clocks.tables import ClockLevel, ClockRecord
from tocsin.model.errors import InputError
from tocsin.model.window import SECOND_US
from tocsin.records.table import find_record


class Shown(Struct, frozen=True):
    """A clock as machines read it. `law` is the duty of a statutory clock; `policy` the platform's own."""

    number: int
    id: str
    kind: str
    law: str | None
    policy: str | None
    state: str
    about: str
    case: int | None
    subject: str
    start: str
    channel: str
    span: str
    due: str
    left_s: float
    met: str | None


def index(settings: Settings, asked: tuple[str, int | None, int], lang: str, *, as_json: bool) -> int:
    """Clocks by due time: those of a state and of a case, where these are asked for, else what is due next.

    Raises:
        InputError: there is no such state.
    """
    wanted, case, limit = asked
    now = stamp_of("reader").at
    if wanted and wanted not in set(State):
        raise InputError(f"there is no state `{wanted[:20]}`; there are {', '.join(State)}")
    only = [is_in(State(wanted), now)] if wanted else []
    if case is not None:
        only.append(ClockRecord.case_number == case)
    with open_records(settings) as records, records.session() as session:
        found = [_shown(row, now) for row in list_clocks(session, only, limit)]
    if as_json:
        print(to_json([shown for shown, _ in found]))
        return 0
    wording = Wording(lang)
    say = wording.say
    heads = (say("number"), say("law"), say("own policy"), say("about"), say("due"), say("left"), say("state"))
    rows = []
    for shown, zone in found:
        due = datetime.fromisoformat(shown.due).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        cells = (str(shown.number), shown.law or "", shown.policy or "", shown.about, due)
        rows.append((*cells, show_left(wording, shown.left_s), say_state(say, State(shown.state))))
    print_table(heads, rows)
    if not found:
        print(say("No clock is due."))
    return 0


def show(settings: Settings, number: int, lang: str, *, as_json: bool) -> int:
    """One clock with its pauses and levels."""
    now = stamp_of("reader").at
    with open_records(settings) as records, records.session() as session:
        row = _find(session, number)
        clock, (shown, zone), name = clock_of(row), _shown(row, now), row.id
        asked = select(ClockLevel).where(ClockLevel.clock == number).order_by(ClockLevel.number)
        levels = {each.level: show_moment(each.at) for each in session.scalars(asked)}
    if as_json:
        fields = {name: getattr(shown, name) for name in Shown.__struct_fields__}
        print(to_json({**fields, "pauses": clock.pauses, "levels": levels}))
        return 0
    say = Wording(lang).say
    is_law = isinstance(clock, StatutoryClock)
    print(f"{name}  {say('law') if is_law else say('own policy')}  {say_state(say, State(shown.state))}")
    start = local_time(clock.start.at_us, zone).isoformat(sep=" ", timespec="seconds")
    due = local_time(due_at(clock, now), zone).isoformat(sep=" ", timespec="seconds")
    print(say("from {start}, by {channel}", start=start, channel=clock.start.channel))
    print(say("{span}, due {due}", span=say_span(say, clock.span), due=due))
    for each in clock.pauses:
        end = "…" if each.closed_us is None else show_moment(each.closed_us)
        pause_words = {"start": show_moment(each.opened_us), "end": end, "by": each.opened_by, "reason": each.reason}
        print(say("paused {start} to {end} by {by}: {reason}", **pause_words))
    for level, at in levels.items():
        print(say("told: {level} at {at}", level=level, at=at))
    return 0


def change(settings: Settings, step: tuple[str, int, str], by: str | None, lang: str) -> int:
    """Pauses a clock, or lets it go on.

    Raises:
        InputError: there is no such clock.
        ClockError: it cannot be paused, or is not.
    """
    verb, number, why = step
    stamp = stamp_of(by)
    with open_records(settings) as records, records.change() as session:
        row = _find(session, number)
        if verb == "pause":
            pause(session, row, stamp, why)
        else:
            resume(session, row, stamp)
        shown, _ = _shown(row, stamp.at)
    say = Wording(lang).say
    if verb == "pause":
        print(say("The clock {number} is paused.", number=number))
    else:
        print(say("The clock {number} runs; due {due}.", number=number, due=shown.due))
    return 0


def show_left(wording: Wording, left_s: float) -> str:
    """How much is left, in the largest unit of which there are two."""
    say, size = wording.say, abs(left_s)
    if size >= 2 * 86_400:
        told = say("{count} d", count=round(size / 86_400))
    elif size >= 2 * 3_600:
        told = say("{count} h", count=round(size / 3_600))
    else:
        told = say("{count} min", count=round(size / 60))
    return say("{span} late", span=told) if left_s < 0 else told


def _find(session: Session, number: int) -> ClockRecord:
    found = find_record(session, ClockRecord, number)
    if found is None:
        raise InputError(f"there is no clock {number}; `tocsin clock list` shows what is due")
    return found


def _shown(row: ClockRecord, now_us: int) -> tuple[Shown, str]:
    """A clock for machines, and its zone."""
    clock = clock_of(row)
    due = due_at(clock, now_us)
    return Shown(
        number=row.number,
        id=row.id,
        kind=row.kind,
        law=clock.duty if isinstance(clock, StatutoryClock) else None,
        policy=None if isinstance(clock, StatutoryClock) else clock.policy,
        state=state_at(clock, now_us),
        about=row.about,
        case=row.case_number,
        subject=row.subject,
        start=show_moment(clock.start.at_us),
        channel=clock.start.channel,
        span=str(clock.span),
        due=show_moment(due),
        left_s=(due - now_us) / SECOND_US,
        met=None if clock.met_us is None else show_moment(clock.met_us),
    ), clock.zone
