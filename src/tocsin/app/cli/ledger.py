"""The commands about measures and appeals, and their options."""

from typing import Annotated

import typer

from tocsin.app.cli.casework import By, Limit, Number, Why
from tocsin.app.cli.options import Config, Data, Json, Lang, language

measure_app = typer.Typer(help="What is done about a subject. 处置措施。", no_args_is_help=True, rich_markup_mode=None)
appeal_app = typer.Typer(help="Objections to measures. 申诉。", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(measure_app, name="measure")
    app.add_typer(appeal_app, name="appeal")


@measure_app.command("list")
def measure_list(
    subject: Annotated[str, typer.Option(help="On one subject only.")] = "",
    state: Annotated[str, typer.Option(help="In one state only, such as confirmed.")] = "",
    limit: Limit = 50,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List measures, newest first. 列出措施。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(ledger.index(settings, (subject, state, limit), language(lang), as_json=as_json))


@measure_app.command("show")
def measure_show(
    number: Number,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show one measure with its basis and reason. 查看措施。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(ledger.show(settings, number, language(lang), as_json=as_json))


@measure_app.command("propose")
def measure_propose(
    subject: Annotated[str, typer.Argument(help="On whom or what, such as account:9.")],
    kind: Annotated[str, typer.Argument(help="As rules write it: suspend, limit:call, cool_off:12h ...")],
    basis: Annotated[str, typer.Option(help="A law with its article, or a term of the platform.")],
    why: Why,
    case: Annotated[int | None, typer.Option(help="The case to which it belongs.")] = None,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Propose a measure. 提出措施。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    wanted = ledger.Proposal(subject, kind, basis, why, case, by)
    raise typer.Exit(ledger.add(settings, wanted, language(lang), as_json=as_json))


@measure_app.command("order")
def measure_order(
    number: Number,
    why: Annotated[str, typer.Option("--why", help="Why something is taken down of which its case has no copy.")] = "",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Order a measure; what needs two people is endorsed by the first. 下达措施。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(ledger.act(settings, number, by, ledger.acts("order", why), language(lang)))


@measure_app.command("decline")
def measure_decline(
    number: Number,
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Decline a proposed measure. 驳回措施。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(ledger.act(settings, number, by, ledger.acts("decline", why), language(lang)))


@measure_app.command("lift")
def measure_lift(
    number: Number,
    why: Why,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Lift a measure with all that it brought about. 解除措施。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(ledger.act(settings, number, by, ledger.acts("lift", why), language(lang)))


@appeal_app.command("list")
def appeal_list(
    state: Annotated[str, typer.Option(help="received, upheld or refused.")] = "received",
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List appeals, the earliest due first. 列出申诉。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(ledger.appeals(settings, state, language(lang), as_json=as_json))


@appeal_app.command("decide")
def appeal_decide(
    number: Number,
    why: Why,
    upheld: Annotated[bool, typer.Option("--upheld/--refused", help="Whether the person is right.")],
    redress: Annotated[str, typer.Option(help="Where else the person may turn, when it is refused.")] = "",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Decide an appeal. 裁定申诉。"""
    from tocsin.app.cli.looped import ledger
    from tocsin.app.settings import find_settings
    from tocsin.cases.appeals.appeal import Verdict

    settings = find_settings(config, data=data)
    verdict = Verdict(upheld=upheld, why=why, redress=redress)
    raise typer.Exit(ledger.decide(settings, number, verdict, by, language(lang)))
