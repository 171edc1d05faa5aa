"""`tocsin config`: every setting, its value, and who said so."""

import os

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.configuration.allowed import allowed
from tocsin.app.configuration.environment import misspelt_variables
from tocsin.app.configuration.leaf import Leaf, leaves_of, value_at
from tocsin.app.configuration.mask import mask
from tocsin.app.configuration.origin import Origin, Source
from tocsin.app.configuration.reading import Reading
from tocsin.app.configuration.template import meaning_of, to_toml
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording


def run(reading: Reading[Settings], lang: str, *, as_json: bool) -> int:
    """Shows what holds, secrets hidden."""
    wording = Wording(lang)
    say = wording.say
    leaves = list(leaves_of(Settings))
    misspelt = misspelt_variables(Settings, os.environ)
    if as_json:
        rows = [_as_object(reading, leaf, wording) for leaf in leaves]
        print(to_json({"settings": rows, "misspelt": dict(misspelt)}))
        return 0
    heads = (say("setting"), say("value"), say("from"), say("meaning"))
    table = Table(*(Column(head, overflow="fold", no_wrap=head == heads[0]) for head in heads))
    for leaf in leaves:
        value, origin = to_toml(_shown(reading, leaf)) or "-", _words(reading.origin(leaf), wording)
        title = say(leaf.field.title or leaf.name)
        table.add_row(leaf.name, escape(value), escape(origin), title)
    console = Console()
    console.print(table)
    for name, nearest in misspelt:
        told = say("{name} is no setting; is {nearest} meant?", name=name, nearest=nearest)
        console.print(told, style="yellow", markup=False)
    return 0


def _as_object(reading: Reading[Settings], leaf: Leaf, wording: Wording) -> dict[str, object]:
    origin = reading.origin(leaf)
    return {
        "name": leaf.name,
        "value": _shown(reading, leaf),
        "source": origin.source,
        "where": origin.where,
        "meaning": meaning_of(leaf, wording),
        "allowed": allowed(leaf.field, wording),
    }


def _shown(reading: Reading[Settings], leaf: Leaf) -> object:
    return mask(leaf.name, value_at(reading.settings.model_dump(mode="json"), leaf.path))


def _words(origin: Origin, wording: Wording) -> str:
    return origin.where if origin.source is not Source.DEFAULT else wording.say("default")
