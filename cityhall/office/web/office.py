"""What every screen needs, built once by `__main__` and handed to the app."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar

from aiohttp import web

from cityhall.mail.models import BusSeen
from cityhall.office.accounts import Accounts
from cityhall.office.audit import Audit
from cityhall.office.bag_rows import Bags
from cityhall.office.board import Board
from cityhall.office.casework import Casework, Who
from cityhall.office.enquiries import Enquiries
from cityhall.office.erasing import Eraser
from cityhall.office.evaluation import Evaluation
from cityhall.office.filing import day_in_japan
from cityhall.office.inbox import Inbox
from cityhall.office.labels import Labels
from cityhall.office.sessions import Sessions, SignedIn
from papers.showing import Shown
from procedures.policy import CityPolicy, load_policy
from screens.language import Texts
from screens.pages import Pages

Answer = TypeVar("Answer")


class Buses(Protocol):
    """What the screens ask the shelf about the buses."""

    def buses(self) -> list[BusSeen]:
        """List every bus the intake ever heard."""


class Shower(Protocol):
    """What the screens need to show a picture that came from outside."""

    async def show(self, data: bytes) -> Shown:
        """Write a picture anew; raises NotShownError."""

    async def close(self) -> None:
        """Let go of what it holds."""


@dataclass(frozen=True, slots=True)
class Office:
    """The office behind the screens. `behind_tls` marks cookies for TLS only."""

    city: str
    casework: Casework
    enquiries: Enquiries
    evaluation: Evaluation
    bags: Bags
    eraser: Eraser
    inbox: Inbox
    audit: Audit
    accounts: Accounts
    sessions: Sessions
    board: Board
    buses: Buses
    labels: Labels
    pages: Pages
    showing: Shower
    texts: Texts
    now: Callable[[], datetime]
    insurer_no: str
    behind_tls: bool
    policy: CityPolicy = field(default_factory=load_policy)

    def today(self) -> date:
        """Return the day in Japan."""
        return day_in_japan(self.now())


OFFICE = web.AppKey("office", Office)
SIGNED_IN = web.RequestKey("signed_in", SignedIn)


def office_of(request: web.Request) -> Office:
    """Return the office this request came to."""
    return request.app[OFFICE]


def who(request: web.Request) -> Who:
    """Return the caseworker who asks, and from where."""
    return Who(request[SIGNED_IN].person.name, origin(request))


def origin(request: web.Request) -> str:
    """Return the address a request came from, for the audit."""
    return request.remote or ""


async def aside(work: Callable[[], Answer]) -> Answer:
    """Do disk and seal work beside the loop, so that no other screen waits for it."""
    return await asyncio.to_thread(work)
