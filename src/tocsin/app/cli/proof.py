"""The commands by which anybody proves what Tocsin has handed over, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Json, Lang, language

audit_app = typer.Typer(help="Who did what. 审计日志。", no_args_is_help=True, rich_markup_mode=None)
evidence_app = typer.Typer(help="The evidence of cases. 案件证据。", no_args_is_help=True, rich_markup_mode=None)

Case = Annotated[int, typer.Argument(metavar="CASE", help="The case's number.")]
By = Annotated[str | None, typer.Option("--by", help="Who acts. Default: the user who is logged in.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(evidence_app, name="evidence")
    app.add_typer(audit_app, name="audit")


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


@evidence_app.command("add")
def evidence_add(
    case: Case,
    file: Annotated[Path, typer.Argument(help="The file: at most 100 MiB. Its kind is read from its own bytes.")],
    label: Annotated[str, typer.Option(help="What it is, in a few words.")],
    source: Annotated[str, typer.Option(help="Where it was seen: an address, or a place in words.")],
    channel: Annotated[str, typer.Option(help="How it came in.")] = "desk",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Copy a file into a case. 将文件存为案件证据。"""
    from tocsin.app.cli.looped import files
    from tocsin.app.settings import find_settings

    wanted = files.Adding(case, file, label, source, channel)
    raise typer.Exit(files.add(find_settings(config, data=data), wanted, by, language(lang), as_json=as_json))


@evidence_app.command("show")
def evidence_show(
    case: Case,
    sha256: Annotated[str, typer.Argument(help="One file's digest, to look at it. Default: all are listed.")] = "",
    out: Annotated[Path | None, typer.Option(help="A file that does not exist yet, for what is looked at.")] = None,
    why: Annotated[str, typer.Option(help="Why it is looked at; it stands in the audit log.")] = "",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List the files of a case, or look at one. 列出或查看案件证据。"""
    from tocsin.app.cli.looped import files
    from tocsin.app.settings import find_settings

    wanted = files.Looking(case, sha256, out, why)
    raise typer.Exit(files.show(find_settings(config, data=data), wanted, by, language(lang), as_json=as_json))


@audit_app.command("verify")
def audit_verify(
    folder: Annotated[
        Path | None, typer.Argument(help="What `tocsin audit export` wrote. Default: the log in the records.")
    ] = None,
    anchors: Annotated[
        list[Path] | None, typer.Option("--anchor", help="A file of anchors that was kept elsewhere; may be repeated.")
    ] = None,
    keys: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A public key (PEM) that you know from elsewhere. Default: the one beside the log."),
    ] = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Find any change, removal or reordering in the log of who did what. 核验审计日志是否原样。"""
    from tocsin.app.cli.audited import verify
    from tocsin.app.settings import find_settings

    asked = verify.Asked(folder, tuple(anchors or ()), tuple(keys or ()))
    raise typer.Exit(verify.run(find_settings(config, data=data), asked, language(lang), as_json=as_json))


@audit_app.command("show")
def audit_show(
    record: Annotated[str, typer.Option(help="Acts on one record, such as case:7.")] = "",
    by: Annotated[str, typer.Option(help="Acts of one actor, such as person:NAME.")] = "",
    act: Annotated[str, typer.Option(help="One kind of act, such as case.close; `case.` for every act on cases.")] = "",
    begin: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Acts from this moment on, such as 2026-01-15T08:00+08:00.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Acts before this moment.")] = "",
    before: Annotated[int | None, typer.Option(help="Acts with a lower number, to go on.")] = None,
    limit: Annotated[int, typer.Option(help="How many, at most 1,000.")] = 50,
    reader: Annotated[str | None, typer.Option(help="Who reads. Default: the user who is logged in.")] = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show who did what to which record and why, newest first; who reads it is written down. 查看审计日志，并留痕。"""
    from tocsin.app.cli.audited import log
    from tocsin.app.settings import find_settings

    asked = log.Asked(record, by, act, begin, end, before, limit, reader)
    raise typer.Exit(log.show(find_settings(config, data=data), asked, language(lang), as_json=as_json))


@audit_app.command("anchor")
def audit_anchor(config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False) -> None:
    """Sign the end of the log for this UTC day, once, and say where the anchor is. 立即生成当日的签名锚点。"""
    from tocsin.app.cli.audited import anchor
    from tocsin.app.settings import find_settings

    raise typer.Exit(anchor.run(find_settings(config, data=data), language(lang), as_json=as_json))


@audit_app.command("export")
def audit_export(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    by: Annotated[str | None, typer.Option("--by", help="Who exports. Default: the user who is logged in.")] = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Write the log with its anchors and its key, to be proved elsewhere. 导出可独立核验的审计日志。"""
    from tocsin.app.cli.audited import log
    from tocsin.app.settings import find_settings

    raise typer.Exit(log.export(find_settings(config, data=data), folder, by, language(lang)))
