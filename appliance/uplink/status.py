"""How the link is, in words and numbers: for the health page, and a short form of it for the desk."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

from appliance.mail.rows import LinkState
from appliance.uplink.causes import Cause, LinkError
from sync.pacing import Pace

# Below this goodput, or above this round trip, the link is called poor.
POOR_BYTES_S: Final = 32 * 1024
POOR_RTT_S: Final = 1.0
CLEARLY: Final = 1.25


class Status:
    """What the link loop and the session tell; `now` is a wall time in UTC."""

    def __init__(self) -> None:
        self._state = "unknown"
        self._since: datetime | None = None
        self._last_contact: datetime | None = None
        self._failure: LinkError | None = None
        self._pace: Pace | None = None
        self._disk: LinkError | None = None
        self.counts: Counter[str] = Counter()
        self.attempts = 0
        self.sessions = 0
        self.waiting = 0
        self.queue: dict[str, int] = {}
        self.certificate_ends: datetime | None = None

    def opened(self, pace: Pace, now: datetime) -> None:
        """Note that city hall welcomed us."""
        self.sessions += 1
        self._pace = pace
        self._failure = None
        self._last_contact = now
        self.judge(now)

    def heard(self, now: datetime) -> None:
        """Note that city hall said something."""
        self._last_contact = now

    def judge(self, now: datetime) -> None:
        """Call an open link good or poor by what was measured."""
        if self._pace is None:
            return
        goodput, rtt = self._pace.goodput, self._pace.rtt_s
        # A poor link has to become clearly better before it is called good: the word must not flicker.
        margin = CLEARLY if self._state == "poor" else 1.0
        slow = goodput is not None and goodput < POOR_BYTES_S * margin
        far = rtt is not None and rtt > POOR_RTT_S / margin
        self._turn("poor" if slow or far else "good", now)

    def failed(self, failure: LinkError, now: datetime) -> None:
        """Note why there is no session."""
        self._pace = None
        self._failure = failure
        self.counts[failure.cause.value] += 1
        self._turn("gone", now)

    def disk(self, refusal: OSError | None) -> bool:
        """Note that this box's own disk took nothing, or takes again (None); True when that is news."""
        before, told = self._disk, None if refusal is None else str(refusal)
        self._disk = None if told is None else LinkError(Cause.OUR_DISK, told)
        return (before is None) != (refusal is None)

    def link(self) -> LinkState:
        """Return the short form the desk reads; the cause is a Japanese sentence."""
        trouble = self._disk or self._failure
        cause = "" if trouble is None else trouble.ja
        return LinkState(self._state, self._since, self._last_contact, self.waiting, cause)

    def view(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        pace, trouble = self._pace, self._disk or self._failure
        return {
            "process": "uplink",
            "state": self._state,
            "since": _text(self._since),
            "last_contact": _text(self._last_contact),
            "waiting": self.waiting,
            "queue": self.queue,
            "cause": None if trouble is None else _cause(trouble),
            "failures": dict(self.counts),
            "certificate_ends": _text(self.certificate_ends),
            "attempts": self.attempts,
            "sessions": self.sessions,
            "goodput_bytes_s": None if pace is None or pace.goodput is None else int(pace.goodput),
            "rtt_ms": None if pace is None or pace.rtt_s is None else int(pace.rtt_s * 1000),
        }

    def _turn(self, state: str, now: datetime) -> None:
        if state != self._state:
            self._state = state
            self._since = now


def _cause(failure: LinkError) -> dict[str, Any]:
    return {
        "kind": failure.cause.value,
        "code": failure.code,
        "ja": failure.ja,
        "en": failure.en,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
