"""The commands about duties and due times, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Json, Lang, Packs, language

duties_app = typer.Typer(
    help="What laws and pledges ask of a platform. 法律义务与承诺。", no_args_is_help=True, rich_markup_mode=None
)
clock_app = typer.Typer(help="Deadlines. 期限。", no_args_is_help=True, rich_markup_mode=None)
ClockNumber = Annotated[
    int, typer.Argument(metavar="NUMBER", help="The clock's number, as `tocsin clock list` shows it.")
]
By = Annotated[str | None, typer.Option("--by", help="Who acts. Default: the user who is logged in.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(duties_app, name="duties")
    app.add_typer(clock_app, name="clock")


@duties_app.command("list")
def duties_list(
    regime: Annotated[
        str | None, typer.Option(help="A regime such as EU-DSA, or a jurisdiction such as EU. Default: all.")
    ] = None,
    actor: Annotated[
        list[str] | None, typer.Option(help="What the platform is, such as isp or marketplace; may be repeated.")
    ] = None,
    in_force: Annotated[bool, typer.Option("--in-force", help="Only what may be shown as law now.")] = False,
    packs: Packs = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List duties: what the law says of the time, and the platform's own policy beside it. 列出义务。"""
    from tocsin.app.cli.duties import listing

    asked = listing.Asked(packs or [], regime, tuple(actor or ()), in_force)
    raise typer.Exit(listing.show_list(asked, language(lang), as_json=as_json))


@duties_app.command("show")
def duties_show(
    duty: Annotated[str, typer.Argument(help="Its id, such as CN-08.")],
    packs: Packs = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show one duty with its clocks and what proves it. 查看一项义务。"""
    from tocsin.app.cli.duties import sheet

    raise typer.Exit(sheet.show_duty(duty, packs or [], language(lang), as_json=as_json))


@duties_app.command("check")
def duties_check(
    places: Annotated[
        list[Path] | None, typer.Argument(help="Packs, or folders of packs. Default: the shipped packs.")
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Find every mistake in duties, and every duty that rules name in vain. 检查义务包。"""
    from tocsin.app.cli.duties import listing

    raise typer.Exit(listing.check(places or [], language(lang), as_json=as_json))


@clock_app.command("due")
def clock_due(
    start: Annotated[str, typer.Option(help="When it begins, with its zone: 2026-02-13T09:00+08:00.")],
    span: Annotated[str, typer.Option(help="How long it gives: '3 working days', '6 months', '24 hours', 'at once'.")],
    calendar: Annotated[
        str, typer.Option(help="Whose days count: a country (CN), a region (AU-NSW), or 'every day'.")
    ] = "every day",
    zone: Annotated[str, typer.Option(help="The time zone, where the calendar does not tell: Europe/Berlin.")] = "",
    closed: Annotated[
        list[str] | None, typer.Option(help="A day on which the platform is closed; may be repeated. Not for laws.")
    ] = None,
    hours: Annotated[str, typer.Option(help="Working hours: 09:00-18:00. Not for laws.")] = "",
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Reckon when a span runs out, and show the days that counted. 计算到期时间。"""
    from tocsin.app.cli.duties import reckoner

    asked = reckoner.Asked(start, span, calendar, zone, tuple(closed or ()), hours)
    raise typer.Exit(reckoner.show_due(asked, language(lang), as_json=as_json))


@clock_app.command("list")
def clock_list(
    state: Annotated[str, typer.Option(help="running, paused, met, missed or met_late. Default: what is owed.")] = "",
    case: Annotated[int | None, typer.Option(help="Only the clocks of this case.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many, at most.")] = 50,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show what is due next, late ones first. 列出即将到期与已逾期的计时。"""
    from tocsin.app.cli.looped import clock
    from tocsin.app.settings import find_settings

    asked = (state, case, limit)
    raise typer.Exit(clock.index(find_settings(config, data=data), asked, language(lang), as_json=as_json))


@clock_app.command("show")
def clock_show(
    number: ClockNumber, config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False
) -> None:
    """Show one clock with its pauses and what was told of it. 查看一个计时。"""
    from tocsin.app.cli.looped import clock
    from tocsin.app.settings import find_settings

    raise typer.Exit(clock.show(find_settings(config, data=data), number, language(lang), as_json=as_json))


@clock_app.command("pause")
def clock_pause(
    number: ClockNumber,
    reason: Annotated[str, typer.Option("--reason", help="Why the time does not count.")],
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Pause a clock from now on, where its duty allows it. 暂停计时。"""
    from tocsin.app.cli.looped import clock
    from tocsin.app.settings import find_settings

    step = ("pause", number, reason)
    raise typer.Exit(clock.change(find_settings(config, data=data), step, by, language(lang)))


@clock_app.command("resume")
def clock_resume(
    number: ClockNumber, by: By = None, config: Config = None, data: Data = None, lang: Lang = None
) -> None:
    """Let a clock go on; its due time moves by the pause. 恢复计时。"""
    from tocsin.app.cli.looped import clock
    from tocsin.app.settings import find_settings

    step = ("resume", number, "")
    raise typer.Exit(clock.change(find_settings(config, data=data), step, by, language(lang)))
