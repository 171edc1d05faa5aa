"""The commands about measures and appeals, and their options."""

from typing import Annotated

import typer

from tocsin.app.cli.casework import By, Limit, Number, Why
from tocsin.app.cli.options import Config, Data, Json, Lang, Packs, language

measure_app = typer.Typer(help="What is done about a subject. 处置措施。", no_args_is_help=True, rich_markup_mode=None)
batch_app = typer.Typer(help="Many measures in one act. 批量处置。", no_args_is_help=True, rich_markup_mode=None)
appeal_app = typer.Typer(help="Objections to measures. 申诉。", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    app.add_typer(measure_app, name="measure")
    measure_app.add_typer(batch_app, name="batch")
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


@measure_app.command("kinds")
def measure_kinds(packs: Packs = None, lang: Lang = None, as_json: Json = False) -> None:
    """List every kind: its level, who decides, its scopes, what takes it back. 列出措施种类。"""
    from tocsin.app.cli.looped import kinds

    raise typer.Exit(kinds.show(packs or [], language(lang), as_json=as_json))


@batch_app.command("plan")
def batch_plan(
    subjects: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A text file, a subject such as account:9 on each line; - reads input."),
    ],
    kind: Annotated[str, typer.Argument(help="As rules write it: suspend, limit:call, cool_off:12h ...")],
    basis: Annotated[str, typer.Option(help="A law with its article, or a term of the platform.")],
    why: Annotated[str, typer.Option("--why", help="Why all this is done, such as a letter of the police.")],
    reason: Annotated[str, typer.Option(help="Each measure's reason, in plain words. Default: as --why.")] = "",
    case: Annotated[int | None, typer.Option(help="The case to which they belong.")] = None,
    typology: Annotated[str, typer.Option(help="The kind of fraud, such as AIDING.")] = "",
    untold: Annotated[str, typer.Option(help="Why the persons may not be told, where they may not.")] = "",
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Plan a bulk act: what would be taken and what may not be; nothing is touched. 制定批量处置方案（不执行）。"""
    from tocsin.app.cli.looped import bulk
    from tocsin.app.settings import find_settings

    wanted = bulk.Wanted(subjects, kind, basis, why, reason, case, typology, untold, by)
    raise typer.Exit(bulk.plan(find_settings(config, data=data), wanted, language(lang), as_json=as_json))


@batch_app.command("show")
def batch_show(
    number: Number, config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False
) -> None:
    """Show a bulk act: how it stands, and what taking it would come to now. 查看批量处置。"""
    from tocsin.app.cli.looped import bulk
    from tocsin.app.settings import find_settings

    raise typer.Exit(bulk.show(find_settings(config, data=data), number, language(lang), as_json=as_json))


@batch_app.command("apply")
def batch_apply(
    number: Number, by: By = None, config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False
) -> None:
    """Take everything that is planned; interrupted, call it again. 执行批量处置。"""
    from tocsin.app.cli.looped import bulk
    from tocsin.app.settings import find_settings

    raise typer.Exit(bulk.apply(find_settings(config, data=data), number, by, language(lang), as_json=as_json))


@batch_app.command("undo")
def batch_undo(
    number: Number, by: By = None, config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False
) -> None:
    """Undo a bulk act as a whole within a day; lists what could not be undone. 撤销批量处置。"""
    from tocsin.app.cli.looped import bulk
    from tocsin.app.settings import find_settings

    raise typer.Exit(bulk.undo(find_settings(config, data=data), number, by, language(lang), as_json=as_json))


@appeal_app.command("list")
def appeal_list(
    state: Annotated[str, typer.Option(help="received, upheld or refused.")] = "received",
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """List appeals, the earliest due first. 列出申诉。"""
    from tocsin.app.cli.looped import appeals
    from tocsin.app.settings import find_settings

    settings = find_settings(config, data=data)
    raise typer.Exit(appeals.index(settings, state, language(lang), as_json=as_json))


@appeal_app.command("show")
def appeal_show(
    number: Number, config: Config = None, data: Data = None, lang: Lang = None, as_json: Json = False
) -> None:
    """Show one appeal; `tocsin person view appeal:NUMBER --why` opens the person's words, which are sealed. 查看申诉。"""
    from tocsin.app.cli.looped import appeals
    from tocsin.app.settings import find_settings

    raise typer.Exit(appeals.show(find_settings(config, data=data), number, language(lang), as_json=as_json))


@appeal_app.command("receive")
def appeal_receive(
    text: Annotated[str, typer.Option(help="What the person says; - reads standard input.")],
    channel: Annotated[str, typer.Option(help="How it came in, such as phone or counter.")],
    measure: Annotated[
        int | None, typer.Argument(metavar="MEASURE", help="The number of the measure, where there is no code.")
    ] = None,
    code: Annotated[str, typer.Option(help="The code of the notice, instead of the measure.")] = "",
    material: Annotated[
        list[str] | None, typer.Option(help="What the person handed in, such as a file's SHA-256; repeats.")
    ] = None,
    by: By = None,
    config: Config = None,
    data: Data = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Take an appeal in for a person; one that waits on the same measure is shown instead. 代当事人受理申诉。"""
    from tocsin.app.cli.looped import appeals
    from tocsin.app.settings import find_settings

    asked = appeals.Taking(measure, code, text, channel, tuple(material or ()), by)
    raise typer.Exit(appeals.receive(find_settings(config, data=data), asked, language(lang), as_json=as_json))


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
    from tocsin.app.cli.looped import appeals
    from tocsin.app.settings import find_settings
    from tocsin.cases.appeals.appeal import Verdict

    settings = find_settings(config, data=data)
    verdict = Verdict(upheld=upheld, why=why, redress=redress)
    raise typer.Exit(appeals.decide(settings, number, verdict, by, language(lang)))
