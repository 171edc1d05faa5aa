"""How long records are kept.

Receives the table `[retention]` of the settings' file and `TOCSIN_RETENTION__*`. Gives checked settings.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tocsin.app.wording import say

Days = Annotated[int, Field(ge=0, le=36_500)]


class RetentionSettings(BaseModel):
    """The platform's terms for its records."""

    model_config = ConfigDict(extra="forbid")

    at_least_days: dict[str, Days] = Field(
        {},
        title=say("Days to keep records, at least"),
        description=say(
            "How many days after its end a record stays whatever is asked, by kind: case, measure, appeal, message, warning,"
            " label, list; `*` is every other kind. Where nothing is said: three years, messages and lists half a year, labels 0."
        ),
    )
    delete_days: dict[str, Days] = Field(
        {},
        title=say("Days after which records are deleted"),
        description=say(
            "How many days after its end a record is deleted, by kind: case, measure, appeal, message, warning; `*` is every"
            " other kind. Where nothing is said: five years, messages one. What is open or held stays."
        ),
    )
    regimes: list[str] = Field(
        [],
        title=say("Regimes whose minimums count"),
        description=say(
            "The laws whose duties to keep records bind the platform, such as CN-OTHER or AU; none is kept for less time"
            " than they ask."
        ),
    )
