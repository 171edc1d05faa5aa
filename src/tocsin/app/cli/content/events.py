"""`tocsin events`: what the loaded packs say that events look like."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.wording import Wording


def types(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Shows every event type with its fields; * marks what is required."""
    say = Wording(lang).say
    catalogue = bootstrap.load_packs(places)
    if as_json:
        print(to_json(list(catalogue.types.values())))
        return 0
    console = Console()
    for event_type in catalogue.types.values():
        title = f"{event_type.name}  {event_type.title.en} · {event_type.title.zh}"
        table = Table(say("field"), say("type"), say("meaning"), title=title, title_justify="left", title_style="bold")
        table.add_row("id *", "string", "Unique id of the event · 事件唯一编号")
        table.add_row(
            f"{event_type.time_field} *", "timestamp", "RFC 3339 with a zone, or seconds since 1970 · 事件时间"
        )
        for field in event_type.fields:
            meaning = f"{field.title.en} · {field.title.zh}" if field.title else ""
            kind = f"{field.entity}:…" if field.entity else str(field.type)
            table.add_row(field.name + (" *" if field.required else ""), kind, meaning)
        console.print(table)
    return 0
