import secrets
from itertools import combinations
from pathlib import Path

import pytest

from provisioning.recovery_shares import WORDS, hand_out, read_share, share_files
from provisioning.shares import HOLDERS, Share, SharesError, join, lock_share, split, unlock_share
from sync.errors import SealError
from sync.keys import OpeningKey
from tests.support.makers import counting_random, make_opening_key

KEY = make_opening_key(12)
SHARES = split(KEY, counting_random())


@pytest.mark.parametrize(("one", "other"), list(combinations(range(3), 2)))
def test_ok__any_two_holders_restore_the_key(one: int, other: int) -> None:
    """All three pairs, whoever comes first."""
    assert join(SHARES[one], SHARES[other]).seed == KEY.seed
    assert join(SHARES[other], SHARES[one]).seed == KEY.seed


@pytest.mark.parametrize("holder", range(3))
def test_one_share_is_the_same_for_every_seed(holder: int) -> None:
    """For any other seed there are pads, equally likely, that give this holder the very same share."""
    other = OpeningKey.from_seed(secrets.token_bytes(32))
    change = _xor(KEY.seed, other.seed)
    drawn = [secrets.token_bytes(32) for _ in range(3)]
    pads = iter(drawn)
    mine = split(KEY, lambda _size: next(pads))[holder]
    moved = iter(
        pad if holder == place else _xor(pad, change)
        for (place, _), pad in zip(combinations(range(3), 2), drawn, strict=True)
    )
    # Where this holder keeps the pad the pad stays; where it keeps seed XOR pad the pad moves with the seed.
    assert split(other, lambda _size: next(moved))[holder].halves == mine.halves


def test_no_half_is_the_seed_and_no_two_are_alike() -> None:
    """Six halves, three pads, each drawn once."""
    halves = [half for share in SHARES for half in share.halves.values()]
    assert len(set(halves)) == 6
    assert KEY.seed not in halves
    assert KEY.seed.hex() not in repr(SHARES)


def test_fail__the_same_holder_twice_or_another_key() -> None:
    """Two files of one holder are one share."""
    with pytest.raises(SharesError, match="two different"):
        join(SHARES[0], SHARES[0])
    with pytest.raises(SharesError, match="two different"):
        join(SHARES[0], split(make_opening_key(99), counting_random())[1])


def test_fail__shares_of_two_splits() -> None:
    """An old file beside a new one makes no key, and says so."""
    with pytest.raises(SharesError, match="different splits"):
        join(SHARES[0], split(KEY, counting_random(500))[1])


def test_a_locked_share_opens_by_its_passphrase_only() -> None:
    """Written, locked, read: the same share; another passphrase reads nothing."""
    locked = lock_share(SHARES[1], "four words of its own", secrets.token_bytes)
    assert unlock_share(locked, "four words of its own") == SHARES[1]
    with pytest.raises(SealError):
        unlock_share(locked, "four words of mine")


def test_fail__a_share_of_a_fourth_holder() -> None:
    """The file names one of three."""
    odd = Share(KEY.key_id, "d", SHARES[0].halves)
    with pytest.raises(ValueError, match="one of a, b, c"):
        unlock_share(lock_share(odd, "word", secrets.token_bytes), "word")


def test_three_folders_and_no_whole_key(tmp_path: Path) -> None:
    """Each holder's folder has a share and a passphrase; nowhere below lies the seed."""
    hand_out(tmp_path, KEY)
    files = share_files(tmp_path)
    words = [path.with_name(WORDS).read_text().strip() for path in files]
    assert [read_share(path, word).holder for path, word in zip(files, words, strict=True)] == [
        *HOLDERS
    ]
    assert len(set(words)) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.seed not in everything


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
