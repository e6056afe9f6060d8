"""What others do with the same bytes, in the same run: age (pyrage) and sealed boxes (PyNaCl), each if installed."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple


class Peer(NamedTuple):
    """One other way: what it is, what it does not give, and its work on a record or a scan."""

    name: str
    gives: str
    seal: Callable[[bytes], object]
    open: Callable[[bytes], object]
    sealed: Callable[[bytes], bytes]


NEITHER = "no signature, no Merkle root, no quantum-later key, no padding"


def peers() -> list[Peer]:
    """Return the peers that are installed."""
    found = [make() for make in (_age, _sealed_box)]
    return [one for one in found if one is not None]


def _age() -> Peer | None:
    """Age: two X25519 recipients, ChaCha20-Poly1305 in chunks of 64 KiB."""
    try:
        import pyrage  # noqa: PLC0415 - may not be installed
    except ImportError:
        return None
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    to = [mine.to_public(), other.to_public()]

    def seal(data: bytes) -> bytes:
        return bytes(pyrage.encrypt(data, to))

    return Peer(
        "age (pyrage), two recipients",
        NEITHER,
        seal,
        lambda sealed: pyrage.decrypt(sealed, [mine]),
        seal,
    )


def _sealed_box() -> Peer | None:
    """Seal by libsodium: one X25519 recipient, so it is sealed twice for two."""
    try:
        from nacl import public  # noqa: PLC0415 - may not be installed
    except ImportError:
        return None
    mine = public.PrivateKey(os.urandom(32))
    boxes: list[Any] = [
        public.SealedBox(key.public_key) for key in (mine, public.PrivateKey.generate())
    ]
    opener = public.SealedBox(mine)
    return Peer(
        "sealed box (PyNaCl), once for each of two recipients",
        f"{NEITHER}; the whole content in memory, twice on the line",
        lambda data: [box.encrypt(data) for box in boxes],
        opener.decrypt,
        lambda data: bytes(boxes[0].encrypt(data)),
    )
