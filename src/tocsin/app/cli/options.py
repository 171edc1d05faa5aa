"""Options that several commands share."""

import inspect
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

Packs = Annotated[
    list[Path] | None,
    typer.Option("--packs", help="A pack, or a folder of packs; may be repeated. Default: the shipped packs."),
]
Lang = Annotated[
    str | None, typer.Option("--lang", help="en or zh. Default: TOCSIN_LANG, else what the shell's locale says.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines instead of tables.")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="TOCSIN_CONFIG", help="The settings' file. Default: tocsin.toml, where there is one."
    ),
]
Data = Annotated[Path | None, typer.Option("--data", help="The folder of everything that is kept.")]
Host = Annotated[str | None, typer.Option("--host", help="The address to listen on. Default: 127.0.0.1.")]
Port = Annotated[int | None, typer.Option("--port", help="The port to listen on. Default: 8790.")]


def language(asked: str | None) -> str:
    """The language of who reads."""
    from tocsin.app.wording import wanted_language

    return wanted_language(asked)


def own_command() -> str:
    """How this program is called from the shell that called it."""
    called = sys.argv[0]
    found = shutil.which("tocsin")
    return "tocsin" if found and Path(found).resolve() == Path(called).resolve() else called


def show_whole_lines(app: typer.Typer) -> None:
    """Lets lists of commands show each one's first line whole: both languages, and not as much as fits."""
    for command in app.registered_commands:
        command.short_help = _first_line(command.help or inspect.getdoc(command.callback))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            group.short_help = _first_line(group.typer_instance.info.help)
            show_whole_lines(group.typer_instance)


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n\n")[0].replace("\n", " ")
