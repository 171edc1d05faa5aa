"""The commands by which Tocsin is run as a service, and their options."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Host, Json, Lang, Packs, Port, language


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    for command in (serve, init, config, doctor, backup, restore):
        app.command()(command)


def serve(
    config: Config = None,
    data: Data = None,
    packs: Packs = None,
    host: Host = None,
    port: Port = None,
    lang: Lang = None,
) -> None:
    """Run the service: decisions over HTTP, durable before they are answered. 运行服务。"""
    gc.disable()  # nothing that is loaded now is ever let go: to look for what could be takes a sixth of the time
    from tocsin.app.cli.operate import serve as work
    from tocsin.app.settings import find_settings

    gc.enable()
    settings = find_settings(config, data=data, packs=packs, host=host, port=port)
    raise typer.Exit(work.run(settings, lang=language(lang)))


def init(
    folder: Annotated[Path, typer.Argument(help="Where tocsin.toml is written. Default: this folder.")] = Path(),
    lang: Lang = None,
) -> None:
    """Write a tocsin.toml with every setting explained. 生成带注释的配置文件。"""
    from tocsin.app.cli.operate import init as work

    raise typer.Exit(work.run(folder, language(lang)))


def config(
    config: Config = None,
    data: Data = None,
    packs: Packs = None,
    host: Host = None,
    port: Port = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show every setting and where its value comes from. 显示各项设置及其来源。"""
    from tocsin.app.cli.operate import config as work
    from tocsin.app.settings import explain_settings

    reading = explain_settings(config, data=data, packs=packs, host=host, port=port)
    raise typer.Exit(work.run(reading, language(lang), as_json=as_json))


def doctor(
    config: Config = None,
    data: Data = None,
    packs: Packs = None,
    host: Host = None,
    port: Port = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Look whether this machine and this folder are fit, and say how to mend them. 检查运行环境并给出修复办法。"""
    from tocsin.app.cli.operate import doctor as work
    from tocsin.app.settings import find_settings, settings_file

    settings = find_settings(config, data=data, packs=packs, host=host, port=port)
    raise typer.Exit(work.run(settings, settings_file(config), language(lang), as_json=as_json))


def backup(
    out: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Copy everything that is kept, while the service runs. 在线备份。"""
    from tocsin.app.cli.operate import backup as work
    from tocsin.app.settings import find_settings

    raise typer.Exit(work.make(find_settings(config, data=data), out, language(lang), as_json=as_json))


def restore(
    backup: Annotated[Path, typer.Argument(help="What `tocsin backup` wrote.")],
    config: Config = None,
    data: Data = None,
    check: Annotated[bool, typer.Option("--check", help="Only prove that the backup is whole.")] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty data folder, and prove it. 恢复备份并验证。"""
    from tocsin.app.cli.operate import backup as work
    from tocsin.app.settings import find_settings

    if check:
        raise typer.Exit(work.check(backup, language(lang), as_json=as_json))
    raise typer.Exit(work.restore(find_settings(config, data=data), backup, language(lang), as_json=as_json))
