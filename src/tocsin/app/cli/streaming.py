"""The commands by which Tocsin consumes streams, and their options."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.cli.options import Config, Data, Lang, Packs, language

consume_app = typer.Typer(
    help="Run the service and decide the events of a stream. 运行服务并处理消息流中的事件。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

dead_app = typer.Typer(
    help="Send dead letters back once what was wrong is mended. 问题修复后将死信送回。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Host = Annotated[str | None, typer.Option(help="The address to listen on. Default: 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="The port to listen on. Default: 8790.")]
Batch = Annotated[int | None, typer.Option(help="Messages that are decided and committed together. Default: 500.")]
Decisions = Annotated[str | None, typer.Option(help="Where decisions go. Default: tocsin.decisions.")]
DeadLetters = Annotated[
    str | None, typer.Option("--dead-letters", help="Where goes what is no event. Default: tocsin.dead-letters.")
]
UntilIdle = Annotated[
    float | None,
    typer.Option("--until-idle", min=0.0, help="End when nothing has come for so many seconds and nothing waits."),
]
Urls = Annotated[
    list[str] | None, typer.Option("--url", help="A server; may be repeated. Default: nats://127.0.0.1:4222.")
]
Brokers = Annotated[str | None, typer.Option(help="Brokers, with commas. Default: 127.0.0.1:9092.")]
Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="A topic with events; may be repeated. Default: tocsin.events.")
]
Properties = Annotated[
    list[str] | None, typer.Option("--property", help="name=value for librdkafka; may be repeated. No secrets.")
]
Secrets = Annotated[
    Path | None, typer.Option("--secrets", help="A file of name=value for librdkafka, such as passwords.")
]
Create = Annotated[bool, typer.Option("--create", help="Make what is absent, for a demonstration.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    consume_app.command("nats")(consume_nats)
    consume_app.command("kafka")(consume_kafka)
    app.add_typer(consume_app, name="consume")
    dead_app.command("nats")(dead_nats)
    dead_app.command("kafka")(dead_kafka)
    app.add_typer(dead_app, name="dead-letters")


def consume_nats(
    config: Config = None,
    data: Data = None,
    packs: Packs = None,
    host: Host = None,
    port: Port = None,
    url: Urls = None,
    stream: Annotated[str | None, typer.Option(help="The stream with the events. Default: tocsin-events.")] = None,
    durable: Annotated[str | None, typer.Option(help="Its durable pull consumer. Default: tocsin.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="The subject of a stream made by --create. Default: tocsin.events.")
    ] = None,
    decisions: Decisions = None,
    dead_letters: DeadLetters = None,
    batch: Batch = None,
    creds: Annotated[Path | None, typer.Option(help="A file with NATS credentials.")] = None,
    until_idle: UntilIdle = None,
    create: Create = False,
) -> None:
    """From NATS JetStream. 从 NATS JetStream 消费。"""
    from tocsin.app.cli.operate import consume
    from tocsin.app.settings import find_settings

    given = {
        "url": url or None,
        "stream": stream,
        "durable": durable,
        "subject": subject,
        "decisions": decisions,
        "dead_letters": dead_letters,
        "batch": batch,
        "creds_file": creds,
    }
    settings = find_settings(config, data=data, packs=packs, host=host, port=port, nats=_said(given))
    raise typer.Exit(consume.run_nats(settings, until_idle, create=create))


def consume_kafka(
    config: Config = None,
    data: Data = None,
    packs: Packs = None,
    host: Host = None,
    port: Port = None,
    brokers: Brokers = None,
    group: Annotated[str | None, typer.Option(help="The consumer group. Default: tocsin.")] = None,
    topic: Topics = None,
    decisions: Decisions = None,
    dead_letters: DeadLetters = None,
    batch: Batch = None,
    property: Properties = None,  # noqa: A002
    secrets: Secrets = None,
    until_idle: UntilIdle = None,
    create: Create = False,
) -> None:
    """From Kafka. 从 Kafka 消费。"""
    from tocsin.app.cli.operate import consume
    from tocsin.app.settings import find_settings

    given = {
        "brokers": brokers,
        "group": group,
        "topics": topic or None,
        "decisions": decisions,
        "dead_letters": dead_letters,
        "batch": batch,
        "properties": _pairs(property),
        "secrets_file": secrets,
    }
    settings = find_settings(config, data=data, packs=packs, host=host, port=port, kafka=_said(given))
    raise typer.Exit(consume.run_kafka(settings, until_idle, create=create))


def dead_nats(
    config: Config = None,
    url: Urls = None,
    subject: Annotated[
        str | None, typer.Option(help="Where events come from, * and > included. Default: tocsin.events.")
    ] = None,
    dead_letters: DeadLetters = None,
    until_idle: Annotated[float, typer.Option("--until-idle", min=0.1, help="Seconds of quiet at the end.")] = 2.0,
    create: Create = False,
    lang: Lang = None,
) -> None:
    """In NATS JetStream. 用于 NATS JetStream。"""
    from tocsin.app.cli.operate import dead_letters as work
    from tocsin.app.settings import find_settings

    given = {"url": url or None, "subject": subject, "dead_letters": dead_letters}
    settings = find_settings(config, nats=_said(given))
    raise typer.Exit(work.run_nats(settings, until_idle, language(lang), create=create))


def dead_kafka(
    config: Config = None,
    brokers: Brokers = None,
    topic: Topics = None,
    dead_letters: DeadLetters = None,
    property: Properties = None,  # noqa: A002
    secrets: Secrets = None,
    until_idle: Annotated[float, typer.Option("--until-idle", min=0.1, help="Seconds of quiet at the end.")] = 2.0,
    create: Create = False,
    lang: Lang = None,
) -> None:
    """In Kafka. 用于 Kafka。"""
    from tocsin.app.cli.operate import dead_letters as work
    from tocsin.app.settings import find_settings

    given = {
        "brokers": brokers,
        "topics": topic or None,
        "dead_letters": dead_letters,
        "properties": _pairs(property),
        "secrets_file": secrets,
    }
    settings = find_settings(config, kafka=_said(given))
    raise typer.Exit(work.run_kafka(settings, until_idle, language(lang), create=create))


def _said(given: Mapping[str, object]) -> dict[str, object] | None:
    return {name: value for name, value in given.items() if value is not None} or None


def _pairs(texts: list[str] | None) -> dict[str, str] | None:
    pairs = [text.partition("=") for text in texts or ()]
    for name, sign, _ in pairs:
        if not sign:
            raise typer.BadParameter(f"{name[:40]}: expected name=value", param_hint="--property")
    return {name.strip(): value.strip() for name, _, value in pairs} or None
