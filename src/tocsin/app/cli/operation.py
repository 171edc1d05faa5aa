"""The commands by which Tocsin is run as a service, and their options."""

from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Packs


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.command()(serve)


def serve(
    config: Config = None,
    data: Data = None,
    packs: Packs = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on. Default: 8790.")] = None,
) -> None:
    """Run the service: decisions over HTTP, durable before they are answered. 运行服务。"""
    from tocsin.app.cli.operate import serve as work
    from tocsin.app.settings import find_settings

    raise typer.Exit(work.run(find_settings(config, data=data, packs=packs, host=host, port=port)))
