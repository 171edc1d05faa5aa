"""A regime as a pack declares it.

Receives one entry below `regimes`. Gives a Regime, or problems.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from tocsin.model.decision import PackId
from tocsin.model.event_type import Title
from tocsin.rulebook.duties.duty import Regime, RegimeId
from tocsin.rulebook.duties.translation import bilingual
from tocsin.rules.author import Author, near

NAME = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
COUNTRY = re.compile(r"[A-Z]{2,3}")
EVERY_DAY = "every day"
_KEYS = ("title", "jurisdiction", "calendar", "zone", "penalties")


def read_regime(author: Author, name: str, pack: PackId) -> Regime | None:
    """The regime of one entry."""
    author.keys(_KEYS)
    if not NAME.fullmatch(name):
        author.wrong("bad-name", f"`{name[:60]}` is no name for a regime; write capitals with hyphens, such as EU-DSA")
    title = bilingual(author, "title")
    jurisdiction = author.text("jurisdiction", required=True)
    country, region = _read_calendar(author)
    zone = _read_zone(author)
    penalties = _read_penalties(author)
    if title is None or not jurisdiction or not zone:
        return None
    return Regime(
        id=RegimeId(name),
        title=title,
        jurisdiction=jurisdiction,
        country=country,
        region=region,
        zone=zone,
        penalties=penalties,
        pack=pack,
    )


def fault_of_country(country: str, region: str) -> str:
    """What is wrong with a country and a region as a calendar names them; empty where nothing is.

    >>> fault_of_country("AU", "NSW"), fault_of_country("CN", "")
    ('', '')
    """
    try:
        calendar = holidays.country_holidays(country) if COUNTRY.fullmatch(country) else None
    except NotImplementedError:
        calendar = None
    if calendar is None:
        return f"no calendar is known for the country `{country[:20]}`"
    regions = [*calendar.subdivisions, *calendar.subdivisions_aliases]
    if region and region not in regions:
        hint = near(region, regions)
        return f"no region `{region[:20]}` in {country}" + (f"; {hint}" if hint else "")
    return ""


def is_zone(name: str) -> bool:
    """Whether a text names a time zone of the IANA database.

    >>> is_zone("Asia/Shanghai"), is_zone("../Shanghai")
    (True, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _read_calendar(author: Author) -> tuple[str, str]:
    node = author.scalar("calendar", required=True)
    if node is None or node.text == EVERY_DAY:
        return "", ""
    country, _, region = node.text.partition("-")
    fault = fault_of_country(country, region)
    if fault:
        author.wrong("unknown-calendar", fault, node, f"write a country such as CN, AU-NSW, or `{EVERY_DAY}`")
    return country, region


def _read_zone(author: Author) -> str:
    node = author.scalar("zone", required=True)
    if node is None:
        return ""
    if not is_zone(node.text):
        author.wrong("unknown-zone", f"`{node.text[:60]}` is no time zone", node, "write one such as Asia/Shanghai")
        return ""
    return node.text


def _read_penalties(author: Author) -> dict[str, Title]:
    entries = author.mapping("penalties") if "penalties" in author.entry.entries else None
    if entries is None:
        return {}
    reader = Author(author.file, author.where, entries, author.problems)
    return {name: title for name in entries.entries if (title := bilingual(reader, name))}
