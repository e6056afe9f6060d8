"""Signed-in browsers, kept on the server: idle and absolute limits, one CSRF token each."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from cityhall.office.accounts import Person
from cityhall.office.models import AccountRow, SessionRow
from cityhall.office.roles import Role
from keeping.database import Database

TOKEN_BYTES = 32
LONGEST_SESSION = timedelta(hours=8)
# A touch is written at most this often; the idle limit is minutes.
TOUCH_EVERY = timedelta(seconds=30)
SESSIONS_PER_PERSON = 5


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and the token their forms carry."""

    person: Person
    csrf: str


class Sessions:
    """The sessions in office.db; only the hash of a cookie is kept."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
        idle: timedelta,
    ) -> None:
        self._database = database
        self._now = now
        self._random = random
        self._idle = idle

    def start(self, person: Person) -> str:
        """Return the cookie of a new session; the oldest of this person end beyond the limit."""
        token = self._random(TOKEN_BYTES).hex()
        now = self._now()
        with self._database.writing() as session:
            query = select(SessionRow).where(SessionRow.name == person.name)
            mine = session.exec(query.order_by(col(SessionRow.started_at).desc())).all()
            for old in mine[SESSIONS_PER_PERSON - 1 :]:
                session.delete(old)
            session.add(
                SessionRow(
                    token_hash=_hash(token),
                    name=person.name,
                    role=person.role.value,
                    csrf=self._random(TOKEN_BYTES).hex(),
                    started_at=now,
                    touched_at=now,
                )
            )
        return token

    def find(self, token: str, *, touch: bool = True) -> SignedIn | None:
        """Return who this cookie belongs to, or None when it is unknown, idle too long or too old.

        `touch` False is for what a screen asks by itself: it must not keep a session awake.
        """
        now = self._now()
        with self._database.reading() as session:
            row = session.get(SessionRow, _hash(token))
            account = session.get(AccountRow, row.name) if row else None
        if row is None or account is None or account.role != row.role or self._over(row, now):
            return None
        if touch and now - row.touched_at >= TOUCH_EVERY:
            self._touch(row.token_hash, now)
        return SignedIn(Person(row.name, Role(row.role)), row.csrf)

    def end(self, token: str) -> None:
        """Forget a session, and with it every one that is over."""
        now = self._now()
        with self._database.writing() as session:
            session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == _hash(token)))
            for row in session.exec(select(SessionRow)).all():
                if self._over(row, now):
                    session.delete(row)

    def _over(self, row: SessionRow, now: datetime) -> bool:
        return now - row.touched_at > self._idle or now - row.started_at > LONGEST_SESSION

    def _touch(self, token_hash: bytes, now: datetime) -> None:
        with self._database.writing() as session:
            row = session.get(SessionRow, token_hash)
            if row is not None:
                row.touched_at = now


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
