"""How the loop tells people, and which clocks run in it.

Receives the tables `[clocks]` and `[notices]` of the settings' file, `TOCSIN_CLOCKS__*` and `TOCSIN_NOTICES__*`. Gives
checked settings. A statutory clock runs only where the platform says what it is and under which law.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tocsin.app.wording import say


class ClockSettings(BaseModel):
    """Which duties bind the platform, and the spans that it sets itself."""

    model_config = ConfigDict(extra="forbid")

    regimes: list[str] = Field(
        [],
        title=say("Regimes"),
        description=say("The laws and pledges that bind the platform, such as EU-DSA or CN; empty for none."),
    )
    actors: list[str] = Field(
        [],
        title=say("What the platform is"),
        description=say("In the words of the duties, such as isp, marketplace or hosting_service."),
    )
    own: dict[str, str] = Field(
        {"appeal": "7 days", "case": "24 hours"},
        title=say("Own spans"),
        description=say(
            "The platform's own spans, by policy: `case`, `appeal`, `notice`, or the name of a duty's deadline such as"
            " CN-24/check."
        ),
    )
    calendar: str = Field(
        "every day",
        title=say("Own calendar"),
        description=say("Whose days count for the platform's own spans: a country such as CN, or every day."),
    )
    zone: str = Field(
        "UTC", title=say("Own time zone"), description=say("Where the days of the platform's own spans begin.")
    )


class NoticeSettings(BaseModel):
    """What every notice says, in both languages."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["en", "zh"] = Field(
        "en",
        title=say("Language of notices"),
        description=say("The language of a person whose language nobody has told."),
    )
    zone: str = Field(
        "UTC", title=say("Time zone of notices"), description=say("The time zone in which notices tell times.")
    )
    platform: str = Field(
        "tocsin",
        min_length=1,
        max_length=64,
        title=say("Name in statements"),
        description=say("What the identifiers of statements of reasons are made from; never change it."),
    )
    object_days: int = Field(
        183,
        ge=1,
        le=3_650,
        title=say("Days to object"),
        description=say("How long a person may object after they were told. The EU asks for six months at least."),
    )
    where: dict[Literal["en", "zh"], str] = Field(
        {"en": "Write to our support.", "zh": "请联系客服。"},
        title=say("How to object"),
        description=say("How a person objects, as whole sentences in both languages."),
    )
    materials: dict[Literal["en", "zh"], str] = Field(
        {"en": "a proof of who you are, and of what it was for", "zh": "身份证明和用途说明"},
        title=say("What to submit"),
        description=say("What a person submits with an objection, as part of a sentence in both languages."),
    )
    redress: dict[Literal["en", "zh"], str] = Field(
        {
            "en": "a consumer association, or a court.",
            "zh": "向消费者协会投诉，或者向法院起诉。",
        },
        title=say("Further redress"),
        description=say("Where else a person may turn, in both languages."),
    )
    why: dict[Literal["en", "zh"], str] = Field(
        {
            "en": "Our terms forbid fraud.",
            "zh": "平台规则禁止诈骗活动。",
        },
        title=say("Why a term applies"),
        description=say("Why the platform's term applies, where a measure names no law; in both languages."),
    )
