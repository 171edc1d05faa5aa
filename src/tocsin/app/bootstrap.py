"""Where the stages are made and joined.

Receives what a command or a server was told. Gives stages ready to work. Nothing is global: each call makes its own.
"""

import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tocsin.decide.decider import Decider, DeciderOptions
from tocsin.features.kernel.compiled import is_compiled
from tocsin.measures.content import TemplateReader, Templates
from tocsin.rulebook.duties.register import Register, load_register
from tocsin.rules.catalogue import Catalogue, load_catalogue
from tocsin.signals.detector import Detector
from tocsin.signals.links import LinkDetector

PACKAGE = Path(__file__).resolve().parents[1]


def shipped_packs() -> Path:
    """The folder of the packs that come with Tocsin: in the wheel, or in the checkout that is installed as editable."""
    inside = PACKAGE / "packs"
    return inside if inside.is_dir() else PACKAGE.parents[1] / "packs"


def duty_packs() -> Path:
    """The folder of the duty packs that come with Tocsin."""
    return shipped_packs() / "duties"


def make_detectors() -> tuple[Detector, ...]:
    """Every detector that comes with Tocsin."""
    return (LinkDetector(),)


def load_packs(places: Sequence[Path]) -> Catalogue:
    """The catalogue of the given packs (the shipped ones where none is given) and of all that they require.

    Raises:
        PackError: every problem in them.
    """
    return load_content(places)[0]


def load_content(places: Sequence[Path]) -> tuple[Catalogue, Templates]:
    """The catalogue of the given packs, and the notices and warnings in them.

    Raises:
        PackError: every problem in them.
    """
    reader = TemplateReader()
    catalogue = load_catalogue(
        list(places) or [shipped_packs()], [shipped_packs(), duty_packs()], make_detectors(), reader
    )
    return catalogue, reader.templates


def load_duties(places: Sequence[Path]) -> Register:
    """The duties that come with Tocsin and those of the given packs; where these hold rules, their duties are checked.

    Raises:
        PackError: every problem in them.
    """
    return load_register([*places, duty_packs()], [shipped_packs(), duty_packs()])


def make_decider(catalogue: Catalogue, *, with_features: bool = False) -> Decider:
    """A decider with empty windows."""
    options = DeciderOptions(every_feature=with_features, show_features=with_features)
    return Decider(catalogue, make_detectors(), time.perf_counter_ns, options)


def make_service_decider(catalogue: Catalogue, allowed_lateness_us: int, *, every_feature: bool = False) -> Decider:
    """A decider that shows what it read: what rules need, or every feature that an event can key."""
    options = DeciderOptions(every_feature=every_feature, show_features=True, allowed_lateness_us=allowed_lateness_us)
    return Decider(catalogue, make_detectors(), time.perf_counter_ns, options)


def warm(decider: Decider, tell: Callable[[], None]) -> None:
    """Makes a decider ready for its first event; `tell` is called where that takes a while, once on each machine."""
    if not is_compiled():
        tell()
    decider.features.warm()
    settle_memory()


def settle_memory() -> None:
    """Tells the collector of cycles that what is loaded now stays, and to look less often.

    Decisions hold no cycles; looking through the remembered ones every 700 objects takes a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def now_us() -> int:
    """The wall clock in microseconds since 1970 UTC."""
    return time.time_ns() // 1_000
