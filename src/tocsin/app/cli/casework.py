"""The commands about cases, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Json, Lang, language

case_app = typer.Typer(help="Cases. 案件。", no_args_is_help=True, rich_markup_mode=None)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, as the list shows it.")]
By = Annotated[str | None, typer.Option("--by", help="Who acts. Default: the user who is logged in.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in plain words.")]
Limit = Annotated[int, typer.Option("--limit", help="How many, at most 1,000.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(case_app, name="case")


@case_app.command("list")
def case_list(
    queue: Annotated[str, typer.Option(help="Of one queue only.")] = "",
    state: Annotated[str, typer.Option(help="open, closed or merged.")] = "open",
    limit: Limit = 50,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List cases, the next first. 列出案件。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.index(settings, (queue, state, limit), language(lang), as_json=as_json))


@case_app.command("show")
def case_show(
    number: Number,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show one case: what keeps it open, its subjects, measures and timeline. 查看案件。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.show(settings, number, language(lang), as_json=as_json))


@case_app.command("open")
def case_open(
    subject: Annotated[str, typer.Argument(help="Whom or what it is about, such as account:9.")],
    queue: Annotated[str, typer.Option(help="The queue into which it goes.")],
    typology: Annotated[str, typer.Option(help="The kind of fraud, such as AIDING.")] = "OTHER",
    due: Annotated[str, typer.Option(help="Within which time, such as 24h.")] = "24h",
    note: Annotated[str, typer.Option(help="What is known so far.")] = "",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Open a case; a matter that has an open one joins it. 立案。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    opening = casework.Opening(subject, queue, typology, due, note)
    raise typer.Exit(casework.begin(settings, opening, by, language(lang), as_json=as_json))


@case_app.command("claim")
def case_claim(
    number: Annotated[int | None, typer.Argument(help="A case. Default: the next one of the queues.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="A queue; may be repeated.")] = None,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Take one case, or the next of some queues, for half an hour. 领取案件。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    wanted = casework.Taking(number, tuple(queue or ()), by)
    raise typer.Exit(casework.take(settings, wanted, language(lang), as_json=as_json))


@case_app.command("release")
def case_release(
    number: Number,
    why: Why = "",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Give a case back; with a reason it counts as skipped. 退回案件。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.act(settings, number, by, casework.acts("release", why=why), language(lang)))


@case_app.command("find")
def case_find(
    number: Number,
    subject: Annotated[str, typer.Argument(help="A subject of the case.")],
    finding: Annotated[str, typer.Argument(help="confirmed, good or unable.")],
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Decide of one subject. 认定主体。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.act(settings, number, by, casework.acts("find", subject, finding, why), language(lang)))


@case_app.command("learn")
def case_learn(
    number: Number,
    kind: Annotated[str, typer.Argument(help="label, list, rule or none.")],
    what: Annotated[str, typer.Argument(help="Which, or why none.")],
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Record what was learned. 记录经验。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.act(settings, number, by, casework.acts("learn", kind, what), language(lang)))


@case_app.command("comment")
def case_comment(
    number: Number,
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Say something about a case. 添加备注。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.act(settings, number, by, casework.acts("comment", text), language(lang)))


@case_app.command("close")
def case_close(
    number: Number,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Close a case, if nothing about it is open. 结案。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.act(settings, number, by, casework.acts("close"), language(lang)))


@case_app.command("reopen")
def case_reopen(
    number: Number,
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Open a closed case again. 重新立案。"""
    from tocsin.app.cli.looped import casework
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(casework.act(settings, number, by, casework.acts("reopen", why=why), language(lang)))


@case_app.command("export")
def case_export(
    number: Number,
    out: Annotated[Path, typer.Option(help="A file that does not exist yet.")],
    form: Annotated[str, typer.Option("--format", help="bundle (a ZIP with everything), pdf or json.")] = "bundle",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Hand a case over with its evidence; `tocsin evidence verify` proves the bundle. 导出案件及证据。"""
    from tocsin.app.cli.looped import files
    from tocsin.app.settings import find_settings

    wanted = files.Export(number, form, out)
    raise typer.Exit(files.export(find_settings(config, data=data), wanted, by, language(lang), as_json=as_json))
