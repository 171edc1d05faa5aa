"""The commands and their options. Each command's work is in a module of its own, loaded when it is called, so that help
is quick.
"""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from tocsin import __version__
from tocsin.app.cli import casework, duty, keeping, ledger, loop, operation, proof, streaming
from tocsin.app.cli.options import Json, Lang, Packs, language, show_whole_lines

app = typer.Typer(
    help="Tocsin prevents and governs telecom and online fraud on a platform. 反诈平台：预防与治理电信网络诈骗。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: drawing it with Rich takes 0.3 s
)
packs_app = typer.Typer(
    help="Rules, features and lists as content. 规则包。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
events_app = typer.Typer(
    help="What events look like. 事件类型。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(packs_app, name="packs")
app.add_typer(events_app, name="events")
operation.add_to(app)
streaming.add_to(app)
keeping.add_to(app)
casework.add_to(app)
ledger.add_to(app)
duty.add_to(app)
loop.add_to(app)
proof.add_to(app)

PackPlaces = Annotated[
    list[Path] | None, typer.Argument(help="Packs, or folders of packs. Default: the shipped packs.")
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before any command."""


@app.command()
def decide(
    input: Annotated[str, typer.Argument(help="JSON Lines, JSON, CSV or Parquet (.gz too); - reads standard input.")],  # noqa: A002
    packs: Packs = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="How columns become events; needed for CSV and Parquet.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Decisions go here, rejects to FILE.rejects.jsonl. Default: standard output.")
    ] = None,
    features: Annotated[
        bool, typer.Option("--features", help="Write every feature's value into each decision.")
    ] = False,
    format: Annotated[str | None, typer.Option(help="json, csv or parquet, where the name does not tell.")] = None,  # noqa: A002
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Decide every event of a file, in the order of its lines. 对文件中的每个事件作出决定。"""
    from tocsin.app.cli.deciding import decide_file

    job = decide_file.Job(input, tuple(packs or ()), mapping, out, features, format, as_json, language(lang))
    raise typer.Exit(decide_file.run(job))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the labelled events and the decisions are left.")] = Path("demo-out"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same platform.")] = 2019,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Simulate a platform with scam stories and judge the shipped packs on it. 模拟平台并检验规则。"""
    from tocsin.app.cli.deciding import demo_run

    raise typer.Exit(demo_run.run(out, seed, language(lang), as_json=as_json))


@packs_app.command("check")
def packs_check(places: PackPlaces = None, lang: Lang = None, as_json: Json = False) -> None:
    """Find every mistake in packs. 检查规则包。"""
    from tocsin.app.cli.content import packs

    raise typer.Exit(packs.check(places or [], language(lang), as_json=as_json))


@packs_app.command("test")
def packs_test(places: PackPlaces = None, lang: Lang = None, as_json: Json = False) -> None:
    """Run the cases of every rule. 运行每条规则的用例。"""
    from tocsin.app.cli.content import packs

    raise typer.Exit(packs.test(places or [], language(lang), as_json=as_json))


@packs_app.command("show")
def packs_show(places: PackPlaces = None, lang: Lang = None, as_json: Json = False) -> None:
    """List packs with their rules and features. 列出规则与特征。"""
    from tocsin.app.cli.content import packs

    raise typer.Exit(packs.show(places or [], language(lang), as_json=as_json))


@packs_app.command("new")
def packs_new(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet; its name becomes the pack's id.")],
    lang: Lang = None,
) -> None:
    """Begin a pack with one rule that works. 新建规则包。"""
    from tocsin.app.cli.content import packs

    raise typer.Exit(packs.new(folder, language(lang)))


@events_app.command("types")
def events_types(packs: Packs = None, lang: Lang = None, as_json: Json = False) -> None:
    """Show the event types and their fields. 列出事件类型与字段。"""
    from tocsin.app.cli.content import events

    raise typer.Exit(events.types(packs or [], language(lang), as_json=as_json))


show_whole_lines(app)


def run() -> None:
    """The entry point: whatever Tocsin raises on purpose becomes one clear line and exit code 1."""
    from tocsin.model.errors import OutputError, TocsinError

    _take_every_sign()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except TocsinError as error:
        print(_tell(error), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(_tell(KeyboardInterrupt("interrupted")), file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        _forget_output()
        if not isinstance(error, BrokenPipeError):
            print(_tell(OutputError(f"standard output: {error.strerror}")), file=sys.stderr)
        sys.exit(1)


def _tell(error: BaseException) -> str:
    """What an error says, in the language that the command was asked for."""
    from tocsin.app.faults import FaultWords

    after = [*sys.argv[1:], ""]
    asked = next((after[place + 1] for place, word in enumerate(after) if word == "--lang"), None)
    return FaultWords(language(asked)).show(error)


def _take_every_sign() -> None:
    """Shows as an escape what the terminal's encoding lacks, such as Chinese on a terminal of Latin-1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Lets nothing more go to an output that takes nothing, at exit neither."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
