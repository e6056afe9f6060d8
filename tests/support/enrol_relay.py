"""Somebody between a box and its depot, who ends both connections and reads what goes through, for tests."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from provisioning.certificates import make_passing
from provisioning.joining.door import door_context
from tests.support.depot_world import DEADLINE_S, NOW


@dataclass
class Overheard:
    """What the relay heard from each side; `calls` counts the boxes that came."""

    from_depot: list[bytes] = field(default_factory=list)
    from_box: list[bytes] = field(default_factory=list)
    calls: int = 0


Change = Callable[[bytes], bytes]


def as_it_is(line: bytes) -> bytes:
    """Change nothing."""
    return line


@contextmanager
def relay_to(
    address: tuple[str, int], from_depot: Change = as_it_is
) -> Iterator[tuple[str, Overheard]]:
    """Stand between: gives the relay's own address, and what it hears. `from_depot` changes the depot's lines."""
    heard, listening = Overheard(), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listening, address, from_depot, heard))
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", heard
    finally:
        # Closing alone does not wake an accept.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join(DEADLINE_S)
        listening.close()


def _serve(
    listening: socket.socket, address: tuple[str, int], from_depot: Change, heard: Overheard
) -> None:
    own = door_context(make_passing("depot", NOW))
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        heard.calls += 1
        with plain, suppress(OSError), own.wrap_socket(plain, server_side=True) as box:
            box.settimeout(DEADLINE_S)
            _between(box, address, from_depot, heard)


def _between(
    box: ssl.SSLSocket, address: tuple[str, int], from_depot: Change, heard: Overheard
) -> None:
    with caller(address) as depot, depot.makefile("rb") as lines, box.makefile("rb") as asked:
        while line := lines.readline():
            heard.from_depot.append(line)
            box.sendall(from_depot(line))
            answer = asked.readline()
            if not answer:
                return
            heard.from_box.append(answer)
            depot.sendall(answer)


@contextmanager
def caller(address: tuple[str, int]) -> Iterator[ssl.SSLSocket]:
    """Connect to a depot as anybody can."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(address, DEADLINE_S) as plain,
        context.wrap_socket(plain) as connection,
    ):
        yield connection
