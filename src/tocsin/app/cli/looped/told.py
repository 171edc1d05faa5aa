"""`tocsin notice statements|effect`: what was published, and what warnings achieve."""

import msgspec
from sqlalchemy import func, select

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records, print_table
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.measures.statements.export import READY, REFUSED, faults_of, ready_statements
from tocsin.measures.statements.statement import Statement
from tocsin.measures.statements.tables import StatementRecord
from tocsin.measures.warnings.effect import Share
from tocsin.measures.warnings.giving import effect_by_template

SHOWN = 100


def statements(settings: Settings, lang: str, *, batch: bool, as_json: bool) -> int:
    """How many statements are ready, exported and refused, and why the latest were refused; or the next batch as it is sent."""
    with open_records(settings) as records, records.session() as session:
        if batch:
            ready = [msgspec.json.decode(each.body, type=Statement) for each in ready_statements(session)]
            print(msgspec.json.encode({"statements": ready}).decode())
            return 0
        counted = session.execute(select(StatementRecord.state, func.count()).group_by(StatementRecord.state))
        counts = {"ready": 0, "exported": 0, "refused": 0} | {str(row[0]): int(row[1]) for row in counted}
        asked = select(StatementRecord).where(StatementRecord.state == REFUSED).order_by(StatementRecord.number.desc())
        refused = [(row.number, row.measure, faults_of(row)) for row in session.scalars(asked.limit(SHOWN))]
    if as_json:
        told = [{"number": number, "measure": measure, "faults": faults} for number, measure, faults in refused]
        print(to_json({**counts, "refused_latest": told}))
        return 0
    say = Wording(lang).say
    print(say("{ready} ready, {exported} exported, {refused} refused", **counts))
    if refused:
        rows = (
            (str(number), str(measure), fault.field, fault.reason)
            for number, measure, faults in refused
            for fault in faults
        )
        print_table((say("number"), say("measure"), say("field"), say("why it was refused")), rows)
    elif counts[READY]:
        print(say("Send the batch with --batch; say so with POST /v1/statements/exported."))
    return 0


def effect(settings: Settings, lang: str, *, as_json: bool) -> int:
    """How often each warning was delivered, seen and heeded."""
    with open_records(settings) as records, records.session() as session:
        found = effect_by_template(session)
    if as_json:
        print(to_json(found))
        return 0
    say = Wording(lang).say
    heads = (say("warning"), say("delivered"), say("seen"), say("of delivered"), say("heeded"), say("of seen"))
    rows = []
    for each in found:
        count = each.count
        seen, heeded = show_share(each.seen), show_share(each.heeded)
        rows.append((count.template, str(count.delivered), str(count.seen), seen, str(count.heeded), heeded))
    print_table(heads, rows)
    if not found:
        print(say("No warning has been given yet."))
    return 0


def show_share(share: Share | None) -> str:
    """A share with its interval of 95 %.

    >>> show_share(Share(0.8, 0.49, 0.943)), show_share(None)
    ('80 % (49–94)', '')
    """
    return (
        "" if share is None else f"{share.value:.0%} ({share.low * 100:.0f}–{share.high * 100:.0f})".replace("%", " %")
    )
