"""A secret under a person's PIN: bound to the box's chip (TPM) where it has one, under the PIN alone where not.

Under the chip nobody guesses the PIN away from the box, the chip counts wrong tries, and what its slot held
is gone for good once the slot is undefined, whatever an old copy of the disk still has. Without a chip the
lock is only as strong as the PIN is long; the door and `state.json` say which of the two a box has.
"""

from collections.abc import Callable

from hardware.errors import DeviceError
from hardware.protocols import Tpm
from hardware.tpm.faults import missing
from sync.chiplock import CHIP_SECRET_BYTES, PinHalf, needs_chip
from sync.errors import FailureKind, SealError
from sync.pinlock import NONCE_BYTES, SALT_BYTES, lock_secret, unlock_secret

VISIT_SLOT = 0
"""The chip's slot of the open visit; those of staff members come after it."""

STAFF_SLOTS = 32
"""How many members of staff a box with a chip may have: a chip has a few kilobytes."""

Random = Callable[[int], bytes]


def close_secret(secret: bytes, pin: str, random: Random, tpm: Tpm | None, slot: int) -> bytes:
    """Return the secret locked under PIN and chip, the chip's half durable in its slot; raises DeviceError."""
    salt, nonce = random(SALT_BYTES), random(NONCE_BYTES)
    if tpm is None:
        return lock_secret(secret, pin, salt, nonce)
    half, chip = PinHalf(pin, salt), random(CHIP_SECRET_BYTES)
    tpm.define(slot, chip, half.password)
    return half.lock(secret, chip, nonce)


def open_secret(blob: bytes, pin: str, tpm: Tpm | None, slot: int) -> bytes:
    """Return the secret; raises SealError(NO_MATCH) for a wrong PIN, DeviceError when the chip has no answer.

    The DeviceError's cause is "empty" when the chip's half was destroyed: then nothing ever opens the lock.
    """
    if not needs_chip(blob):
        return unlock_secret(blob, pin)
    if tpm is None:
        raise missing("tpm", "the settings name no chip, and this lock needs one")
    half = PinHalf.for_lock(blob, pin)
    try:
        chip = tpm.read(slot, half.password)
    except DeviceError as error:
        if error.cause == "auth":
            raise SealError(FailureKind.NO_MATCH, "lock: the chip refuses the PIN") from error
        raise
    return half.unlock(blob, chip)
