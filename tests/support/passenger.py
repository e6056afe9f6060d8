"""A passenger who scans: python -m tests.support.passenger FACTS, a JSON object; runs in the passenger's network.

Frames are made by hand and sent raw, so no address is asked for and no answer of the kernel is missed: every frame
that comes from the box's card is counted. It says {"sent": N} when all is sent, listens until its stdin ends, and
then tells what it heard.
"""

import contextlib
import ipaddress
import json
import selectors
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

ALL = 0x0003
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
BROADCAST = b"\xff" * 6
SYN_ACK, RST = 0x12, 0x04
OUTGOING = 4
SOURCE_PORT = 40_000
UDP_PORTS = (
    *(7, 9, 19, 53, 67, 68, 69, 111, 123, 137, 138, 161, 177, 389, 427, 443, 500, 514, 520, 547),
    *(623, 631, 1194, 1434, 1645, 1701, 1812, 1900, 2049, 3478, 3702, 4500, 5060, 5353, 5355, 5683),
    *(6881, 8401, 8402, 8403, 8443, 8444, 8610, 8612, 10_001, 27_015, 33_434, 49_152, 51_820),
)


def _sum(data: bytes) -> int:
    """The internet checksum."""
    if len(data) % 2:
        data += b"\x00"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Scan:
    """All frames of one scan. `me` and `box` are cards, `targets` the box's addresses with the last port of each."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.me = bytes.fromhex(facts["me"].replace(":", ""))
        self.box = bytes.fromhex(facts["box"].replace(":", ""))
        self.source4 = ipaddress.ip_address(facts["source4"]).packed
        self.source6 = ipaddress.ip_address(facts["source6"]).packed
        self.targets = {ipaddress.ip_address(one): last for one, last in facts["targets"].items()}

    def frames(self) -> Iterator[bytes]:
        """First what asks everybody, then each target: one packet a TCP port, some UDP ports, pings."""
        yield from self._asking_everybody()
        for target, last in self.targets.items():
            yield from self._one(target.packed, last)

    def _asking_everybody(self) -> Iterator[bytes]:
        everybody4, everybody6 = b"\xff\xff\xff\xff", ipaddress.ip_address("ff02::1").packed
        for target in self.targets:
            if target.version == 4:
                asked = struct.pack("!HHBBH", 1, IPV4, 6, 4, 1)
                asked += self.me + self.source4 + bytes(6) + target.packed
                yield BROADCAST + self.me + struct.pack("!H", ARP) + asked
            else:
                node = ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + target.packed[13:]
                body = b"\x87\x00\x00\x00" + bytes(4) + target.packed + b"\x01\x01" + self.me
                yield self._ip(node, ICMP6, body, 255)
        for everybody, kind in ((everybody4, ICMP), (everybody6, ICMP6)):
            yield self._ping(everybody, kind)
        for group4, group6, port in (
            ("224.0.0.251", "ff02::fb", 5353),
            ("224.0.0.252", "ff02::1:3", 5355),
            ("239.255.255.250", "ff02::c", 1900),
            ("255.255.255.255", "ff02::1:2", 67),
        ):
            for group in (group4, group6):
                yield self._udp(ipaddress.ip_address(group).packed, port)

    def _one(self, target: bytes, last: int) -> Iterator[bytes]:
        yield self._ping(target, ICMP if len(target) == 4 else ICMP6)
        for port in UDP_PORTS:
            yield self._udp(target, port)
        for port in range(1, last + 1):
            yield self._syn(target, port)

    def _ip(self, target: bytes, protocol: int, body: bytes, hops: int = 64) -> bytes:
        """Wrap a packet; ICMPv6, TCP and UDP get their checksum, which covers the addresses."""
        source = self.source4 if len(target) == 4 else self.source6
        at = {TCP: 16, UDP: 6, ICMP: 2, ICMP6: 2}[protocol]
        over = (
            b"" if protocol == ICMP else source + target + struct.pack("!II", len(body), protocol)
        )
        body = body[:at] + struct.pack("!H", _sum(over + body)) + body[at + 2 :]
        if len(target) == 4:
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, hops, protocol, 0)
            whole = head + source + target
            packet = whole[:10] + struct.pack("!H", _sum(whole)) + whole[12:] + body
            return self._card(target) + self.me + struct.pack("!H", IPV4) + packet
        head = struct.pack("!IHBB", 6 << 28, len(body), protocol, hops)
        return (
            self._card(target) + self.me + struct.pack("!H", IPV6) + head + source + target + body
        )

    def _card(self, target: bytes) -> bytes:
        if target[0] == 0xFF and len(target) == 16:
            return b"\x33\x33" + target[12:]
        if target == b"\xff\xff\xff\xff":
            return BROADCAST
        if len(target) == 4 and 224 <= target[0] < 240:
            return b"\x01\x00\x5e" + bytes([target[1] & 0x7F]) + target[2:]
        return self.box

    def _ping(self, target: bytes, kind: int) -> bytes:
        return self._ip(target, kind, bytes([8 if kind == ICMP else 128, 0, 0, 0, 0, 1, 0, 1]))

    def _udp(self, target: bytes, port: int) -> bytes:
        said = b"hello"
        return self._ip(
            target, UDP, struct.pack("!HHHH", SOURCE_PORT, port, 8 + len(said), 0) + said
        )

    def _syn(self, target: bytes, port: int) -> bytes:
        head = struct.pack("!HHIIBBHHH", SOURCE_PORT, port, 1, 0, 0x50, 0x02, 1024, 0, 0)
        return self._ip(target, TCP, head)


class Heard:
    """What came from the box's card."""

    def __init__(self, box: bytes) -> None:
        self._box = box
        self.frames = 0
        self.open: set[int] = set()
        self.closed = 0

    def take(self, frame: bytes) -> None:
        """Count one frame; of TCP, which ports are open and how many say that they are not."""
        if frame[6:12] != self._box:
            return
        self.frames += 1
        kind = struct.unpack_from("!H", frame, 12)[0]
        protocol, at = (frame[23], 34) if kind == IPV4 else (frame[20], 54)
        if kind not in (IPV4, IPV6):
            return
        if protocol == TCP and len(frame) >= at + 20:
            flags = frame[at + 13]
            if flags & SYN_ACK == SYN_ACK:
                self.open.add(struct.unpack_from("!H", frame, at)[0])
            elif flags & RST:
                self.closed += 1
        elif protocol == ICMP and frame[at] == 3:
            self.closed += 1


def main(text: str) -> None:
    """Scan, listen until stdin ends, tell."""
    facts = json.loads(text)
    scan = Scan(facts)
    heard = Heard(scan.box)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        line.bind((facts["interface"], ALL))
        line.setblocking(False)
        sent = 0
        for frame in scan.frames():
            line.send(frame)
            sent += 1
            _drain(line, heard)
        sys.stdout.write(json.dumps({"sent": sent}) + "\n")
        sys.stdout.flush()
        waiting = selectors.DefaultSelector()
        waiting.register(line, selectors.EVENT_READ)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        while not any(key.fileobj is sys.stdin for key, _ in waiting.select()):
            _drain(line, heard)
        _drain(line, heard)
    told = {"frames": heard.frames, "open": sorted(heard.open), "closed": heard.closed}
    sys.stdout.write(json.dumps(told) + "\n")


def _drain(line: socket.socket, heard: Heard) -> None:
    with contextlib.suppress(BlockingIOError):
        while True:
            frame, where = line.recvfrom(2048)
            if where[2] != OUTGOING:
                heard.take(frame)


if __name__ == "__main__":
    main(sys.argv[1])
