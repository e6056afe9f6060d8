"""Programs that listen to everybody: python -m tests.support.careless PORT...; runs in the box's own network.

Every port is open over TCP and UDP, both protocols' versions, all interfaces. Each contact is a line on stdout.
"""

import selectors
import socket
import sys
from collections.abc import Callable


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _listen(kind: socket.SocketKind, port: int) -> socket.socket:
    """One socket for both versions."""
    one = socket.socket(socket.AF_INET6, kind)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.bind(("::", port))
    if kind is socket.SOCK_STREAM:
        one.listen(64)
    one.setblocking(False)
    return one


def _met(one: socket.socket, port: int, kind: socket.SocketKind) -> None:
    if kind is socket.SOCK_STREAM:
        peer, address = one.accept()
        peer.sendall(b"welcome")
        peer.close()
        _tell("tcp", port, address[0])
    else:
        _, address = one.recvfrom(2048)
        one.sendto(b"welcome", address)
        _tell("udp", port, address[0])


def main(ports: list[str]) -> None:
    """Listen until killed."""
    waiting = selectors.DefaultSelector()
    for port in map(int, ports):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            waiting.register(_listen(kind, port), selectors.EVENT_READ, (port, kind))
    _tell("ready")
    while True:
        for key, _ in waiting.select():
            met: Callable[..., None] = _met
            met(key.fileobj, *key.data)


if __name__ == "__main__":
    main(sys.argv[1:])
