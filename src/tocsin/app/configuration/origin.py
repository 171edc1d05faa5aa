"""Where a setting's value comes from."""

from enum import StrEnum

from msgspec import Struct

from tocsin.app.configuration.leaf import Path


class Source(StrEnum):
    """The four places, from the weakest to the strongest."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


class Origin(Struct, frozen=True):
    """One place: `where` is a file with its line, a variable's name or an option; empty for a default."""

    source: Source
    where: str = ""


DEFAULT = Origin(Source.DEFAULT)
Origins = dict[Path, Origin]
