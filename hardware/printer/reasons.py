"""What a print service's words (RFC 8011, sections 5.3.7 and 5.4.11) mean for the person at the printer."""

from hardware.printer.ipp import Group
from hardware.protocols import JobState, PrinterState

REASONS = (
    ("media-jam", PrinterState.JAMMED),
    ("cover-open", PrinterState.COVER_OPEN),
    ("door-open", PrinterState.COVER_OPEN),
    ("interlock-open", PrinterState.COVER_OPEN),
    ("media-empty", PrinterState.NO_PAPER),
    ("media-needed", PrinterState.NO_PAPER),
    ("input-tray-missing", PrinterState.NO_PAPER),
    ("marker-supply-empty", PrinterState.NO_INK),
    ("toner-empty", PrinterState.NO_INK),
    ("offline", PrinterState.OFFLINE),
    ("shutdown", PrinterState.OFFLINE),
    ("timed-out", PrinterState.OFFLINE),
    ("connecting-to-device", PrinterState.CONNECTING),
    ("paused", PrinterState.STOPPED),
    ("moving-to-paused", PrinterState.STOPPED),
)
"""The first that is there is told: what a hand at the printer can mend comes first."""
LOW = ("media-low",)
SEVERITIES = ("-error", "-warning", "-report")
IDLE, PROCESSING = 3, 4

_JOBS = {
    3: JobState.WAITING,
    4: JobState.WAITING,
    5: JobState.PRINTING,
    6: JobState.WAITING,
    7: JobState.CANCELLED,
    8: JobState.FAILED,
    9: JobState.DONE,
}


def printer_state(told: Group) -> PrinterState:
    """Return what a queue's attributes say; one without a state is a fault."""
    given = {str(reason) for reason in told.get("printer-state-reasons", ())}
    bare = {_bare(reason) for reason in given}
    for reason, meaning in REASONS:
        if reason in bare:
            return meaning
    if any(reason.endswith("-error") for reason in given):
        return PrinterState.FAULT
    state = told.get("printer-state", (0,))[0]
    if state not in (IDLE, PROCESSING) or told.get("printer-is-accepting-jobs") == (False,):
        return PrinterState.STOPPED if state else PrinterState.FAULT
    if bare & set(LOW):
        return PrinterState.PAPER_LOW
    return PrinterState.READY if state == IDLE else PrinterState.PRINTING


def job_state(told: Group) -> JobState:
    """Return where a job stands; one without a state has failed."""
    state = told.get("job-state", (0,))[0]
    return _JOBS.get(state, JobState.FAILED) if isinstance(state, int) else JobState.FAILED


def _bare(reason: str) -> str:
    """Return a reason without its severity."""
    for end in SEVERITIES:
        reason = reason.removesuffix(end)
    return reason
