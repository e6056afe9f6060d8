"""The three share files of the recovery key: made at the founding, changed at a ceremony, never the whole key."""

import secrets
from pathlib import Path

from provisioning.files import SECRET, write_whole
from provisioning.shares import HOLDERS, Share, lock_share, opened_pairs, split, unlock_share
from sync.keys import OpeningKey, read_key, write_key

SHARE = "share.key"
WORDS = "passphrase.txt"
# Six groups of four letters and digits: 20 bytes of chance, easily read aloud.
GROUPS, GROUP_SIGNS = 6, 4
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def share_files(folder: Path) -> tuple[Path, ...]:
    """Return where the three shares of a city lie until their holders take them away."""
    return tuple(folder / f"recovery-{holder}" / SHARE for holder in HOLDERS)


def hand_out(folder: Path, key: OpeningKey, passphrases: tuple[str, ...] | None = None) -> None:
    """Write the three locked shares; every pair is tried before anything is written.

    Without passphrases they are made up and lie beside each share, for its holder to learn and destroy.
    """
    shares = split(key, secrets.token_bytes)
    opened_pairs(shares)
    words = passphrases or tuple(made_up() for _ in shares)
    for share, path, word in zip(shares, share_files(folder), words, strict=True):
        locked = lock_share(share, word, secrets.token_bytes)
        write_whole(path, write_key("locked", locked), SECRET)
        if passphrases is None:
            write_whole(path.with_name(WORDS), word + "\n", SECRET)


def read_share(path: Path, passphrase: str) -> Share:
    """Return the share of a file; raises SealError for a wrong passphrase, ValueError for another file."""
    return unlock_share(read_key(path.read_text(encoding="utf-8"), "locked"), passphrase)


def made_up() -> str:
    """Return a passphrase of six groups, about 118 bits."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(GROUP_SIGNS)) for _ in range(GROUPS))
    return "-".join(groups)
