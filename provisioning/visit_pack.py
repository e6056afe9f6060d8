"""`madobus provision visit`: a stop's plan and the register's export become a visit pack on its way to the bus.

The plan is TOML: procedure, device, run, stop, vehicle, provider_no, provider_name, starts_at, ends_at (with a time
zone), designated_counter, officer_id. The export is a CSV as the provider's own: its headings are the form's labels
or what software calls them, and 整理番号 (reference) and 照合番号 (token) where the printed codes carry them.
"""

import argparse
import getpass
import secrets
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from appliance.desk.partners import Refused
from appliance.desk.providerlist.cell import canonical
from appliance.desk.providerlist.columns import propose
from appliance.desk.providerlist.people import People, people_of
from appliance.desk.providerlist.table import Table, read_table
from cityhall.config import read_settings
from cityhall.mail.downwards import TrayFullError
from cityhall.office.accounts import SignInRefusedError
from cityhall.office.casework import Who
from cityhall.office.correspondence import post_visit_pack
from cityhall.office.custody import Custody, open_custody
from cityhall.office.filing import JST
from cityhall.office.inbox import Inbox
from cityhall.office.keyring import Keyring
from cityhall.office.last_cases import LastCases
from cityhall.office.packs import MadePack, with_last_cases, with_pending
from cityhall.office.roles import PROPOSES_ERASURE
from cityhall.office.system_clock import SystemClock
from cityhall.office.vault import Vault
from procedures.definition import load
from procedures.errors import ProcedureError
from procedures.procedure import Procedure
from sync.errors import SyncError
from sync.ids import new_id
from sync.letters import DUE_MAX, DueEntry, VisitPack

ORIGIN = "terminal"
MAKES_PACKS = PROPOSES_ERASURE
"""Whoever works on cases may open the last ones for the next visit."""

REFERENCE, TOKEN = "整理番号", "照合番号"
PROBLEMS_SAID = 50
WRONG = (
    OSError,
    ValueError,
    KeyError,
    SyncError,
    ProcedureError,
    SignInRefusedError,
    TrayFullError,
)
"""What a person at the terminal can do something about; each says what."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One stop as planned: the procedure asked for there, the box, and the pack without its people."""

    procedure: Procedure
    device: str
    pack: VisitPack


def main(argv: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """Make the pack of one stop with each person's last case, seal it for its box, lay it into the tray."""
    parser = argparse.ArgumentParser(prog="madobus provision visit", description=main.__doc__)
    parser.add_argument(
        "plan", type=Path, help="the stop (TOML); see the head of provisioning/visit_pack.py"
    )
    parser.add_argument("--due", type=Path, required=True, help="the register's export (CSV)")
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    parser.add_argument("--name", required=True, help="the account that signs in")
    given = parser.parse_args(argv)
    try:
        plan = read_plan(given.plan.read_text(encoding="utf-8"), given.plan.name)
        due, found = due_of(given.due.read_bytes(), plan.procedure)
        settings = read_settings(given.config)
        with open_custody(settings, lambda: datetime.now(UTC)) as held:
            who = _sign_in(held, given.name, ask)
            made = _posted(held, plan, due, who, settings.office.bundle)
    except WRONG as refusal:
        print(f"visit: {refusal}", file=sys.stderr)
        return 1
    except Refused as refused:
        facts = "".join(f" {key}={value}" for key, value in refused.values.items())
        print(
            f"visit: {given.due.name}: must be a list of people as CSV; {refused.key}{facts}; export it again",
            file=sys.stderr,
        )
        return 1
    _say(made, found)
    return 0


def _sign_in(held: Custody, name: str, ask: Callable[[str], str]) -> Who:
    password, code = ask(f"password of {name}: "), ask("one-time code: ")
    person = held.accounts.check(name, password, code)
    if person.role not in MAKES_PACKS:
        raise SignInRefusedError("a caseworker or a chief makes packs; sign in as one")
    return Who(person.name, ORIGIN)


def read_plan(text: str, place: str) -> Plan:
    """Return the stop written in a TOML text; raises ValueError naming place, rule, fact and remedy."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{place}: must be TOML; {error}; correct that line") from error
    words = ("device", "run", "stop", "vehicle", "provider_no", "provider_name", "officer_id")
    known = {*words, "procedure", "starts_at", "ends_at", "designated_counter"}
    for key in sorted(known ^ set(told)):
        fact = "it is missing" if key in known else "it is not known"
        raise ValueError(
            f"{place}.{key}: a plan has the keys {', '.join(sorted(known))}; {fact}; mend it"
        )
    for key in (*words, "procedure"):
        _need(told, key, str, place)
    _need(told, "designated_counter", bool, place)
    starts, ends = (_moment(told, key, place) for key in ("starts_at", "ends_at"))
    pack = VisitPack(
        pack_id=new_id(secrets.token_bytes),
        run=told["run"],
        stop=told["stop"],
        vehicle=told["vehicle"],
        provider_no=told["provider_no"],
        provider_name=told["provider_name"],
        starts_at=starts,
        ends_at=ends,
        designated_counter=told["designated_counter"],
        officer_id=told["officer_id"],
        due=(),
    )
    return Plan(load(told["procedure"]), told["device"], pack)


def due_of(data: bytes, procedure: Procedure) -> tuple[tuple[DueEntry, ...], People]:
    """Return who is due by the register's export, and what of it cannot be used; raises Refused or ValueError."""
    table = read_table(data)
    columns = propose(table, procedure)
    if "insured_no" not in columns.values():
        raise ValueError(
            "due list: a column must be the insured number (被保険者番号); none is headed so; name it"
        )
    found = people_of(table, columns, procedure)
    if len(found.told) > DUE_MAX:
        raise ValueError(
            f"due list: at most {DUE_MAX} people; it has {len(found.told)}; plan two stops"
        )
    number = next(column for column, key in columns.items() if key == "insured_no")
    codes = _codes(table, number)
    due = tuple(
        DueEntry(codes.get(one, ("", ""))[0], one, tuple(pairs), codes.get(one, ("", ""))[1])
        for one, pairs in found.told.items()
    )
    return due, found


def _posted(
    held: Custody, plan: Plan, due: tuple[DueEntry, ...], who: Who, bundle: Path
) -> MadePack:
    keyring, today = Keyring(bundle), plan.pack.starts_at.astimezone(JST).date()
    vault = Vault(held.epochs, keyring, held.case_keys, held.audit)
    last = LastCases(held.database, held.mail, vault, lambda _name: plan.procedure.carried)
    inbox = Inbox(held.database)
    full = with_pending(replace(plan.pack, due=due), lambda numbers: inbox.pending(numbers, today))
    made = with_last_cases(full, lambda number: last.of(plan.procedure.id, number, who))
    post_visit_pack(
        held.mail,
        made.pack,
        keyring.bundle(),
        held.signer,
        plan.device,
        SystemClock(),
        secrets.token_bytes,
    )
    return made


def _codes(table: Table, number: int) -> dict[str, tuple[str, str]]:
    """Return reference and token of the printed code by insured number, where the export has them."""
    places = [
        table.headings.index(one) if one in table.headings else None for one in (REFERENCE, TOKEN)
    ]
    codes = {}
    for row in table.rows:
        cells = [*row.cells, *[""] * table.width]
        told = [cells[place] if place is not None else "" for place in places]
        codes[canonical("insured_no", cells[number])] = (told[0], told[1])
    return codes


def _need(told: Mapping[str, object], key: str, kind: type, place: str) -> None:
    if not isinstance(told[key], kind) or told[key] == "":
        raise ValueError(
            f"{place}.{key}: must be a {kind.__name__}; found {str(told[key])[:60]!r}; correct it"
        )


def _moment(told: Mapping[str, object], key: str, place: str) -> datetime:
    value = told[key]
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(
            f"{place}.{key}: must be a moment with its time zone; found {str(value)[:60]!r}; "
            "write 2026-11-25T10:00:00+09:00"
        )
    return value.astimezone(UTC)


def _say(made: MadePack, found: People) -> None:
    people, pending = len(made.pack.due), len(made.pack.pending)
    print(
        f"{made.pack.run} {made.pack.stop}: {people} people due, {made.carried} with their last case, "
        f"{pending} with a case under way; on its way at the box's next contact"
    )
    if made.left_out:
        print(f"{made.left_out} last cases were left out: the letter is full; plan two stops")
    for one in found.problems[:PROBLEMS_SAID]:
        # Line and field, never what stands there: a terminal is remembered.
        field = "" if one.label is None else f", {one.label.ja}"
        rule = one.rule.en.replace(one.fact, "…") if one.fact else one.rule.en
        print(f"line {one.line}{field}: {rule} {one.remedy.en}", file=sys.stderr)
    if len(found.problems) > PROBLEMS_SAID:
        print(f"{len(found.problems) - PROBLEMS_SAID} more lines cannot be used", file=sys.stderr)
