"""`tocsin audit anchor`: this day's signed anchor, made now."""

from msgspec import Struct

from tocsin.app.bootstrap import now_us
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records, show_moment
from tocsin.app.loop.auditor import Anchored, Auditor
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.model.errors import InputError


class Shown(Struct, frozen=True):
    """An anchor as machines read it. `position` is how many acts it vouches for, `made` whether it was made just now."""

    file: str
    day: str
    at: str
    position: int
    key: str
    made: bool


def run(settings: Settings, lang: str, *, as_json: bool) -> int:
    """Anchors the log for this UTC day, unless it is anchored, and says where the file is.

    Raises:
        InputError: there are no records yet, or nothing in the log.
        SecretWrong: the key cannot be read or made.
    """
    with open_records(settings) as records:
        found = Auditor(records, settings.data).anchor(now_us())
    if found is None:
        raise InputError("the log is empty; there is nothing to anchor yet")
    shown = _shown(found)
    if as_json:
        print(to_json(shown))
        return 0
    say = Wording(lang).say
    print(shown.file)
    print(
        say("It vouches for the first {position:,} acts, as they were at {at}.", position=shown.position, at=shown.at)
    )
    if not shown.made:
        print(say("This day was anchored before; what was done since is anchored tomorrow."))
    return 0


def _shown(found: Anchored) -> Shown:
    anchor = found.anchor
    return Shown(str(found.file), anchor.day, show_moment(anchor.at), anchor.position, anchor.key, found.made)
