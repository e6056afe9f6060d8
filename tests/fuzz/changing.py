"""Bytes changed at random without any coverage: for the short replay in the suite."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

_TELLING: Final = (0, 1, 0x17, 0x18, 0x1B, 0x20, 0x40, 0x5F, 0x7F, 0x80, 0x9F, 0xBF, 0xC0, 0xFF)


def changed(
    seeds: Sequence[bytes], count: int, seed: int, words: Sequence[bytes] = ()
) -> Iterator[bytes]:
    """Yield every seed, then `count` changed ones; the same for the same `seed`."""
    yield from seeds
    random = Random(seed)  # noqa: S311 - no secret, a repeatable walk
    for _ in range(count):
        data = random.choice(seeds)
        for _ in range(random.randint(1, 4)):
            data = _once(random, data, seeds, words)
        yield data


def _once(random: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    end = min(len(data), at + random.choice((1, 1, 2, 4, 9, 33)))
    other = random.choice(seeds)
    turned = bytes((data[at] ^ 1 << random.randrange(8),)) if at < len(data) else b"\x00"
    return random.choice(
        (
            data[:at] + turned + data[at + 1 :],
            data[:at],
            data[:at] + data[end:],
            data[:end] + data[at:],
            data[:at] + other[random.randint(0, len(other)) :],
            data[:at] + random.choice(words or (b"\xff",)) + data[at:],
            data[:at] + bytes((random.choice(_TELLING),)) + data[end:],
        )
    )
