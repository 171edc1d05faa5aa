"""Where webhooks may go.

Receives an address that somebody entered. Gives the very network address to connect to, looked up once, so that a name
cannot point elsewhere a moment later. Never gives one inside the house, unless the endpoint was allowed to be there.
"""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from msgspec import Struct

from tocsin.records.errors import AddressWrong

URL_LIMIT = 2_000


class Target(Struct, frozen=True):
    """An address ready to be called: the URL with the network address in the name's place, and the name."""

    url: str
    host: str
    authority: str


def check_url(url: str, *, internal: bool) -> None:
    """Whether an endpoint may have this address.

    Raises:
        AddressWrong: no https, a name or password in it, or too long.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressWrong("the address is no URL") from None
    schemes = {"https", "http"} if internal else {"https"}
    if parts.scheme not in schemes or not parts.hostname or len(url) > URL_LIMIT or not url.isascii():
        raise AddressWrong("an endpoint has an https address; an internal one may have http")
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        raise AddressWrong("an endpoint's address holds no name, no password and no fragment")


async def find_target(url: str, *, internal: bool) -> Target:
    """Looks the address up.

    Raises:
        AddressWrong: it is no address that may be called, or is inside the house.
        OSError: the name cannot be found.
    """
    check_url(url, internal=internal)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(each[4][0]) for each in found]
    allowed = [each for each in addresses if internal or is_outside(each)]
    if not addresses or len(allowed) != len(addresses):
        raise AddressWrong("the address is inside the house")
    chosen = allowed[0]
    shown = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    return Target(f"{parts.scheme}://{shown}:{port}{path}{query}", host, parts.netloc)


def is_outside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is on the public network; one that is wrapped in IPv6 is looked at as what it is.

    >>> is_outside(ipaddress.ip_address("::ffff:10.0.0.1")), is_outside(ipaddress.ip_address("1.1.1.1"))
    (False, True)
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_outside(inner)
    return address.is_global and not address.is_multicast
