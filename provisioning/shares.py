"""The recovery key in three hands: any two holders restore its seed, one alone holds random bytes.

For each pair of holders the seed is hidden under a fresh one-time pad: one holder keeps the pad, the other
the seed XOR the pad. Three pairs, so each holder keeps two halves, each of which is random by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from sync import canonical, shape
from sync.keys import OpeningKey
from sync.pinlock import NONCE_BYTES, SALT_BYTES, lock_secret, unlock_secret

HOLDERS: Final = ("a", "b", "c")
SEED_BYTES: Final = 32
SHARE_MAX: Final = 1024

_VERSION: Final = 1
_KEY_ID_BYTES: Final = 8


class SharesError(ValueError):
    """Two shares that do not make the key: the same one twice, or of different splits."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one holder keeps: whose key it is part of, and for each other holder a half of 32 bytes."""

    key_id: bytes
    holder: str
    halves: dict[str, bytes] = field(repr=False)


def split(key: OpeningKey, random: Callable[[int], bytes]) -> tuple[Share, Share, Share]:
    """Return the three holders' shares of a key, with fresh pads from `random`."""
    halves: dict[str, dict[str, bytes]] = {holder: {} for holder in HOLDERS}
    for first, second in combinations(HOLDERS, 2):
        pad = random(SEED_BYTES)
        halves[first][second] = pad
        halves[second][first] = _xor(key.seed, pad)
    one, two, three = (Share(key.key_id, holder, halves[holder]) for holder in HOLDERS)
    return one, two, three


def join(one: Share, other: Share) -> OpeningKey:
    """Return the key of two holders' shares; raises SharesError."""
    if one.holder == other.holder or one.key_id != other.key_id:
        raise SharesError(
            "shares: two different holders' shares of one key are needed; "
            f"these are {one.holder} of {one.key_id.hex()} and {other.holder} of {other.key_id.hex()}"
        )
    key = OpeningKey.from_seed(_xor(one.halves[other.holder], other.halves[one.holder]))
    if key.key_id != one.key_id:
        raise SharesError(
            f"shares: {one.holder} and {other.holder} are of different splits of {one.key_id.hex()}; "
            "take the newest files of both"
        )
    return key


def lock_share(share: Share, passphrase: str, random: Callable[[int], bytes]) -> bytes:
    """Return a share locked under its holder's passphrase."""
    halves = [[other, half] for other, half in sorted(share.halves.items())]
    plain = canonical.encode([_VERSION, share.key_id, share.holder, halves])
    return lock_secret(plain, passphrase, random(SALT_BYTES), random(NONCE_BYTES))


def unlock_share(locked: bytes, passphrase: str) -> Share:
    """Return a holder's share; raises SealError for a wrong passphrase, ValueError for what is no share."""
    plain = canonical.decode(unlock_secret(locked, passphrase), SHARE_MAX)
    version, key_id, holder, found = shape.row(plain, 4, "share")
    shape.number(version, "version", _VERSION, _VERSION)
    others = [one for one in HOLDERS if one != holder]
    halves: dict[str, bytes] = {}
    for pair in shape.rows(found, len(others), "halves"):
        other, half = shape.row(pair, 2, "half")
        halves[shape.text(other, "holder")] = shape.blob(half, "half", SEED_BYTES)
    if holder not in HOLDERS or sorted(halves) != others:
        raise SharesError(f"share: one of {', '.join(HOLDERS)} with a half for each other one")
    return Share(shape.blob(key_id, "key id", _KEY_ID_BYTES), holder, halves)


def opened_pairs(shares: Sequence[Share]) -> int:
    """Return how many pairs of these shares make the key; raises SharesError for one that does not."""
    return len([join(one, other) for one, other in combinations(shares, 2)])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
