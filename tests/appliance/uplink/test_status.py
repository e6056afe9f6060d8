"""How the link is, in words: good, poor, gone; and what the desk reads of it."""

from datetime import timedelta

import pytest

from appliance.uplink.causes import SENTENCES, Cause, LinkError, of_refusal
from appliance.uplink.status import POOR_BYTES_S, Status
from sync.pacing import SAMPLES, Pace
from sync.refusals import Refused
from tests.support.makers import EPOCH


def pace(rate: float, rtt_s: float = 0.1) -> Pace:
    """Return what was measured at this rate."""
    found = Pace()
    found.round_trip(rtt_s)
    measure(found, rate, 0.0)
    return found


def measure(found: Pace, rate: float, start: float) -> None:
    """Let so many seconds pass at this rate that nothing older counts."""
    found.confirmed(0, start, idle=True)
    found.sent(start)
    for second in range(1, SAMPLES + 1):
        found.confirmed(int(rate), start + second, idle=False)


def test_before_the_first_attempt_the_link_is_unknown() -> None:
    """Judging changes nothing without a session."""
    status = Status()
    status.judge(EPOCH)
    assert status.link().state == "unknown"
    assert status.view()["cause"] is None


@pytest.mark.parametrize(
    ("rate", "rtt_s", "state"),
    [(500_000, 0.1, "good"), (POOR_BYTES_S - 1, 0.1, "poor"), (500_000, 1.1, "poor")],
)
def test_an_open_link_is_good_or_poor_by_its_measures(
    rate: float, rtt_s: float, state: str
) -> None:
    """Goodput below 256 kbit/s or a round trip above a second is poor."""
    status = Status()
    status.opened(pace(rate, rtt_s), EPOCH)
    assert status.link().state == state


def test_the_word_does_not_flicker() -> None:
    """A poor link has to become clearly better before it is called good."""
    status, measured = Status(), pace(POOR_BYTES_S - 1)
    status.opened(measured, EPOCH)
    measure(measured, POOR_BYTES_S * 1.1, 100.0)
    status.judge(EPOCH + timedelta(seconds=9))
    assert status.link().state == "poor"
    measure(measured, POOR_BYTES_S * 1.3, 200.0)
    status.judge(EPOCH + timedelta(seconds=10))
    assert (status.link().state, status.link().since) == ("good", EPOCH + timedelta(seconds=10))


def test_a_failure_is_counted_and_told_in_both_languages() -> None:
    """The desk reads the Japanese sentence; `since` stays at the first of a row of failures."""
    status = Status()
    for second in range(3):
        failure = LinkError(Cause.NO_NETWORK, "ENETUNREACH")
        status.failed(failure, EPOCH + timedelta(seconds=second))
    found = status.view()
    assert (found["state"], found["since"]) == ("gone", EPOCH.isoformat())
    assert found["failures"] == {"no_network": 3}
    assert found["cause"]["en"].endswith("(ENETUNREACH)")
    assert status.link().cause == SENTENCES[Cause.NO_NETWORK][0]


def test_a_new_session_forgets_the_cause() -> None:
    """The counts stay."""
    status = Status()
    status.failed(LinkError(Cause.NO_ANSWER), EPOCH)
    status.opened(pace(500_000), EPOCH + timedelta(seconds=1))
    assert (status.link().cause, status.counts["no_answer"]) == ("", 1)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_sentence_in_both_languages(cause: Cause) -> None:
    """No cause without words."""
    assert all(SENTENCES[cause])


@pytest.mark.parametrize(
    ("code", "ours", "cause"),
    [
        (Refused.SILENT, True, Cause.SILENT),
        (Refused.SILENT, False, Cause.REFUSED),
        (Refused.OUT_OF_ORDER, True, Cause.HALL_BROKE_RULE),
        (Refused.REVOKED_DEVICE, False, Cause.REFUSED),
    ],
)
def test_the_end_of_a_session_has_its_cause(code: int, ours: bool, cause: Cause) -> None:  # noqa: FBT001 - a table
    """Who ended it, and why."""
    assert of_refusal(code, "why", ours=ours).cause is cause
