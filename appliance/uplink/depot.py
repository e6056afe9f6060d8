"""Whether a link is a depot's: there bytes cost nothing, and originals go up."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address


def at_depot(address: str, depots: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Tell whether we talk from an address of a depot's network; an address nobody can read is none."""
    try:
        own = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(own.version == depot.version and own in depot for depot in depots)
