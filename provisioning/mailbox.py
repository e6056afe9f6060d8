"""`madobus mail status|retry|export|import`: the bus's shelf, and the stick that carries it when no link does."""

import argparse
import asyncio
import json
import os
import sys
import tomllib
from collections import Counter
from contextlib import closing
from pathlib import Path

from appliance.config import read_settings
from appliance.mail.boots import boot_count
from appliance.mail.store import MailStore
from appliance.uplink.clock import UplinkClock
from cityhall.config import read_settings as read_hall
from cityhall.intake.clock import SystemTime
from hardware.clock.system import SystemClock, boot_id
from provisioning import carry_words
from provisioning.carry_answer import import_answers
from provisioning.carry_bus import export
from provisioning.carry_folder import Stick
from provisioning.carry_hall import import_sets

HELP = {
    "status": "what waits on the bus's shelf",
    "retry": "offer again what city hall refused",
    "export": "at the bus: put what waits onto the stick mounted at FOLDER",
    "import": "at city hall: file what the stick brings and put the answers on it; at the bus: take the answers in",
}


def main(argv: list[str]) -> int:
    """Run one verb; prints words or one JSON object. Exit 0: done; 1: something needs a person; 2: not possible."""
    given = _parser().parse_args(argv)
    try:
        if given.verb in ("export", "import"):
            return _carry(given)
        with closing(MailStore(read_settings(given.config).mail)) as shelf:
            if given.verb == "retry":
                retry(shelf)
            _print(status(shelf), as_json=given.json)
    except (OSError, ValueError) as error:
        print(f"madobus mail: {error}", file=sys.stderr)
        return 2
    return 0


def retry(shelf: MailStore) -> int:
    """Offer every refused envelope again in the uplink's next session; returns how many."""
    refused = [row.env_id for row in shelf.outbox() if row.state == "refused"]
    for env_id in refused:
        shelf.retry(env_id)
    return len(refused)


def status(shelf: MailStore) -> dict[str, object]:
    """Return counts by state, bytes left to carry, room left and the link's state in words."""
    rows = shelf.outbox()
    link = shelf.link()
    return {
        "applications": dict(Counter(row.state for row in rows)),
        "bytes_to_carry": sum(
            row.bytes_total - row.bytes_done for row in rows if row.state != "complete"
        ),
        "refused": [
            f"{row.env_id.hex()} {row.refusal.code} {row.refusal.sentence}"
            for row in rows
            if row.refusal is not None
        ],
        "letters": len(shelf.letters()),
        "room_for_applications": shelf.room_left(),
        "link": link.state if link else "unknown",
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="madobus mail", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, words in HELP.items():
        verb = verbs.add_parser(name, help=words, description=words)
        if name in ("export", "import"):
            verb.add_argument("folder", type=Path, help="where the stick is mounted")
        if name == "export":
            verb.add_argument("--limit", type=int, help="bytes to write at most")
        verb.add_argument(
            "--config",
            type=Path,
            default=Path("/etc/madobus/bus.toml"),
            help="bus.toml, or at city hall hall.toml",
        )
        verb.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def _carry(given: argparse.Namespace) -> int:
    # The shelf's folder is closed to others; inside it the shelf's group writes, and a stick is read elsewhere.
    before = os.umask(0o002)
    try:
        told = _at_hall(given) if _is_hall(given.config) else _at_bus(given)
    finally:
        os.umask(before)
    if given.json:
        print(json.dumps(told.facts, ensure_ascii=False))
    else:
        print("\n".join(told.sentences))
    return 0 if told.well else 1


def _at_bus(given: argparse.Namespace) -> carry_words.Told:
    settings = read_settings(given.config)
    _as_owner_of(settings.uplink.folder)
    boot = boot_count(settings.mail, boot_id())
    stick, clock = Stick(given.folder), UplinkClock(SystemClock(boot))
    if given.verb == "export":
        return carry_words.exported(export(settings, stick, clock, given.limit))
    return carry_words.answered(asyncio.run(import_answers(settings, stick, clock)))


def _at_hall(given: argparse.Namespace) -> carry_words.Told:
    if given.verb == "export":
        raise ValueError(
            "mail export: city hall answers what a bus brings; put the bus's stick in and use: mail import"
        )
    settings, stick = read_hall(given.config), Stick(given.folder)
    _as_owner_of(settings.intake.folder)
    return carry_words.taken(asyncio.run(import_sets(settings, stick, SystemTime(), os.urandom)))


def _as_owner_of(folder: Path) -> None:
    """Raise ValueError for another user than the one whose rights the carry has: its files would lock that one out."""
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    if owner != os.geteuid():
        raise ValueError(
            f"mail: {folder} belongs to user {owner}; run this as that user (runuser -u), not as {os.geteuid()}"
        )


def _is_hall(config: Path) -> bool:
    return "intake" in tomllib.loads(config.read_text(encoding="utf-8"))


def _print(found: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
