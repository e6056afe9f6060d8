"""The box's side of an enrolment: it calls the depot, believes it or leaves, asks once, shows words, waits."""

import contextlib
import logging
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from hardware.protocols import Tpm
from provisioning.boxkeys import Bus, StaffMember, Wish, box_signer, make_wish
from provisioning.enrol import take_admission
from provisioning.joining import answer, hello
from provisioning.joining.answer import HallAddress
from provisioning.joining.code import Code
from provisioning.joining.errors import FalseDepotError, LineLostError
from provisioning.joining.hello import Hello, believe_hello
from provisioning.joining.offer import OFFER_S
from provisioning.joining.wish_line import asked_of, encode_wish
from provisioning.joining.words import words_of

log = logging.getLogger("madobus.enrol")
CONNECT_S: Final = 15.0
AGAIN_S: Final = 3.0
TIMES: Final = 20  # how often a lost connection is made again
_KEEPALIVE: Final = (
    (socket.TCP_KEEPIDLE, 10),
    (socket.TCP_KEEPINTVL, 5),
    (socket.TCP_KEEPCNT, 3),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """One box that wants to be enrolled under one code."""

    code: Code
    bus: Bus
    staff: tuple[StaffMember, ...]
    show: Callable[[tuple[str, ...]], None]
    tpm: Tpm | None = None
    pause: Callable[[float], None] = field(default=time.sleep)


@dataclass(slots=True)
class _Asking:
    """What stays the same when the connection has to be made again."""

    greeting: Hello
    wish: Wish
    line: str


def join(visitor: Visitor) -> tuple[str, HallAddress]:
    """Enrol the box; returns its name and where city hall is. The keys stay in its folder also when it fails.

    Raises FalseDepotError, RefusedError, LineLostError, ValueError, DeviceError.
    """
    asking: _Asking | None = None
    for left in reversed(range(TIMES)):
        try:
            with _called(visitor.code) as (depot, certificate):
                greeting, _ = believe_hello(depot.hear(hello.LINE_MAX), visitor.code, certificate)
                asking = _again(asking, greeting) or _ask(visitor, greeting)
                return _converse(visitor, depot, asking)
        except LineLostError as error:
            log.info("enrol.line_lost cause=%s", type(error.__cause__).__name__)
            if asking is None or not left:
                raise
            visitor.pause(AGAIN_S)
    raise AssertionError  # pragma: no cover  # the loop returns or raises


def _again(asking: _Asking | None, greeting: Hello) -> _Asking | None:
    """Return the same request for the same offer; a box asks an offer once, whatever the network does."""
    return asking if asking is not None and asking.greeting == greeting else None


def _ask(visitor: Visitor, greeting: Hello) -> _Asking:
    wish = make_wish(visitor.bus, greeting.device, visitor.staff, visitor.tpm)
    nonce = secrets.token_bytes(hello.NONCE_BYTES)
    line = encode_wish(wish, greeting.digest, visitor.code, box_signer(visitor.bus), nonce)
    return _Asking(greeting, wish, line)


def _converse(visitor: Visitor, depot: "_Depot", asking: _Asking) -> tuple[str, HallAddress]:
    depot.say(asking.line)
    nonce = answer.read_reveal(depot.hear(answer.LINE_MAX), asking.greeting.commitment)
    visitor.show(words_of(asked_of(asking.line, asking.wish).words(nonce)))
    depot.patience(OFFER_S)
    told, hall = answer.read_admission(depot.hear(answer.LINE_MAX), asking.greeting.root)
    take_admission(visitor.bus, asking.wish, told)
    # The box is enrolled now; whether the depot still hears it changes nothing.
    with contextlib.suppress(LineLostError):
        depot.say(answer.TAKEN)
    return asking.wish.device, hall


class _Depot:
    """Lines over one connection; LineLostError when it is lost."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")

    def say(self, line: str) -> None:
        """Send one line."""
        try:
            self._connection.sendall(line.encode() + b"\n")
        except OSError as error:
            raise _lost() from error

    def hear(self, limit: int) -> str:
        """Wait for one line of at most `limit` bytes."""
        try:
            line = self._file.readline(limit + 1)
        except OSError as error:
            raise _lost() from error
        if len(line) > limit:
            raise FalseDepotError("enrol: the depot says more than a depot ever says; it is none")
        if not line.endswith(b"\n"):
            raise _lost()
        try:
            return line.rstrip(b"\n").decode()
        except UnicodeDecodeError as error:
            raise FalseDepotError("enrol: the depot does not speak text; it is none") from error

    def patience(self, seconds: float) -> None:
        """Wait this long for the next line."""
        self._connection.settimeout(seconds)

    def close(self) -> None:
        """Hang up."""
        self._file.close()


@contextmanager
def _called(code: Code) -> Iterator[tuple[_Depot, bytes]]:
    connection = _connect(code)
    with connection, contextlib.closing(_Depot(connection)) as depot:
        yield depot, connection.getpeercert(binary_form=True) or b""


def _connect(code: Code) -> ssl.SSLSocket:
    # No authority vouches for a depot: the signed greeting names the very certificate that was shown here.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host, port = code.host_and_port()
    try:
        plain = socket.create_connection((host, port), CONNECT_S)
        try:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, seconds in _KEEPALIVE:
                plain.setsockopt(socket.IPPROTO_TCP, option, seconds)
            return context.wrap_socket(plain)
        except OSError:
            plain.close()
            raise
    except OSError as error:
        raise _lost() from error


def _lost() -> LineLostError:
    return LineLostError(
        "enrol: the depot cannot be reached; check the network and that its offer stands, then join again"
    )
