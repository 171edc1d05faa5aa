"""How a service is set up.

Receives a TOML file, the environment (`TOCSIN_DATA`, `TOCSIN_PORT` ...) and a command's options; each is stronger than
the one before. Gives checked settings. Every setting has a title and a description, which `say` marks for translation.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tocsin.app.configuration.model import SettingsModel
from tocsin.app.configuration.reading import Reading, read
from tocsin.app.loop_settings import ClockSettings, NoticeSettings
from tocsin.app.retention_settings import RetentionSettings
from tocsin.app.stream_settings import KafkaSettings, NatsSettings
from tocsin.app.wording import say

USUAL = Path("tocsin.toml")


class Settings(SettingsModel):
    """Everything that can be set, with what holds where nothing is said."""

    data: Path = Field(
        Path("tocsin-data"),
        title=say("Data folder"),
        description=say("Everything that is kept lies here; a local disk, readable by the service's user only."),
    )
    database: str = Field(
        "",
        repr=False,
        title=say("Database"),
        description=say(
            "Where keys and lists are kept: empty for SQLite in the data folder, or"
            " postgresql://USER:PASSWORD@HOST:PORT/NAME."
        ),
    )
    packs: list[Path] = Field(
        [],
        title=say("Packs"),
        description=say("Packs, or folders of packs, with the rules to run; empty for the shipped ones."),
    )
    evidence: str = Field(
        "",
        title=say("Evidence"),
        description=say(
            "Where evidence is kept: empty for the data folder, a folder, or an address such as s3://BUCKET/PATH."
        ),
    )
    fonts: list[Path] = Field(
        [],
        title=say("Fonts"),
        description=say("Further folders with fonts for reports; one with Chinese signs is needed."),
    )
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        title=say("Address"),
        description=say("The address to listen on. One that others can reach is refused until there is a key."),
    )
    port: int = Field(
        8790,
        ge=0,
        le=65_535,
        title=say("Port"),
        description=say("The port to listen on; 0 takes any that is free."),
    )
    allowed_lateness_s: int = Field(
        3_600,
        ge=0,
        le=7 * 86_400,
        title=say("Allowed lateness, seconds"),
        description=say(
            "How far an event's time may lie behind the newest one and still count in windows. A change makes the next"
            " start replay the whole history."
        ),
    )
    every_feature: bool = Field(
        False,
        title=say("Every feature"),
        description=say(
            "Compute and keep, for each event, also the features that no rule reads. A change makes the next start replay"
            " the whole history."
        ),
    )
    snapshot_every_s: float = Field(
        300.0,
        gt=0,
        le=86_400,
        title=say("Snapshot every, seconds"),
        description=say("How often the windows' state is written; a restart replays only what came after."),
    )
    compact_every_s: float = Field(
        60.0,
        gt=0,
        le=86_400,
        title=say("Compaction every, seconds"),
        description=say("How often the service looks whether enough is in the journal to be moved to Parquet."),
    )
    stretch: int = Field(
        50_000,
        ge=1,
        le=10_000_000,
        title=say("Stretch, events"),
        description=say("How many events must be in the journal before they are moved to Parquet."),
    )
    keep_days: dict[str, Annotated[int, Field(ge=0, le=36_500)]] = Field(
        {},
        title=say("Days to keep, by event type"),
        description=say(
            'How many days an event\'s content is kept, such as {"payment.transfer" = 1825, "*" = 365}; `*` is every'
            " other type. A type that is not named is kept for good. A legal hold is stronger."
        ),
    )
    rate_per_s: int = Field(
        50_000,
        ge=1,
        le=10_000_000,
        title=say("Rate, events a second"),
        description=say("How many events one key may send in a second; more are answered with 429."),
    )
    body_timeout_s: float = Field(
        10.0,
        gt=0,
        le=600,
        title=say("Body timeout, seconds"),
        description=say("How long a request's body may take to arrive; a slower one is answered with 408."),
    )
    stop_timeout_s: float = Field(
        10.0,
        gt=0,
        le=600,
        title=say("Stop timeout, seconds"),
        description=say("How long requests that are being answered may take when the service is told to stop."),
    )
    measures_level: int = Field(
        3,
        ge=-1,
        le=4,
        title=say("Gravest automatic measure"),
        description=say(
            "How grave a measure a rule may order by itself: 0 warn, 1 label and watch, 2 hold, cool off and re-verify,"
            " 3 limit, delist, take down and block; -1 none. Suspending, closing and barring are always decided by people."
        ),
    )
    measures_per_hour: int = Field(
        100,
        ge=0,
        le=1_000_000,
        title=say("Automatic measures, per rule and hour"),
        description=say("How many measures one rule may order by itself in an hour; more wait for a person."),
    )
    measures_lang: Literal["en", "zh"] = Field(
        "en", title=say("Language of reasons"), description=say("The language in which a rule's reason is recorded.")
    )
    measures_basis: str = Field(
        "Terms of service",
        min_length=1,
        max_length=500,
        title=say("Basis of measures"),
        description=say("The term on which a measure stands whose rule names no duty."),
    )
    retention: RetentionSettings = Field(
        RetentionSettings(), title=say("Retention"), description=say("How long the records of the loop are kept.")
    )
    queues: str = Field(
        "",
        title=say("Rules on queues"),
        description=say("A YAML file that says into which queue a case goes, and by when it is due; empty for none."),
    )
    review_share: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        {},
        title=say("Second looks, by queue"),
        description=say(
            'At which share of a queue\'s cases a second person looks before they close, such as {"mule-accounts" = 0.1,'
            ' "*" = 0.02}; `*` is every other queue. Chance chooses, the same whenever it is asked.'
        ),
    )
    clocks: ClockSettings = Field(
        ClockSettings(), title=say("Clocks"), description=say("Which deadlines run in the loop.")
    )
    notices: NoticeSettings = Field(
        NoticeSettings(), title=say("Notices"), description=say("What every notice to a person says.")
    )
    nats: NatsSettings = Field(
        NatsSettings(), title=say("NATS"), description=say("The streams of `tocsin consume nats`.")
    )
    kafka: KafkaSettings = Field(
        KafkaSettings(), title=say("Kafka"), description=say("The streams of `tocsin consume kafka`.")
    )


def read_settings(file: Path | None, **options: object) -> Settings:
    """The settings from a command's options, the environment and a file, in this order of strength.

    Raises:
        InputError: the file cannot be read, or a setting is unknown or out of range.
    """
    return read(Settings, file, options).settings


def find_settings(file: Path | None, **options: object) -> Settings:
    """The same with `tocsin.toml` of this folder, where there is one and no other file is named.

    Raises:
        InputError: as `read_settings`.
    """
    return explain_settings(file, **options).settings


def explain_settings(file: Path | None, **options: object) -> Reading[Settings]:
    """The same, with where each value comes from.

    Raises:
        InputError: as `read_settings`.
    """
    return read(Settings, settings_file(file), options)


def settings_file(file: Path | None) -> Path | None:
    """The file that is named, else `tocsin.toml` of this folder, else none."""
    return file or (USUAL if USUAL.is_file() else None)
