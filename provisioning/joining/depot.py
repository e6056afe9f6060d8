"""A depot: one offer made ready, its door opened, its end told. Everything of it ends with the process."""

import secrets
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from provisioning.boxkeys import Wish
from provisioning.certificates import make_passing
from provisioning.city import City, NameTakenError
from provisioning.enrol import admit
from provisioning.joining.answer import HallAddress, encode_admission
from provisioning.joining.code import Code, make_code
from provisioning.joining.door import Door, Operator, certificate_hash, door_context
from provisioning.joining.hello import NONCE_BYTES, Hello, commit, encode_hello
from provisioning.joining.offer import Offer, Standing
from provisioning.roots import publishers

PORT = 8445


def _wall() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Depot:
    """An offer of one city for one box, not yet open."""

    city: City
    hall: HallAddress
    code: Code
    offer: Offer
    hello_line: str
    tls: ssl.SSLContext
    steady: Callable[[], float] = field(default=time.monotonic)
    wall: Callable[[], datetime] = field(default=_wall)

    async def serve(self, listening: socket.socket, operator: Operator) -> Standing:
        """Wait for the box and let it in when the operator says so; returns how the offer ended."""
        door = Door(self.offer, self.hello_line, self.admit, operator, self.steady)
        with listening:
            return await door.serve(listening, self.tls)

    def admit(self, wish: Wish) -> str:
        """Make the city know the box, durably; returns the line it is told."""
        return encode_admission(admit(self.city, wish, self.wall()), self.hall)


def open_depot(
    city: City,
    device: str,
    address: str,
    hall: HallAddress,
    *,
    typed: bool = False,
    steady: Callable[[], float] = time.monotonic,
    wall: Callable[[], datetime] = _wall,
) -> Depot:
    """Draw a code and sign a greeting for this box; raises NameTakenError for a revoked name, CodeError."""
    known = city.bundle().device(device)
    if known is not None and known.revoked:
        raise NameTakenError(f"enrol: {device} was revoked; offer a name that was never used")
    root, nonce = city.roots()[-1], secrets.token_bytes(NONCE_BYTES)
    code = make_code(address, root, typed=typed)
    passing = make_passing(device, wall())
    hello = Hello(device, certificate_hash(passing), commit(nonce), root)
    line = encode_hello(hello, publishers(city.folder, city.root()))
    offer = Offer(code, hello, nonce, steady())
    return Depot(city, hall, code, offer, line, door_context(passing), steady, wall)
