"""What every route of the kiosk shares: the counter, the session, the pages, the state line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from aiohttp import web

from appliance.desk.clock import JST
from appliance.desk.counter import Counter
from appliance.desk.display import label_of
from appliance.desk.partners import Refused
from appliance.desk.refusals import LISTED_MAX, NotTaken, not_taken, refusal_word
from appliance.desk.standing import Standing, look
from appliance.desk.web.session import WARN_S, Sessions
from screens.language import Texts, language_of
from screens.pages import Pages

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Place:
    """Whose counter this is, for screens and receipts."""

    city: str
    division: str
    contact: str
    receipt_host: str

    @property
    def whom(self) -> str:
        """Whom a person turns to: the division, with its contact where one is set."""
        return f"{self.division}（{self.contact}）" if self.contact else self.division


@dataclass(frozen=True, slots=True)
class Room:
    """The kiosk's partners; one object an application."""

    counter: Counter
    sessions: Sessions
    pages: Pages
    texts: Texts
    place: Place

    def say(self, request: web.Request, key: str, **values: object) -> str:
        """Return one of the room's sentences in this screen's language."""
        return self.texts.say(language_of(request), key, **values)

    async def draw(
        self,
        request: web.Request,
        template: str,
        values: Mapping[str, object] | None = None,
        *,
        status: int = 200,
    ) -> web.Response:
        """Return a page with the state line and this browser's token."""
        return self.pages.answer(
            request,
            template,
            {**await self.frame(request), "errors": [], **(values or {})},
            status=status,
        )

    async def frame(self, request: web.Request) -> Mapping[str, object]:
        """Return what the layout of every page shows."""
        standing = await look(self.counter.partners.mail)
        signed_in = self.sessions.of(request) is not None
        talk = self.counter.talk if signed_in else None
        if signed_in and self.counter.visit is not None:
            moment = self.counter.partners.clock.monotonic()
            self.counter.visit.counting.saw(self.counter.phase, standing.link.state, moment)
        return {
            "csrf": self.sessions.csrf(request),
            "signed_in": signed_in,
            "phase": self.counter.phase,
            "standing": standing,
            "link_words": link_words(standing),
            "scanner": self.counter.partners.scanner,
            "device": self.counter.partners.device,
            "visit": self.counter.visit if signed_in else None,
            "batch_here": self._batch_here() if signed_in else "",
            "minutes_left": self._minutes_left() if signed_in else None,
            "jst": JST,
            "paper_word": partial(self._paper_word, request),
            "locks_in": self._locks_in() if signed_in else None,
            "notice": self.counter.notice,
            "not_taken": self._not_taken(request, standing) if signed_in else [],
            "listed_max": LISTED_MAX,
            "answers_new": 0 if talk is None else await talk.fresh(),
            "refusal_word": refusal_word,
        }

    def _paper_word(self, request: web.Request, kind: str) -> str:
        """Return what a paper is called: by its own word, else as the form in work calls it."""
        if f"kind.{kind}" in self.texts.entries:
            return self.say(request, f"kind.{kind}")
        visit = self.counter.visit
        if visit is None or visit.batch is None:
            return kind
        form = self.counter.partners.form_of(visit.batch)
        return label_of(form, kind, language_of(request))

    def _not_taken(self, request: web.Request, standing: Standing) -> list[NotTaken]:
        device = self.counter.partners.device
        return not_taken(standing.set_aside, device, language_of(request))

    def _locks_in(self) -> int | None:
        """Return the seconds until the idle screen locks once they are few; work that runs holds it open."""
        left, tray = self.sessions.idle_left(), self.counter.tray
        if left is None or left > WARN_S or (tray is not None and tray.work.busy):
            return None
        return max(0, int(left))

    def _batch_here(self) -> str:
        """Return the id of the batch a page is drawn for, so that its buttons never press for another."""
        batch = None if self.counter.visit is None else self.counter.visit.batch
        return "" if batch is None else batch.batch_id

    def _minutes_left(self) -> int | None:
        visit = self.counter.visit
        if visit is None or visit.pack is None:
            return None
        now = self.counter.partners.clock.now().wall
        return max(0, int((visit.pack.ends_at - now).total_seconds() // 60))

    def here(self, request: web.Request) -> None:
        """Send a browser without a session to the door; anyone with one is a person who is there."""
        if self.sessions.of(request) is None or self.counter.visit is None:
            raise web.HTTPSeeOther("/visit")
        self.sessions.touch(request)


def link_words(standing: Standing) -> str:
    """Return the key of the sentence that says how the link is."""
    return f"link.{standing.link.state}"


def back(path: str, refused: Refused | None = None) -> web.HTTPSeeOther:
    """Return the way to a page, with what was refused said at its top."""
    if refused is None:
        return web.HTTPSeeOther(path)
    query = {"said": refused.key, **{f"v-{k}": str(v) for k, v in refused.values.items()}}
    return web.HTTPSeeOther(f"{path}?{urlencode(query)}")


def moment(text: str) -> datetime:
    """Return an ISO moment in Japan's time."""
    return datetime.fromisoformat(text).astimezone(JST)


ROOM: web.AppKey[Room] = web.AppKey("room", Room)
