"""What the windows say of an entity now.

Receives a service and an entity. Gives the features that an event naming it would read, by event type and role. Feeds
no window.
"""

from tocsin.app.service.service import Service
from tocsin.model.decision import Shown
from tocsin.model.event import Event, EventId
from tocsin.model.event_type import Field
from tocsin.model.value import Value, ValueType


def features_of(service: Service, entity: str) -> dict[str, dict[str, Shown]]:
    """Features by `event.type role`, as of the newest event time seen; those that need a further key are left out."""
    at = service.decider.features.newest
    kind = entity.partition(":")[0]
    found: dict[str, dict[str, Shown]] = {}
    if at is None:
        return found
    for name, event_type in service.catalogue.types.items():
        for field in event_type.fields:
            if field.entity == kind:
                row = (at, "", None, *(entity if each is field else _blank(each) for each in event_type.fields))
                read = service.decider.peek(Event(name, EventId(""), at, row), field.name)
                if read:
                    found[f"{name} {field.name}"] = read
    return found


def _blank(field: Field) -> Value:
    """What stands in a field that does not matter: nothing, or the least where there must be something."""
    if not field.required:
        return None
    match field.type:
        case ValueType.STRING:
            return ""
        case ValueType.STRINGS:
            return ()
        case ValueType.BOOL:
            return False
        case _:
            return 0
