"""`madobus keys split`, `recover` and `drill`: two of three holders come together."""

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cityhall.config import read_settings
from cityhall.office.custody import open_custody
from cityhall.office.keyring import Keyring
from cityhall.office.system_clock import SystemClock
from provisioning.city import JAPAN
from provisioning.files import SECRET, write_whole
from provisioning.recovery_shares import hand_out, read_share, share_files
from provisioning.shares import HOLDERS, join
from sync.bundle import KeyBundle
from sync.errors import SyncError
from sync.ids import new_id
from sync.journal import GENESIS
from sync.keys import OpeningKey, Signer, write_key
from sync.seal import open_record, seal

RECOVERY = 2
"""The recipient role of the recovery key (sync.envelope.Recipient)."""
SHORTEST_PASSPHRASE = 12
TEST_TEXT = "回復鍵の訓練 / recovery drill".encode()


class DrillFailedError(Exception):
    """The two shares restore no recovery key of this city."""


def split(argv: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """Hand the recovery key out again: two holders bring their shares, three new ones are written."""
    parser = argparse.ArgumentParser(prog="madobus keys split", description=split.__doc__)
    _take_shares(parser)
    parser.add_argument("--to", type=Path, required=True, help="where recovery-a, -b, -c are made")
    given = parser.parse_args(argv)
    try:
        key, holders = _joined(given.shares, ask)
        words = tuple(_new_passphrase(holder, ask) for holder in HOLDERS)
        hand_out(given.to, key, words)
    except (SyncError, ValueError, OSError) as refusal:
        print(f"split: {refusal}", file=sys.stderr)
        return 1
    print(f"{holders} handed out {key.key_id.hex()} again; destroy the three old files:")
    for path in share_files(given.to):
        print(f"  {path}")
    return 0


def recover(argv: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """Restore the whole recovery key, for an office that lost a key; shred the file afterwards."""
    parser = argparse.ArgumentParser(prog="madobus keys recover", description=recover.__doc__)
    _take_shares(parser)
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    given = parser.parse_args(argv)
    settings = read_settings(given.config)
    place = settings.office.division_keys / "recovery.key"
    try:
        key, holders = _joined(given.shares, ask)
        _check_ours(key, Keyring(settings.office.bundle).bundle())
    except (SyncError, ValueError, OSError, DrillFailedError) as refusal:
        print(f"recover: {refusal}", file=sys.stderr)
        return 1
    with open_custody(settings, lambda: datetime.now(UTC)) as held:
        held.audit.write(
            actor=_operator(),
            action="recovery.opened",
            detail=f"holders {holders} {key.key_id.hex()}",
        )
        write_whole(place, write_key("opening", key.seed), SECRET)
    print(
        f"{place} opens every envelope of this city; restart the office, let it take everything in, "
        "then: madobus keys shred recovery"
    )
    return 0


def drill(argv: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """Open a sealed test envelope with two shares; the whole key is never on a disk."""
    parser = argparse.ArgumentParser(prog="madobus keys drill", description=drill.__doc__)
    _take_shares(parser)
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    given = parser.parse_args(argv)
    settings, clock = read_settings(given.config), SystemClock()
    try:
        key, holders = _joined(given.shares, ask)
        try_open(key, Keyring(settings.office.bundle).bundle(), clock)
    except (SyncError, ValueError, OSError, DrillFailedError) as refusal:
        print(f"drill: {refusal}", file=sys.stderr)
        return 1
    now = clock.now().wall
    with open_custody(settings, lambda: now) as held:
        held.audit.write(
            actor=_operator(),
            action="recovery.drilled",
            detail=f"holders {holders} {key.key_id.hex()}",
        )
    print(
        f"{now.astimezone(JAPAN):%Y-%m-%d %H:%M}: holders {holders} opened the test envelope "
        f"with recovery key {key.key_id.hex()}; by {_operator()}"
    )
    return 0


def try_open(key: OpeningKey, bundle: KeyBundle, clock: SystemClock) -> None:
    """Seal a test envelope for the recovery key of the bundle and open it; raises DrillFailedError or SealError."""
    _check_ours(key, bundle)
    stranger = Signer.from_seed(secrets.token_bytes(32))
    made = seal(
        env_id=new_id(secrets.token_bytes),
        sender="drill",
        kind="drill",
        visit=b"",
        signer=stranger,
        recipients=[(one, RECOVERY) for one in bundle.recovery],
        record=TEST_TEXT,
        parts=[],
        at=clock.now(),
        journal=GENESIS,
        beacon=b"",
        bundle_version=bundle.version,
        random=secrets.token_bytes,
    )
    if open_record(made.slip, key, stranger.public) != TEST_TEXT:
        raise DrillFailedError("the test envelope says something else; tell the developers")


def _check_ours(key: OpeningKey, bundle: KeyBundle) -> None:
    ours = [one.key_id.hex() for one in bundle.recovery]
    if key.key_id.hex() not in ours:
        raise DrillFailedError(
            f"the bundle's recovery key is {', '.join(ours)}, these shares make {key.key_id.hex()}; "
            "bring the newest shares"
        )


def _take_shares(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "shares", type=Path, nargs=2, metavar="SHARE", help="two holders' share.key files"
    )


def _joined(paths: list[Path], ask: Callable[[str], str]) -> tuple[OpeningKey, str]:
    """Return the key of two share files and the holders' letters; each holder types a passphrase."""
    one, other = (read_share(path, ask(f"passphrase of {path}: ").strip()) for path in paths)
    return join(one, other), f"{one.holder}+{other.holder}"


def _new_passphrase(holder: str, ask: Callable[[str], str]) -> str:
    first = ask(f"new passphrase of holder {holder}: ").strip()
    if len(first) < SHORTEST_PASSPHRASE:
        raise ValueError(f"a passphrase has {SHORTEST_PASSPHRASE} signs or more; choose another")
    if ask("once more: ").strip() != first:
        raise ValueError("the two passphrases differ; begin again")
    return first


def _operator() -> str:
    return f"operator {getpass.getuser()}"
