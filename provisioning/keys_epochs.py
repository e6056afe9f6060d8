"""`madobus keys epoch` and `shred`: a month's opening key comes, and goes when nobody needs it."""

import argparse
import getpass
import logging
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cityhall.config import read_settings
from cityhall.office.audit import AuditPen
from cityhall.office.custody import open_custody
from cityhall.office.epochs import EpochKey, key_files
from cityhall.office.keyring import Keyring
from cityhall.office.shredding import ShredRefusedError, check_shred
from provisioning.bundle_letters import post_bundle
from provisioning.city import JAPAN, City, new_epoch_key
from provisioning.epochs import publish_epoch
from provisioning.shredfile import shred_file
from sync.division import Epoch

log = logging.getLogger(__name__)

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
DECEMBER = 12
AHEAD = timedelta(days=62)
"""A key further ahead would count as the newest, and the month's own could be shredded while boxes seal for it."""


def make_epoch(city: City, month: datetime, now: datetime) -> Epoch:
    """Make the key of a month (durable first), publish it and post it to the boxes; harmless twice."""
    key = new_epoch_key(city, month)
    made = publish_epoch(city, key.public, now, since=max(month, now).replace(microsecond=0))
    post_bundle(city, now)
    return made


def next_month(now: datetime) -> datetime:
    """Return the first moment of the next month in Japan."""
    here = now.astimezone(JAPAN)
    year, month = (here.year + 1, 1) if here.month == DECEMBER else (here.year, here.month + 1)
    return datetime(year, month, 1, tzinfo=JAPAN)


def month_start(text: str) -> datetime:
    """Return the first moment of a month written 2026-12; raises ValueError."""
    found = MONTH.fullmatch(text)
    if found is None:
        raise ValueError(f"month: written like 2026-12, not {text!r}")
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=JAPAN)


def epoch(argv: list[str]) -> int:
    """Make the next month's opening key, publish it, and send it to every box."""
    parser = argparse.ArgumentParser(prog="madobus keys epoch", description=epoch.__doc__)
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    parser.add_argument("--month", type=month_start, help="e.g. 2026-12; empty is the next one")
    given = parser.parse_args(argv)
    now = datetime.now(UTC)
    month = given.month or next_month(now)
    if not now - timedelta(days=31) < month < now + AHEAD:
        print(
            f"epoch: a key is made for this month or one of the next two, not for {month:%Y-%m}; "
            f"leave --month out for {next_month(now):%Y-%m}",
            file=sys.stderr,
        )
        return 1
    made = make_epoch(City(given.city), month, now)
    print(
        f"{month:%Y-%m}: boxes seal for key {made.key.key_id.hex()} from {made.since.isoformat()} "
        f"until {made.until.isoformat()}; its private half must be at the office by then"
    )
    return 0


def shred_month(place: Path, month: EpochKey, audit: AuditPen, actor: str, taken: int) -> None:
    """Destroy a month's key file: the audit line first, then the bytes, then a log note."""
    audit.write(
        actor=actor,
        action="epoch.shredded",
        detail=f"{month.name} {month.key.key_id.hex()} envelopes {taken}",
    )
    for path in key_files(place):
        if path.stem == month.name:
            shred_file(path)
    log.info("epoch.shredded month=%s key=%s", month.name, month.key.key_id.hex())


def shred(argv: list[str]) -> int:
    """Destroy a month's opening key; says why not while an envelope still needs it."""
    parser = argparse.ArgumentParser(prog="madobus keys shred", description=shred.__doc__)
    parser.add_argument("month", help="the key's name, e.g. 2026-11")
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    parser.add_argument(
        "--early", action="store_true", help="do not wait for boxes that had no news for long"
    )
    parser.add_argument(
        "--unopened", action="store_true", help="do not wait for envelopes that never open"
    )
    given = parser.parse_args(argv)
    settings, now = read_settings(given.config), datetime.now(UTC)
    with open_custody(settings, lambda: now) as held:
        month = next((one for one in held.epochs.months() if one.name == given.month), None)
        if month is None:
            names = ", ".join(one.name for one in held.epochs.months()) or "none"
            print(
                f"shred: there is no key {given.month!r} here; there are: {names}", file=sys.stderr
            )
            return 1
        bundle = Keyring(settings.office.bundle).bundle()
        try:
            taken = check_shred(
                month,
                bundle,
                held.mail,
                held.case_keys,
                now,
                early=given.early,
                unopened=given.unopened,
            )
        except ShredRefusedError as refusal:
            print(refusal, file=sys.stderr)
            return 1
        shred_month(settings.office.division_keys, month, held.audit, _operator(), taken)
    print(
        f"{given.month} is shredded; its {taken} envelopes open by their own keys in keys.db, "
        "and by the recovery key"
    )
    return 0


def _operator() -> str:
    return f"operator {getpass.getuser()}"
