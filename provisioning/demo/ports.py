"""Free ports on loopback: the usual ones where nobody sits, others where somebody does."""

import socket
from collections.abc import Mapping

USUAL = {
    "desk": 8401,
    "uplink": 8402,
    "call": 8403,
    "intake": 8443,
    "switchboard": 8444,
    "office": 8501,
    "feeder": 8410,
}


ANY = dict.fromkeys(USUAL, 0)
"""Nobody types an address: ports the kernel picks, so that two plays at once do not meet."""


def free_ports(wanted: Mapping[str, int] = USUAL) -> dict[str, int]:
    """Return a port that can be bound now for every name; all are held at once, so none comes twice."""
    held: list[socket.socket] = []
    found: dict[str, int] = {}
    try:
        for name, usual in wanted.items():
            for port in (usual, 0):
                probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    probe.close()
                    continue
                held.append(probe)
                found[name] = int(probe.getsockname()[1])
                break
    finally:
        for probe in held:
            probe.close()
    return found
