"""`madobus provision VERB`: the technician's and the founder's verbs."""

import argparse
import importlib
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from cityhall.intake.restored import NUMBERS_MARGIN
from hardware.catalogue import open_tpm
from hardware.errors import DeviceError
from procedures.errors import ProcedureError
from provisioning import probe, rootverbs, selftest, usb
from provisioning.bundle_letters import post_bundle
from provisioning.certificates import BOX_DAYS, SERVER_DAYS
from provisioning.city import (
    City,
    HallPorts,
    NameTakenError,
    found_city,
    renew_servers,
    write_hall_settings,
)
from provisioning.enrol import Bus, BusPorts, enrol_box, renew_box, write_bus_settings
from provisioning.form_letters import post_form
from provisioning.joining import carried_commands, join_command, offer_command
from provisioning.restored import leave_numbers_out
from provisioning.revoking import revoke_device
from provisioning.staff_pin import ask_staff

ROOT_WARNING_DAYS = 180


def main(argv: list[str]) -> int:
    """Run one verb and return its exit code."""
    verbs: dict[str, Callable[[list[str]], int]] = {
        "found": found,
        "enrol": enrol,
        "offer": offer_command.main,
        "join": join_command.main,
        "ask": carried_commands.ask_main,
        "admit": carried_commands.admit_main,
        "take": carried_commands.take_main,
        "renew": renew,
        "revoke": revoke,
        "publish": publish,
        "form": form,
        "visit": visit,
        "restored": restored,
        "root": rootverbs.main,
        "probe": probe.main,
        "selftest": selftest.main,
        "usb": usb.main,
    }
    if not argv or argv[0] not in verbs:
        print(f"madobus provision VERB; there are: {', '.join(verbs)}", file=sys.stderr)
        return 2
    return verbs[argv[0]](argv[1:])


def found(argv: list[str]) -> int:
    """Found a city: every key, the TLS authority, the settings of its three processes."""
    parser = argparse.ArgumentParser(prog="madobus provision found", description=found.__doc__)
    parser.add_argument("folder", type=Path, help="where the city's folder shall stand")
    parser.add_argument("--city", default="盛岡市", help="the city's name on screens and receipts")
    parser.add_argument("--division", default="介護保険課", help="the division's name")
    parser.add_argument("--host", action="append", required=True, help="a name buses reach it by")
    given = parser.parse_args(argv)
    city = found_city(given.folder, given.city, datetime.now(UTC), tuple(given.host))
    write_hall_settings(city, HallPorts(), given.city, given.division)
    print(
        f"city hall stands in {city.folder}; start it with: madobus cityhall --config {city.settings_path}"
    )
    print(f"move each of {city.folder}/root-a, root-b and root-c into a safe of its own now")
    print(
        f"give each of {city.folder}/recovery-a, recovery-b and recovery-c to a holder of its own now; "
        "each learns the passphrase and destroys its file (docs/keys.md)"
    )
    print(f"move {city.folder / 'root'} into a safe when every box is enrolled")
    return 0


def enrol(argv: list[str]) -> int:
    """Enrol a box whose folder lies beside the city's: its keys, TLS identity, settings, staff with their PINs."""
    parser = argparse.ArgumentParser(prog="madobus provision enrol", description=enrol.__doc__)
    parser.add_argument("folder", type=Path, help="where the box's folder shall stand")
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    parser.add_argument("--device", required=True, help="the box's name, e.g. bus-07")
    parser.add_argument("--staff", required=True, help="staff id and name, e.g. 'S-014 工藤 真'")
    parser.add_argument("--host", default="127.0.0.1", help="where the box finds city hall")
    parser.add_argument(
        "--tpm",
        default="",
        help="the box's chip, e.g. device:/dev/tpmrm0, when this runs on the box; without one the PIN alone guards it",
    )
    given = parser.parse_args(argv)
    city, now = City(given.city), datetime.now(UTC)
    try:
        tpm = open_tpm("tpm2", setting=given.tpm) if given.tpm else None
        staff = (ask_staff(given.staff),)
        bus = enrol_box(city, given.folder, given.device, staff, now, tpm=tpm)
    except (NameTakenError, DeviceError, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    ports = HallPorts()
    write_bus_settings(
        bus,
        given.device,
        BusPorts(ports.intake, ports.switchboard),
        {"scanner": "sane", "tpm": given.tpm},
        host=given.host,
    )
    print(f"{given.device} is enrolled in {bus.folder}; its settings: {bus.settings_path}")
    if not given.tpm:
        print(
            "this box has no chip (TPM): the PIN alone guards its keys; enrol it with --tpm when it has one"
        )
    return 0


def renew(argv: list[str]) -> int:
    """Make TLS certificates last again: city hall's servers, and the boxes named; no other key changes."""
    parser = argparse.ArgumentParser(prog="madobus provision renew", description=renew.__doc__)
    parser.add_argument(
        "boxes", type=Path, nargs="*", metavar="BOX", help="an enrolled box's folder"
    )
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    given = parser.parse_args(argv)
    city, now = City(given.city), datetime.now(UTC)
    renew_servers(city, now)
    for folder in given.boxes:
        renew_box(city, Bus(folder), now)
    print(
        f"renewed: city hall for {SERVER_DAYS} days (restart intake and switchboard), "
        f"{len(given.boxes)} boxes for {BOX_DAYS} days (restart the desk for a newer bundle)"
    )
    return 0


def revoke(argv: list[str]) -> int:
    """Revoke a lost or stolen box for ever: city hall takes nothing it made later, and every other box is told."""
    parser = argparse.ArgumentParser(prog="madobus provision revoke", description=revoke.__doc__)
    parser.add_argument("device", help="the box's name, e.g. bus-07")
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    parser.add_argument(
        "--journal",
        type=int,
        help="the last journal entry that is believed, from a printed receipt",
    )
    given = parser.parse_args(argv)
    city, now = City(given.city), datetime.now(UTC)
    try:
        news = revoke_device(city, given.device, now, given.journal)
    except ValueError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if news is None:
        print(f"{given.device} was revoked before")
    else:
        print(
            f"{given.device} is revoked; what its journal had up to entry {news.journal} still comes in, nothing "
            "later. If a receipt you trust names a later entry, say revoke again with --journal"
        )
    return _post(city, now)


def publish(argv: list[str]) -> int:
    """Post the key bundle in place to every box; a version that was posted before is not posted again."""
    parser = argparse.ArgumentParser(prog="madobus provision publish", description=publish.__doc__)
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    return _post(City(parser.parse_args(argv).city), datetime.now(UTC))


def form(argv: list[str]) -> int:
    """Sign a newer version of a form and post it to every box; each uses it from its next visit on."""
    parser = argparse.ArgumentParser(prog="madobus provision form", description=form.__doc__)
    parser.add_argument("file", type=Path, help="the form's TOML file")
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, help="first day, e.g. 2026-12-08; today"
    )
    given = parser.parse_args(argv)
    now = datetime.now(UTC)
    try:
        text = given.file.read_text(encoding="utf-8")
        posted = post_form(City(given.city), text, given.file.name, given.first or now.date(), now)
    except (OSError, ValueError, ProcedureError) as refusal:
        print(f"form: {refusal}", file=sys.stderr)
        return 1
    boxes = len(posted.devices)
    print(f"{posted.procedure} {posted.version} goes to {boxes} boxes at their next contact")
    return _said_full("form", posted.full)


def visit(argv: list[str]) -> int:
    """Make a stop's visit pack from its plan and the register's export, and lay it into its box's tray."""
    # Imported when asked for: it opens the office, and no other verb here does.
    run: Callable[[list[str]], int] = importlib.import_module("provisioning.visit_pack").main
    return run(argv)


def restored(argv: list[str]) -> int:
    """After a backup of city hall was put back and before its intake starts: no number on paper is given again."""
    parser = argparse.ArgumentParser(
        prog="madobus provision restored", description=restored.__doc__
    )
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    news = leave_numbers_out(City(parser.parse_args(argv).city), datetime.now(UTC))
    print(
        f"the next filing number lies {NUMBERS_MARGIN} higher; lost envelopes get theirs back"
        if news
        else "the numbers were raised already and none was given out since"
    )
    return 0


def _post(city: City, now: datetime) -> int:
    posted = post_bundle(city, now)
    left = (city.root().expires - now).days
    if left < ROOT_WARNING_DAYS:
        print(f"the root ends in {left} days: two holders sign the next (provision root draft)")
    print(f"bundle {posted.version} goes to {len(posted.devices)} boxes at their next contact")
    return _said_full("publish", posted.full)


def _said_full(verb: str, full: tuple[str, ...]) -> int:
    if full:
        print(
            f"{verb}: too many letters wait for {', '.join(full)}; "
            f"bring these boxes into contact, then {verb} again",
            file=sys.stderr,
        )
    return 1 if full else 0
