"""The commands by which anybody proves what Tocsin has handed over, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Json, Lang, language

evidence_app = typer.Typer(help="The evidence of cases. 案件证据。", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(evidence_app, name="evidence")


@evidence_app.command("verify")
def evidence_verify(
    file: Annotated[Path, typer.Argument(help="A bundle (ZIP), or a manifest.json with its files.")],
    files: Annotated[
        Path | None,
        typer.Option(help="The folder of a manifest's files. Default: `files` beside the manifest."),
    ] = None,
    keys: Annotated[
        list[Path] | None,
        typer.Option(
            "--key", help="A public key (PEM) that you know from elsewhere and that must have signed; repeats."
        ),
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Prove offline that evidence is what was handed over; says which file is not. 离线核验证据是否原样。"""
    from tocsin.app.cli.evidence import verify

    raise typer.Exit(verify.run(verify.Asked(file, files, tuple(keys or ())), language(lang), as_json=as_json))
