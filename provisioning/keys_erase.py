"""`madobus keys erase`, `certificate` and `retention`: signed-in persons at a terminal of city hall."""

import argparse
import getpass
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import select

from cityhall.config import read_settings
from cityhall.office.accounts import SignInRefusedError
from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.certificate_page import certificate_file
from cityhall.office.custody import Custody, open_custody
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import Reason, Stage, check_certificate
from cityhall.office.erasure_rows import ErasureRefusedError
from cityhall.office.keyring import Keyring
from cityhall.office.labels import Labels
from cityhall.office.models import CaseRow, ErasureRow
from cityhall.office.retention import SAMPLE, find_due, read_policy
from cityhall.office.roles import PROPOSES_ERASURE
from provisioning.files import write_whole
from sync.errors import SealError

ORIGIN = "terminal"


def erase(argv: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """Propose, confirm or withdraw the erasure of one application, after signing in."""
    parser = argparse.ArgumentParser(prog="madobus keys erase", description=erase.__doc__)
    parser.add_argument("filing_no", nargs="?", help="the application's filing number (受付番号)")
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    parser.add_argument("--name", help="the account that signs in")
    deed = parser.add_mutually_exclusive_group(required=True)
    deed.add_argument("--propose", type=Reason, metavar="{retention,law,mistake}", help="why")
    deed.add_argument("--confirm", action="store_true", help="a chief, not who proposed it")
    deed.add_argument("--withdraw", action="store_true", help="take a proposal back")
    deed.add_argument("--list", action="store_true", help="proposals and erasures, newest first")
    given = parser.parse_args(argv)
    with open_custody(read_settings(given.config), lambda: datetime.now(UTC)) as held:
        if given.list:
            return _list(held)
        try:
            case_id, by = _case_of(held, given.filing_no or ""), _sign_in(held, given.name, ask)
            if given.propose:
                held.eraser.propose(case_id, given.propose, by)
                print(f"{given.filing_no}: proposed; a chief who is not {by.person.name} confirms")
            elif given.withdraw:
                held.eraser.withdraw(case_id, by)
                print(f"{given.filing_no}: the proposal is taken back")
            else:
                held.eraser.confirm(case_id, by)
                print(f"{given.filing_no}: erased; madobus keys certificate writes its certificate")
        except (CaseNotFoundError, ErasureRefusedError, SignInRefusedError) as refusal:
            print(refusal, file=sys.stderr)
            return 1
    return 0


def certificate(argv: list[str]) -> int:
    """Check an erasure's certificate against the city's key bundle and write it as a page to print."""
    parser = argparse.ArgumentParser(
        prog="madobus keys certificate", description=certificate.__doc__
    )
    parser.add_argument("filing_no", help="the erased application's filing number")
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    parser.add_argument("--out", type=Path, required=True, help="the HTML file to write")
    given = parser.parse_args(argv)
    settings = read_settings(given.config)
    with open_custody(settings, lambda: datetime.now(UTC)) as held:
        row = _erasure_of(held, given.filing_no)
        if row is None or row.stage != Stage.ERASED.value:
            print(f"certificate: {given.filing_no} was not erased here", file=sys.stderr)
            return 1
        try:
            found = check_certificate(
                row.certificate, Keyring(settings.office.bundle).bundle().office
            )
        except SealError as refusal:
            print(refusal, file=sys.stderr)
            return 1
        title = Labels().title(found.procedure, "ja")
        write_whole(given.out, certificate_file(found, row.certificate, settings.city, title))
    print(
        f"{given.out}: erased {found.erased_at.isoformat()} by {found.proposer}, {found.confirmer}"
    )
    return 0


def retention(argv: list[str], ask: Callable[[str], str] = getpass.getpass) -> int:
    """List what the policy lets go, or propose it all for erasure; nothing is erased here."""
    parser = argparse.ArgumentParser(prog="madobus keys retention", description=retention.__doc__)
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    parser.add_argument("--policy", type=Path, default=SAMPLE, help="the city's policy (TOML)")
    parser.add_argument("--today", type=date.fromisoformat, help="look at another day, list only")
    parser.add_argument("--name", help="the account that signs in to propose")
    deed = parser.add_mutually_exclusive_group(required=True)
    deed.add_argument("--list", action="store_true", help="name what is due")
    deed.add_argument("--apply", action="store_true", help="propose what is due")
    given = parser.parse_args(argv)
    policy, now = read_policy(given.policy), datetime.now(UTC)
    with open_custody(read_settings(given.config), lambda: now) as held:
        asked = datetime.combine(given.today, now.timetz()) if given.today and given.list else now
        found = find_due(held.database, policy, asked)
        print(f"{policy.name} / {policy.name_en}, {policy.version}: {len(found)} due")
        for one in found:
            print(f"{one.filing_no}  {one.procedure}  decided {one.decided}  free from {one.since}")
        if not given.apply:
            return 0
        try:
            by = _sign_in(held, given.name, ask)
            return _propose(held, [one.case_id for one in found], by, policy.version)
        except (ErasureRefusedError, SignInRefusedError) as refusal:
            print(refusal, file=sys.stderr)
            return 1


def _propose(held: Custody, cases: list[str], by: Erasing, version: str) -> int:
    if by.person.role not in PROPOSES_ERASURE:
        raise ErasureRefusedError("retention: a caseworker or a chief proposes; sign in as one")
    held.audit.write(
        actor=by.person.name,
        action="retention.proposed",
        detail=f"policy {version} cases {len(cases)}",
        origin=by.origin,
    )
    left = 0
    for case_id in cases:
        try:
            held.eraser.propose(case_id, Reason.RETENTION, by)
        except ErasureRefusedError as refusal:
            left += 1
            print(refusal, file=sys.stderr)
    print(f"{len(cases) - left} proposed; a chief who is not {by.person.name} confirms each")
    return 1 if left else 0


def _sign_in(held: Custody, name: str | None, ask: Callable[[str], str]) -> Erasing:
    if not name:
        raise SignInRefusedError("sign in: add --name with the name of your account")
    password, code = ask(f"password of {name}: "), ask("one-time code: ")
    return Erasing(held.accounts.check(name, password, code), ORIGIN)


def _case_of(held: Custody, filing_no: str) -> str:
    with held.database.reading() as session:
        query = select(CaseRow.case_id).where(CaseRow.filing_no == filing_no)
        found = session.exec(query).first()
    row = _erasure_of(held, filing_no) if found is None else None
    if found is None and row is None:
        raise CaseNotFoundError(f"erase: no application has the number {filing_no!r}; check it")
    return found or (row.case_id if row else "")


def _erasure_of(held: Custody, filing_no: str) -> ErasureRow | None:
    with held.database.reading() as session:
        return session.exec(select(ErasureRow).where(ErasureRow.filing_no == filing_no)).first()


def _list(held: Custody) -> int:
    for one in held.eraser.listed():
        print(f"{one.filing_no}  {one.stage}  {one.reason}  {one.proposer}  {one.confirmer or '-'}")
    return 0
