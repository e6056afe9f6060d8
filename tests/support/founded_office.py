"""A founded city with one box: envelopes sealed to its real keys, taken in by its real office."""

import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyotp
from sqlmodel import select

from cityhall.config import HallSettings, read_settings
from cityhall.office.accounts import Credentials
from cityhall.office.arrivals import Arrivals
from cityhall.office.board import Board
from cityhall.office.case_store import CaseStore
from cityhall.office.cases import CaseState
from cityhall.office.custody import open_custody
from cityhall.office.keyring import Keyring
from cityhall.office.models import CaseRow
from cityhall.office.roles import Role
from cityhall.office.vault import Asked, Vault
from provisioning.city import City, HallPorts, add_device, found_city, write_hall_settings
from sync.bundle import division_at
from sync.envelope import Envelope
from tests.support.makers import (
    DEVICE,
    READING,
    counting_random,
    make_envelope,
    make_id,
    make_opening_key,
    make_signer,
)


@dataclass
class FoundedOffice:
    """City hall of a founded city, on a folder; every question opens it afresh, as a command does."""

    city: City

    @property
    def settings(self) -> HallSettings:
        """City hall's settings."""
        return read_settings(self.city.settings_path)

    def hand_in(self, n: int, at: datetime, record: bytes | None = None) -> Envelope:
        """Put application number n on the shelf, sealed as a box does at this moment; `record` replaces its own."""
        bundle = self.city.bundle()
        recipients = [
            (division_at(bundle, at).epoch.key, 1),
            *((one, 2) for one in bundle.recovery),
        ]
        made = make_envelope(
            n, recipients=recipients, random=counting_random(n * 10), record=record
        )
        with open_custody(self.settings, now) as held:
            held.mail.commit_slip(
                made.env_id,
                device=DEVICE,
                slip=made.slip,
                header=made.header,
                sha256=hashlib.sha256(made.slip).digest(),
                at=at,
                receipt_for=lambda _number, _index: b"receipt",
            )
            for index, part in enumerate(made.parts):
                held.mail.commit_part(made.env_id, index, part)
            held.mail.completed(made.env_id, lambda _number, _index: b"whole")
        return made

    def take_in(self) -> tuple[str, ...]:
        """Let the office take in what is on the shelf; returns the filing numbers."""
        with open_custody(self.settings, now) as held:
            keyring = Keyring(self.city.bundle_path)
            vault = Vault(held.epochs, keyring, held.case_keys, held.audit)
            store = CaseStore(held.database)
            arrivals = Arrivals(held.mail, store, vault, Board(), keyring.bundle)
            arrivals.retry()
            arrivals.take_all()
            return tuple(one.filing_no for one in held.mail.arrivals())

    def decided(self, filing_no: str, at: datetime) -> None:
        """Let an application have been accepted at that moment."""
        with open_custody(self.settings, now) as held, held.database.writing() as session:
            query = select(CaseRow).where(CaseRow.filing_no == filing_no)
            row = session.exec(query).one()
            row.state, row.registered_at = CaseState.ACCEPTED.value, at
            session.add(row)

    def opens(self, n: int) -> bool:
        """Tell whether the office opens application number n with what it has now."""
        with open_custody(self.settings, now) as held:
            vault = Vault(held.epochs, Keyring(self.city.bundle_path), held.case_keys, held.audit)
            slip = held.mail.slip(make_id(n))
            record = vault.record(slip, DEVICE, Asked("sato", "case.opened", "review"))
        return record.record_id == make_id(n)

    def account(self, name: str, role: Role) -> Credentials:
        """Make an account."""
        with open_custody(self.settings, now) as held:
            return held.accounts.add(name, role)

    def actions(self) -> list[tuple[str, str]]:
        """Return the audit's actors and actions, oldest first."""
        with open_custody(self.settings, now) as held:
            return [(line.actor, line.action) for line in reversed(held.audit.lines())]


def found_office(folder: Path) -> FoundedOffice:
    """Found a city with the box bus-07 in it."""
    city = found_city(folder, "見本市", now(), ("127.0.0.1",))
    write_hall_settings(city, HallPorts(), "見本市", "介護保険課")
    add_device(city, DEVICE, make_signer().public, make_opening_key(READING).public, now())
    return FoundedOffice(city)


def moved_office(founded: Path, folder: Path) -> FoundedOffice:
    """Copy a founded city to another folder; founding costs a second, copying does not."""
    shutil.copytree(founded, folder)
    city = City(folder)
    write_hall_settings(city, HallPorts(), "見本市", "介護保険課")
    return FoundedOffice(city)


def typed(credentials: Credentials) -> "Typist":
    """Return what types this person's password and one-time code when asked."""
    return Typist([credentials.password, pyotp.TOTP(credentials.totp_secret).now()])


class Typist:
    """Answers each question with the next word."""

    def __init__(self, words: list[str]) -> None:
        self._words = list(words)

    def __call__(self, _question: str) -> str:
        """Type the next word."""
        return self._words.pop(0)


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)
