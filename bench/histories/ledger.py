"""The audit log of a history: it holds, and it shows what is done to it."""

import msgspec
from sqlalchemy import select

from bench.histories.world import World
from tocsin.records.signing import generate_signing_key
from tocsin.records.tables import AuditEntry
from tocsin.records.trail.anchor import sign_anchor, trust
from tocsin.records.trail.chain import BEGINNING, Trace, link_entries
from tocsin.records.trail.proof import verify_chain

KEY = generate_signing_key()
TRUSTED = trust([KEY.public])
COLUMNS = AuditEntry.__table__.c


def verify_log(world: World) -> None:
    """Links what was done, anchors it, proves it; and then an act that is changed, one that is gone, and two that have
    changed places are found.
    """
    asked = select(*(COLUMNS[name] for name in Trace.__struct_fields__)).where(COLUMNS.number > world.begun)
    traces = [Trace(**row._mapping) for row in world.connection.execute(asked.order_by(COLUMNS.number))]
    if not traces:
        return
    links = link_entries(BEGINNING, traces)
    anchors = [sign_anchor(links[-1], KEY, world.now)]
    proof = verify_chain(traces, links, anchors, TRUSTED)
    assert proof.holds, proof.faults
    assert (proof.links, proof.anchored, proof.waiting) == (len(traces), len(traces), 0)
    middle = len(traces) // 2
    changed = msgspec.structs.replace(traces[middle], by="person:nobody")
    first, last = traces[0], traces[-1]
    swapped = [msgspec.structs.replace(last, number=first.number), msgspec.structs.replace(first, number=last.number)]
    for forged in (
        [*traces[:middle], changed, *traces[middle + 1 :]],
        [*traces[:middle], *traces[middle + 1 :]],
        [swapped[0], *traces[1:-1], swapped[1]] if len(traces) > 1 else [],
    ):
        assert not verify_chain(forged, links, anchors, TRUSTED).holds
