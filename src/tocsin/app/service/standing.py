"""What the windows say of an entity now.

Receives a service and an entity. Gives the features that an event naming it would read, by event type and role. Feeds
no window.
"""

from tocsin.app.service.service import Service
from tocsin.model.decision import Shown
from tocsin.model.event import Event, EventId
from tocsin.model.event_type import COMMON


def features_of(service: Service, entity: str) -> dict[str, dict[str, Shown]]:
    """Features by `event.type role`, as of the newest event time seen; those that need a further key are left out."""
    at = service.decider.features.newest
    kind = entity.partition(":")[0]
    found: dict[str, dict[str, Shown]] = {}
    if at is None:
        return found
    for name, event_type in service.catalogue.types.items():
        for place, field in enumerate(event_type.fields):
            if field.entity == kind:
                row = [None] * (len(COMMON) + len(event_type.fields))
                row_with = (at, "", *row[2 : len(COMMON) + place], entity, *row[len(COMMON) + place + 1 :])
                read = service.decider.peek(Event(name, EventId(""), at, row_with))
                if read:
                    found[f"{name} {field.name}"] = read
    return found
