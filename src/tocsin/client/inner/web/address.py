"""Whose device a request comes from.

Receives who is connected and what proxies have written. Gives the last address that was not written by somebody whom the
integrator does not trust. Never believes a header that the caller could have sent.
"""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
UNIX = "unix"
MOST_HOPS = 32


class Proxies:
    """The proxies that are trusted to say for whom they ask."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Checks the networks.

        Raises:
            ValueError: one is none.
        """
        self._unix = UNIX in trusted
        self._networks = [ipaddress.ip_network(each, strict=False) for each in trusted if each != UNIX]

    def client(self, peer: str, forwarded: str) -> str | None:
        """The device's address; None where there is none.

        >>> Proxies(["10.0.0.0/8"]).client("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2")
        '203.0.113.9'
        >>> Proxies([]).client("198.51.100.7", "203.0.113.9")
        '198.51.100.7'
        """
        current = read_address(peer)
        trusted = self._trusts(current) if current is not None else self._unix and not peer
        hops = forwarded.split(",")[-MOST_HOPS:] if trusted and forwarded else []
        for hop in reversed(hops):
            found = read_address(hop)
            if found is None:
                break
            current = found
            if not self._trusts(found):
                break
        return None if current is None else str(current)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def read_address(text: str) -> Address | None:
    """An address as proxies write it, with or without a port; None where it is none.

    >>> str(read_address("[2001:db8::1]:443")), str(read_address("::ffff:192.0.2.1")), read_address("unknown")
    ('2001:db8::1', '192.0.2.1', None)
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
