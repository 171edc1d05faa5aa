"""The commands of the closed loop, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.casework import By, Why
from tocsin.app.cli.options import Config, Data, Json, Lang, Packs, language

notice_app = typer.Typer(
    help="What people are told: notices and warnings. 告知与预警。", no_args_is_help=True, rich_markup_mode=None
)
person_app = typer.Typer(help="What is held on people. 个人信息。", no_args_is_help=True, rich_markup_mode=None)
hold_app = typer.Typer(help="Legal holds on records. 记录的法律保全。", no_args_is_help=True, rich_markup_mode=None)
seal_app = typer.Typer(help="The keys that seal. 加密密钥。", no_args_is_help=True, rich_markup_mode=None)
Person = Annotated[str, typer.Argument(metavar="KIND:VALUE", help="Whom it is about: account:9, phone:13800138000.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(person_app, name="person")
    app.add_typer(hold_app, name="hold")
    app.add_typer(seal_app, name="seal")
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


@person_app.command("show")
def person_show(
    entity: Person,
    why: Why,
    by: By = None,
    packs: Packs = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show everything that is held on a person, and why it stays. 查看所持有的个人信息。"""
    from tocsin.app.cli.private import person
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data, packs=packs)
    raise typer.Exit(person.show(settings, person.Asked(entity, why, by), language(lang), as_json=as_json))


@person_app.command("remove")
def person_remove(
    entity: Person,
    why: Why,
    by: By = None,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    packs: Packs = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Remove what is held on a person, where the law allows; says what stays. 在法律允许范围内删除个人信息。"""
    from tocsin.app.cli.private import person
    from tocsin.app.settings import find_settings

    settings, asked = find_settings(config, data=data, packs=packs), person.Asked(entity, why, by)
    raise typer.Exit(person.remove(settings, asked, language(lang), sure=sure, as_json=as_json))


@person_app.command("view")
def person_view(
    record: Annotated[str, typer.Argument(help="A record with sealed fields: appeal:3, case_answer:5.")],
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Open what is sealed of one record; written down. 查看一条记录中的加密内容，并留痕。"""
    from tocsin.app.cli.private import person
    from tocsin.app.settings import find_settings

    raise typer.Exit(person.view(find_settings(config, data=data), record, why, by, as_json=as_json))


@hold_app.command("place")
def hold_place(
    target: Annotated[str, typer.Argument(help="A subject such as account:9, or case:7.")],
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Let nothing about a subject or a case be deleted. 设置法律保全，禁止删除。"""
    from tocsin.app.cli.private import hold
    from tocsin.app.settings import find_settings

    raise typer.Exit(hold.place(find_settings(config, data=data), target, why, by, language(lang)))


@hold_app.command("lift")
def hold_lift(
    number: Annotated[int, typer.Argument(help="The hold's number, as `tocsin hold list` shows it.")],
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Lift a legal hold. 解除法律保全。"""
    from tocsin.app.cli.private import hold
    from tocsin.app.settings import find_settings

    raise typer.Exit(hold.lift(find_settings(config, data=data), number, why, by, language(lang)))


@hold_app.command("list")
def hold_list(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Show every legal hold on records. 列出记录的法律保全。"""
    from tocsin.app.cli.private import hold
    from tocsin.app.settings import find_settings

    raise typer.Exit(hold.index(find_settings(config, data=data), language(lang), as_json=as_json))


@seal_app.command("status")
def seal_status(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Count what is sealed with each key. 统计各密钥加密的数据。"""
    from tocsin.app.cli.private import seal
    from tocsin.app.settings import find_settings

    raise typer.Exit(seal.status(find_settings(config, data=data), language(lang), as_json=as_json))


@seal_app.command("rotate")
def seal_rotate(
    by: By = None, config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False
) -> None:
    """Make a new key and seal everything anew; interrupted, call it again. 轮换密钥并重新加密。"""
    from tocsin.app.cli.private import seal
    from tocsin.app.settings import find_settings

    raise typer.Exit(seal.rotate(find_settings(config, data=data), by, language(lang), as_json=as_json))


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
