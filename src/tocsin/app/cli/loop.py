"""The commands of the closed loop, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Json, Lang, Packs, language

notice_app = typer.Typer(
    help="What people are told: notices and warnings. 告知与预警。", no_args_is_help=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(notice_app, name="notice")


@notice_app.command("check")
def notice_check(
    places: Annotated[
        list[Path] | None, typer.Argument(help="Packs, or folders of packs. Default: the shipped packs.")
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Find every mistake in notices and warnings. 检查告知与预警模板。"""
    from tocsin.app.cli.looped import notice

    raise typer.Exit(notice.check(places or [], language(lang), as_json=as_json))


@notice_app.command("show")
def notice_show(
    kind: Annotated[
        str,
        typer.Argument(help="A measure such as suspend or limit:post, or the name of a warning such as lure-police."),
    ],
    event: Annotated[
        str, typer.Option(help="taken, lifted, appeal_received, appeal_upheld or appeal_refused.")
    ] = "taken",
    typology: Annotated[
        str, typer.Option(help="The kind of fraud that the sample is about, such as AIDING.")
    ] = "AIDING",
    zone: Annotated[str, typer.Option(help="The reader's time zone.")] = "UTC",
    html: Annotated[bool, typer.Option("--html", help="Print HTML.")] = False,
    packs: Packs = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show a notice or a warning as a person would see it, with sample facts. 以示例数据展示告知或预警。"""
    from tocsin.app.cli.looped import notice

    wanted = notice.Wanted(kind, event, typology, zone, "html" if html else "json" if as_json else "text")
    raise typer.Exit(notice.show(wanted, packs or [], language(lang)))


@notice_app.command("statements")
def notice_statements(
    batch: Annotated[
        bool, typer.Option("--batch", help="Print the next batch as the database takes it: at most 100 statements.")
    ] = False,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show which statements of reasons wait, and why some were refused. 查看理由陈述的提交情况。"""
    from tocsin.app.cli.looped import told
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(told.statements(settings, language(lang), batch=batch, as_json=as_json))


@notice_app.command("effect")
def notice_effect(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Show what each warning achieved: delivered, seen, heeded. 查看各预警的效果。"""
    from tocsin.app.cli.looped import told
    from tocsin.app.settings import find_settings

    raise typer.Exit(told.effect(find_settings(config, data=data), language(lang), as_json=as_json))
