"""A neighbour on the way out who tells false routes: python -m tests.support.liar FACTS, a JSON object."""

import ipaddress
import json
import socket
import struct
import sys

from tests.support.passenger import ICMP, ICMP6, Scan

AWAY4, AWAY6 = "198.51.100.1", "fd00:bad::1"
ROUNDS = 3


def _packed(text: str) -> bytes:
    return ipaddress.ip_address(text).packed


def lies(scan: Scan, facts: dict[str, str]) -> list[bytes]:
    """Return the frames: a false router, a false prefix, redirects of both versions, answers nobody asked for."""
    everybody = _packed("ff02::1")
    link = b"\x01\x01" + scan.me
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 7200, 7200, 0) + _packed("fd00:bad::")
    router = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + link + prefix
    # A redirect quotes the packet it answers: one the box may well have sent.
    quoted4 = struct.pack("!BBHHHBBH", 0x45, 0, 28, 1, 0, 64, 17, 0)
    quoted4 += _packed(facts["box4"]) + _packed(AWAY4) + struct.pack("!HHHH", 40_000, 53, 8, 0)
    redirect4 = struct.pack("!BBH", 5, 1, 0) + scan.source4 + quoted4
    redirect6 = (
        struct.pack("!BBHI", 137, 0, 0, 0) + scan.source6 + _packed(AWAY6) + b"\x02\x01" + scan.me
    )
    box4, box6 = _packed(facts["box4"]), _packed(facts["box6"])
    scan.source4 = _packed(facts["router4"])
    return [
        scan._ip(everybody, ICMP6, router, 255),
        scan._ip(box6, ICMP6, redirect6, 255),
        scan._ip(box4, ICMP, redirect4),
        scan._udp(box4, 5353),
        scan._udp(box6, 5353),
        scan._udp(box4, 5355),
    ]


def main(text: str) -> None:
    """Tell each lie a few times."""
    facts = json.loads(text)
    # Routers speak by their link-local address, else nobody listens.
    card = bytearray.fromhex(facts["me"].replace(":", ""))
    card[0] ^= 2
    local = b"\xfe\x80" + bytes(6) + bytes(card[:3]) + b"\xff\xfe" + bytes(card[3:])
    stranger = {"source4": facts["box4"], "source6": str(ipaddress.ip_address(local))}
    scan = Scan({**facts, **stranger, "targets": {}})
    frames = lies(scan, facts) * ROUNDS
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as line:
        line.bind((facts["interface"], 0))
        for frame in frames:
            line.send(frame)
    sys.stdout.write(json.dumps({"sent": len(frames)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
