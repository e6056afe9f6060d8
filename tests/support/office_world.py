"""A whole office on a temporary folder: real shelf, real seals, real database, a clock the test moves."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from cityhall.mail.store import HallMail
from cityhall.office.accounts import Accounts, Credentials
from cityhall.office.arrivals import Arrivals
from cityhall.office.audit import Audit
from cityhall.office.bag_rows import Bags
from cityhall.office.board import Board
from cityhall.office.case_keys import CaseKeys, open_keys
from cityhall.office.case_store import CaseStore
from cityhall.office.casework import Casework, Who
from cityhall.office.correspondence import Post
from cityhall.office.database import open_office
from cityhall.office.enquiries import Enquiries
from cityhall.office.epochs import Epochs
from cityhall.office.erasing import Eraser
from cityhall.office.evaluation import Evaluation
from cityhall.office.inbox import Inbox
from cityhall.office.keyring import Keyring
from cityhall.office.labels import Labels
from cityhall.office.notes_in import NotesIn
from cityhall.office.question_rows import Questions
from cityhall.office.roles import Role
from cityhall.office.sessions import Sessions
from cityhall.office.vault import Vault
from cityhall.office.web.app import build_app
from cityhall.office.web.office import Office
from cityhall.office.web.words import facts_for, read_words
from papers.showing import Showing
from screens.pages import Pages
from sync.clock import Instant
from sync.envelope import Envelope, PartRole
from sync.keys import OpeningKey, write_key
from sync.record import Answer, Defect, OriginalNote, Record, SheetNote, encode_record
from tests.support.makers import (
    DEVICE,
    EPOCH,
    OFFICE,
    ROOT,
    counting_random,
    instant,
    make_bundle,
    make_envelope,
    make_id,
    make_opening_key,
    make_record,
    make_signer,
)
from tests.support.roots import bundle_text

TEMPLATES = Path(__file__).parents[2] / "cityhall" / "office" / "web" / "templates"
CASEWORKER = Who("sato", "127.0.0.1")
EXPIRY = "2026-12-31"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet to hand in: its kind, its pictures and their types; an empty original is none."""

    kind: str = "form_front"
    page: bytes = b"page"
    preview: bytes = b"preview"
    page_type: str = "image/avif"
    preview_type: str = "image/webp"
    original: bytes = b""


class MovedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Instant:
        """Return this moment."""
        return instant(self.seconds)

    def monotonic(self) -> float:
        """Return the seconds moved."""
        return self.seconds

    def wall(self) -> datetime:
        """Return the wall time."""
        return self.now().wall

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.seconds += by.total_seconds()


class OfficeWorld:
    """The office, and the intake's hand that puts envelopes on the shelf."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovedClock()
        self.bundle_path = folder / "bundle.json"
        self.bundle_path.write_text(bundle_text(make_bundle(), ROOT))
        self.database = open_office(folder / "office")
        self.mail = HallMail(folder / "mail")
        self.audit = Audit(self.database, self.clock.wall)
        self.keyring = Keyring(self.bundle_path)
        self.division = folder / "division"
        self.division.mkdir()
        self.add_epoch("2026-11", make_opening_key())
        self.keys = open_keys(folder / "case-keys")
        self.case_keys = CaseKeys(self.keys, self.database, counting_random(70_000))
        self.epochs = Epochs(self.division)
        self.vault = Vault(self.epochs, self.keyring, self.case_keys, self.audit)
        self.store, self.inbox, self.board = CaseStore(self.database), Inbox(self.database), Board()
        self.random = counting_random(5000)
        post = Post(make_signer(OFFICE), self.keyring.bundle, self.clock, self.random)
        self.casework = Casework(
            shelf=self.mail,
            store=self.store,
            inbox=self.inbox,
            vault=self.vault,
            audit=self.audit,
            post=post,
        )
        self.questions, self.evaluation = Questions(self.database), Evaluation(self.database)
        self.bags = Bags(self.database)
        self.enquiries = Enquiries(
            shelf=self.mail,
            questions=self.questions,
            inbox=self.inbox,
            vault=self.vault,
            audit=self.audit,
            post=post,
        )
        self.eraser = self.fresh_eraser()
        notes = NotesIn(self.mail, self.vault, self.questions, self.evaluation, self.bags)
        bundle = self.keyring.bundle
        self.arrivals = Arrivals(self.mail, self.store, self.vault, self.board, bundle, notes=notes)
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.accounts = Accounts(self.database, self.clock.wall, hasher, self.random)
        self.sessions = Sessions(self.database, self.clock.wall, self.random, timedelta(minutes=10))
        words = read_words()
        self.office = Office(
            city="盛岡市",
            eraser=self.eraser,
            casework=self.casework,
            enquiries=self.enquiries,
            evaluation=self.evaluation,
            bags=self.bags,
            inbox=self.inbox,
            audit=self.audit,
            accounts=self.accounts,
            sessions=self.sessions,
            board=self.board,
            buses=self.mail,
            labels=Labels(),
            showing=Showing(),
            pages=Pages(TEMPLATES, words, facts_for("盛岡市", "介護保険課")),
            texts=words,
            now=self.clock.wall,
            insurer_no="032011",
            behind_tls=False,
        )

    def fresh_eraser(self) -> Eraser:
        """Return the eraser of a fresh start."""
        return Eraser(
            database=self.database,
            shelf=self.mail,
            keys=self.case_keys,
            months=self.epochs.months,
            audit=self.audit,
            signer=make_signer(OFFICE),
            now=self.clock.wall,
        )

    def add_epoch(self, name: str, key: OpeningKey) -> Path:
        """Put a month's key into the office's folder and return its file."""
        path = self.division / f"{name}.key"
        path.write_text(write_key("opening", key.seed))
        return path

    def app(self) -> web.Application:
        """Return the screens' app."""
        return build_app(self.office)

    def hand_in(
        self,
        n: int = 0,
        *,
        answers: dict[str, str] | None = None,
        pages: Sequence[Page] = (Page(),),
        here: Sequence[int] | None = None,
        defects: Sequence[Defect] = (),
        record: Record | None = None,
        confidence: float | None = None,
        card_custody: str = "",
    ) -> Envelope:
        """Put application number n on the shelf with the parts `here` (all when None) and return its envelope."""
        sheets = tuple(sheet_note(place, page) for place, page in enumerate(pages))
        made = record or make_record(
            n, answers=make_answers(n, answers, confidence), defects=defects
        )
        made = replace(made, card_custody=card_custody or made.card_custody)
        envelope = make_envelope(
            n,
            record=encode_record(replace(made, sheets=sheets)),
            parts=[
                *((PartRole.PREVIEW, page.preview) for page in pages),
                *((PartRole.PAGE, page.page) for page in pages),
                *((PartRole.ORIGINAL, page.original) for page in pages if page.original),
            ],
            random=counting_random(n * 10),
        )
        self.file(envelope)
        for index in range(len(envelope.parts)) if here is None else here:
            self.bring(envelope, index)
        return envelope

    def file(self, envelope: Envelope, device: str = DEVICE) -> None:
        """Do what the intake does with a verified slip."""
        self.mail.commit_slip(
            envelope.env_id,
            device=device,
            slip=envelope.slip,
            header=envelope.header,
            sha256=hashlib.sha256(envelope.slip).digest(),
            at=EPOCH + timedelta(minutes=30),
            receipt_for=_receipt,
        )

    def bring(self, envelope: Envelope, index: int) -> None:
        """Let one part arrive; the last one completes the envelope."""
        if self.mail.commit_part(envelope.env_id, index, envelope.parts[index]):
            self.mail.completed(envelope.env_id, _receipt)

    def case(self, n: int = 0, **facts: object) -> str:
        """Hand in application number n, take it, and return the case's id."""
        self.hand_in(n, **facts)  # type: ignore[arg-type]
        self.arrivals.take_all()
        return make_id(n).hex()

    def account(self, name: str = "sato", role: Role = Role.CASEWORKER) -> Credentials:
        """Make an account."""
        return self.accounts.add(name, role)

    def code(self, credentials: Credentials) -> str:
        """Return the one-time code of this moment."""
        return pyotp.TOTP(credentials.totp_secret).at(self.clock.wall())

    @asynccontextmanager
    async def browser(self, role: Role | None = Role.CASEWORKER) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
        """Serve the screens and give a client; signed in with an account of `role` unless None."""
        client = TestClient(TestServer(self.app()), cookie_jar=CookieJar(unsafe=True))
        async with client:
            if role is not None:
                credentials = self.account(f"one-{role.value}", role)
                answer = await client.post(
                    "/sign-in",
                    data={
                        "name": credentials.name,
                        "password": credentials.password,
                        "code": self.code(credentials),
                    },
                    allow_redirects=False,
                )
                assert answer.status == 303
            yield client

    def close(self) -> None:
        """Let go of the files."""
        self.mail.close()
        self.keys.close()
        self.database.close()


def make_answers(
    n: int, changed: dict[str, str] | None = None, confidence: float | None = None
) -> list[Answer]:
    """Return the answers of a fictitious person; `changed` replaces or adds."""
    values = {
        "insurer_no": "032011",
        "insured_no": f"{1000000000 + n}",
        "name": "髙﨑　𠮷雄",
        "birth_date": "1941-05-06",
        "prev_valid_to": EXPIRY,
        "physician.name": "内丸　一郎",
        **(changed or {}),
    }
    return [Answer(key, value, "ocr", confidence) for key, value in values.items()]


def sheet_note(place: int, page: Page) -> SheetNote:
    """Return what a record says of a page."""
    return SheetNote(
        index=place,
        kind=page.kind,
        sheet_no=place + 1,
        fed_sha256=hashlib.sha256(b"fed" + page.page).digest(),
        page_sha256=hashlib.sha256(page.page).digest(),
        page_bytes=len(page.page),
        preview_sha256=hashlib.sha256(page.preview).digest(),
        preview_bytes=len(page.preview),
        media_type=page.page_type,
        preview_media_type=page.preview_type,
        original=_original(page),
    )


def _original(page: Page) -> OriginalNote | None:
    if not page.original:
        return None
    digest = hashlib.sha256(page.original).digest()
    return OriginalNote(digest, len(page.original), "image/jpeg")


def a_defect(field: str = "physician.name", severity: str = "block") -> Defect:
    """Return a deficiency the desk named."""
    return Defect(
        "physician-blank",
        severity,
        field,
        "主治医の記載がありません。",
        "記入してください。",
        "provider",
    )


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an aware moment."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _receipt(_filing_no: str, _log_index: int) -> bytes:
    return b"receipt"
