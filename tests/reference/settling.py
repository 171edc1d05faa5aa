"""What follows from acts, done as the service does it: clocks, notices, statements of reasons."""

from functools import cache

from tests.reference.loop import HOUR, NOW
from tocsin.app.bootstrap import load_content, load_duties
from tocsin.app.loop.house import Premises, make_premises
from tocsin.app.loop.settler import Settler
from tocsin.app.loop_settings import ClockSettings
from tocsin.app.settings import Settings
from tocsin.app.storage.records import Records


@cache
def european() -> Premises:
    clocks = ClockSettings(regimes=["EU-DSA"], actors=["online_platform"])
    return make_premises(Settings(clocks=clocks), *load_content([]), load_duties([]))


def settle(records: Records, hours: float) -> None:
    """Everything that waits is done, so many hours after NOW."""
    settler = Settler(records, european(), lambda: NOW + round(hours * HOUR))
    while settler.advance():
        pass
