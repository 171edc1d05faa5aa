"""The commands for what is kept, and their options: keys and history."""

from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Json, Lang, language

keys_app = typer.Typer(help="API keys. 接口密钥。", no_args_is_help=True, rich_markup_mode=None)
history_app = typer.Typer(
    help="What was seen and decided. 事件与决定的历史。", no_args_is_help=True, rich_markup_mode=None
)
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `tocsin keys list` shows it.")]
Expires = Annotated[str | None, typer.Option(help="When it ends: a span such as 90d. Default: never.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(keys_app, name="keys")
    app.add_typer(history_app, name="history")


@keys_app.command("new")
def keys_new(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as the program that will use it.")],
    scope: Annotated[list[str], typer.Option("--scope", help="decide, read, lists or admin; may be repeated.")],
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
