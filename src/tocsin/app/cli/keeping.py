"""The commands for what is kept, and their options: keys and history."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Json, Lang, Packs, language

keys_app = typer.Typer(help="API keys. 接口密钥。", no_args_is_help=True, rich_markup_mode=None)
history_app = typer.Typer(
    help="What was seen and decided. 事件与决定的历史。", no_args_is_help=True, rich_markup_mode=None
)
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `tocsin keys list` shows it.")]
Entity = Annotated[str, typer.Argument(help="Whom it is about, as events name them: account:9.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, such as the number of a request or of a court's order.")]
By = Annotated[str | None, typer.Option("--by", help="Who orders it. Default: the user who is logged in.")]
EVERYTHING = "select * from history order by seq"
Expires = Annotated[str | None, typer.Option(help="When it ends: a span such as 90d. Default: never.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(keys_app, name="keys")
    app.add_typer(history_app, name="history")


@keys_app.command("new")
def keys_new(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as the program that will use it.")],
    scope: Annotated[
        list[str],
        typer.Option("--scope", help="decide, read, lists, measures, cases, personal, admin or test; may be repeated."),
    ],
    expires: Expires = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Make a key and show it, this once. 新建密钥，仅显示一次。"""
    from tocsin.app.cli.keep import keys
    from tocsin.app.settings import find_settings

    wish = keys.Wish(tuple(scope), expires)
    raise typer.Exit(keys.new(find_settings(config, data=data), name, wish, language(lang), as_json=as_json))


@keys_app.command("list")
def keys_list(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Show every key that was made, never its secret. 列出密钥。"""
    from tocsin.app.cli.keep import keys
    from tocsin.app.settings import find_settings

    raise typer.Exit(keys.index(find_settings(config, data=data), language(lang), as_json=as_json))


@keys_app.command("rotate")
def keys_rotate(
    number: KeyId,
    keep: Annotated[str, typer.Option(help="How long the old key still works.")] = "24h",
    expires: Annotated[
        str | None,
        typer.Option(help="When the new one ends: a span such as 90d. Default: when the old one would have."),
    ] = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Replace a key; the old one works on for a while. 轮换密钥。"""
    from tocsin.app.cli.keep import keys
    from tocsin.app.settings import find_settings

    wish = keys.Wish((), expires, keep)
    raise typer.Exit(keys.rotate(find_settings(config, data=data), number, wish, language(lang), as_json=as_json))


@keys_app.command("revoke")
def keys_revoke(number: KeyId, config: Config = None, data: Data = None, lang: Lang = None) -> None:
    """End a key at once, also in a service that runs. 立即吊销密钥。"""
    from tocsin.app.cli.keep import keys
    from tocsin.app.settings import find_settings

    raise typer.Exit(keys.revoke(find_settings(config, data=data), number, language(lang)))


@history_app.command("stats")
def history_stats(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Count what is kept, and where it lies. 统计历史数据。"""
    from tocsin.app.cli.keep import history
    from tocsin.app.settings import find_settings

    raise typer.Exit(history.stats(find_settings(config, data=data), language(lang), as_json=as_json))


@history_app.command("verify")
def history_verify(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Prove that all of it is what was committed. 校验历史完整性。"""
    from tocsin.app.cli.keep import history
    from tocsin.app.settings import find_settings

    raise typer.Exit(history.verify(find_settings(config, data=data), language(lang), as_json=as_json))


@history_app.command("query")
def history_query(
    sql: Annotated[str, typer.Argument(help="One SELECT, on `history` or on an event type such as payment_transfer.")],
    time_limit: Annotated[float | None, typer.Option(help="Seconds that it may take. Default: 30.", min=0.001)] = None,
    packs: Packs = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Ask the history in SQL. 用 SQL 查询历史。"""
    from tocsin.app.cli.keep import history
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data, packs=packs)
    raise typer.Exit(history.query(settings, sql, time_limit, language(lang), as_json=as_json))


@history_app.command("export")
def history_export(
    out: Annotated[Path, typer.Argument(help="The file: .parquet, .csv or .jsonl. One that is there is replaced.")],
    sql: Annotated[str, typer.Option("--sql", help="One SELECT. Default: everything.")] = EVERYTHING,
    packs: Packs = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Write the answer to a question into a file. 导出历史数据。"""
    from tocsin.app.cli.keep import history
    from tocsin.app.settings import find_settings

    raise typer.Exit(history.export(find_settings(config, data=data, packs=packs), out, sql, language(lang)))


@history_app.command("compact")
def history_compact(
    everything: Annotated[bool, typer.Option("--all", help="Also what makes no whole stretch.")] = False,
    packs: Packs = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Move sealed stretches from the journal to the lake; the service must not run. 压缩归档日志。"""
    from tocsin.app.cli.keep import change
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data, packs=packs)
    raise typer.Exit(change.compact(settings, language(lang), everything=everything, as_json=as_json))


@history_app.command("erase")
def history_erase(
    entity: Entity,
    reason: Reason,
    by: By = None,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    packs: Packs = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Delete one person's data for good, with a record of it; the service must not run. 删除个人数据。"""
    from tocsin.app.cli.keep import change
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data, packs=packs)
    raise typer.Exit(change.erase(settings, entity, change.Why(reason, by), language(lang), sure=sure))


@history_app.command("erasures")
def history_erasures(
    entity: Annotated[str | None, typer.Option("--entity", help="Only those of this person.")] = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show the records of what was erased. 列出删除记录。"""
    from tocsin.app.cli.keep import change
    from tocsin.app.settings import find_settings

    raise typer.Exit(change.erasures(find_settings(config, data=data), entity, language(lang), as_json=as_json))


@history_app.command("hold")
def history_hold(
    entity: Entity, reason: Reason, by: By = None, config: Config = None, data: Data = None, lang: Lang = None
) -> None:
    """Set a legal hold: nothing that touches it is erased or expires. 设置法律保全。"""
    from tocsin.app.cli.keep import change
    from tocsin.app.settings import find_settings

    raise typer.Exit(change.hold(find_settings(config, data=data), entity, change.Why(reason, by), language(lang)))


@history_app.command("release")
def history_release(
    number: Annotated[int, typer.Argument(help="The hold's number, as `tocsin history holds` shows it.")],
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Lift a legal hold. 解除法律保全。"""
    from tocsin.app.cli.keep import change
    from tocsin.app.settings import find_settings

    raise typer.Exit(change.release(find_settings(config, data=data), number, language(lang)))


@history_app.command("holds")
def history_holds(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Show every legal hold. 列出法律保全。"""
    from tocsin.app.cli.keep import change
    from tocsin.app.settings import find_settings

    raise typer.Exit(change.holds(find_settings(config, data=data), language(lang), as_json=as_json))
