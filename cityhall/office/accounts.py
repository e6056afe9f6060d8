"""Who may sign in: password (Argon2id) and one-time code (TOTP), locked after a named number of failures.

`python -m cityhall.office.accounts --config hall.toml add NAME --role caseworker` prints both secrets once.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import col, select

from cityhall.config import read_settings
from cityhall.office.audit import Audit
from cityhall.office.database import open_office
from cityhall.office.models import AccountRow
from cityhall.office.roles import Role
from cityhall.office.system_clock import SystemClock
from keeping.database import Database

FAILURES_UNTIL_LOCK = 5
LOCK = timedelta(minutes=15)
# Codes of the step before and after count too: a phone's clock may be half a minute off.
STEPS_AROUND = 1
STEP_SECONDS = 30
PASSWORD_BYTES = 15
LONGEST_NAME = 40
LONGEST_PASSWORD = 200


class SignInRefusedError(Exception):
    """Name, password or code is not right. The same words whatever was wrong."""


class LockedOutError(SignInRefusedError):
    """Too many failures: this account rests for a while."""


class AccountError(Exception):
    """An account cannot be made or changed like this."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who has signed in."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is printed once for a new account and kept nowhere."""

    name: str
    role: Role
    password: str
    totp_secret: str


class Accounts:
    """The accounts in office.db. `now` gives aware UTC; `hasher` sets the price of a guess."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        hasher: PasswordHasher,
        random: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._now = now
        self._hasher = hasher
        self._random = random

    @cached_property
    def _nobody(self) -> str:
        """Return what is checked when there is no such account, so that no name is guessed from an answer's time."""
        return self._hasher.hash(self._random(PASSWORD_BYTES).hex())

    def add(self, name: str, role: Role) -> Credentials:
        """Make an account and return its secrets; raises AccountError when the name is taken or too long."""
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise AccountError(
                f"accounts: a name has 1 to {LONGEST_NAME} printable signs; choose another"
            )
        password = self._random(PASSWORD_BYTES).hex()
        secret = pyotp.random_base32()
        with self._database.writing() as session:
            if session.get(AccountRow, name) is not None:
                raise AccountError(f"accounts: '{name}' exists already; remove it first")
            session.add(
                AccountRow(
                    name=name,
                    role=role.value,
                    password_hash=self._hasher.hash(password),
                    totp_secret=secret,
                    created_at=self._now(),
                )
            )
        return Credentials(name, role, password, secret)

    def remove(self, name: str) -> None:
        """Take an account away; raises AccountError when there is none."""
        with self._database.writing() as session:
            row = session.get(AccountRow, name)
            if row is None:
                raise AccountError(f"accounts: there is no '{name}'; list shows the names")
            session.delete(row)

    def names(self) -> list[Person]:
        """Return everyone who may sign in."""
        with self._database.reading() as session:
            rows = session.exec(select(AccountRow).order_by(col(AccountRow.name)))
            return [Person(row.name, Role(row.role)) for row in rows]

    def check(self, name: str, password: str, code: str) -> Person:
        """Return who this is; raises SignInRefusedError, or LockedOutError after too many failures."""
        now, nobody = self._now(), self._nobody
        with self._database.reading() as session:
            row = session.get(AccountRow, name)
        if row is not None and row.locked_until is not None and now < row.locked_until:
            raise LockedOutError("accounts: locked after too many failures; wait and try again")
        fits = self._password_fits(row.password_hash if row else nobody, password)
        step = _step_of(row.totp_secret, code, now) if row else None
        if row is None:
            raise SignInRefusedError("accounts: name, password and code must fit; try again")
        return self._settle(name, now, step if fits else None)

    def _settle(self, name: str, now: datetime, step: int | None) -> Person:
        """Count a failure or spend the code's step, in one transaction."""
        with self._database.writing() as session:
            row = session.get(AccountRow, name)
            if row is None:
                raise SignInRefusedError("accounts: name, password and code must fit; try again")
            if step is not None and step > row.last_step:
                row.failures, row.locked_until, row.last_step = 0, None, step
                return Person(row.name, Role(row.role))
            row.failures += 1
            if row.failures >= FAILURES_UNTIL_LOCK:
                row.failures, row.locked_until = 0, now + LOCK
        raise SignInRefusedError("accounts: name, password and code must fit; try again")

    def _password_fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step this code belongs to, or None when it fits none around `now`."""
    one_time = pyotp.TOTP(secret, interval=STEP_SECONDS)
    today = int(now.timestamp()) // STEP_SECONDS
    for step in range(today - STEPS_AROUND, today + STEPS_AROUND + 1):
        if secrets.compare_digest(one_time.generate_otp(step), code.strip()):
            return step
    return None


def main(argv: list[str] | None = None) -> int:
    """Add, remove or list accounts from the command line; every change is an audit line."""
    arguments = _arguments(argv)
    settings = read_settings(arguments.config)
    database = open_office(settings.office.folder)
    clock = SystemClock()
    audit = Audit(database, lambda: clock.now().wall)
    accounts = Accounts(database, lambda: clock.now().wall, PasswordHasher(), secrets.token_bytes)
    try:
        return _do(arguments, accounts, audit)
    except AccountError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    finally:
        database.close()


def _do(arguments: argparse.Namespace, accounts: Accounts, audit: Audit) -> int:
    if arguments.verb == "list":
        for person in accounts.names():
            sys.stdout.write(f"{person.name}\t{person.role.value}\n")
    elif arguments.verb == "remove":
        accounts.remove(arguments.name)
        audit.write(actor="command line", action="account.removed", detail=arguments.name)
    else:
        made = accounts.add(arguments.name, Role(arguments.role))
        audit.write(actor="command line", action="account.added", detail=arguments.name)
        _show(made, as_json=arguments.json)
    return 0


def _show(made: Credentials, *, as_json: bool) -> None:
    uri = pyotp.TOTP(made.totp_secret).provisioning_uri(name=made.name, issuer_name="Madobus")
    facts = {
        "name": made.name,
        "role": made.role.value,
        "password": made.password,
        "totp_secret": made.totp_secret,
        "totp_uri": uri,
    }
    if as_json:
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{key}: {value}\n" for key, value in facts.items())


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="cityhall.office.accounts", description="Accounts of the office."
    )
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="make an account and print its secrets once")
    add.add_argument("name")
    add.add_argument("--role", choices=[role.value for role in Role], required=True)
    add.add_argument("--json", action="store_true", help="print one JSON object")
    verbs.add_parser("remove", help="take an account away").add_argument("name")
    verbs.add_parser("list", help="show names and roles")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
