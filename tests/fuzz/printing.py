"""Targets behind the printer: what the print service answers, and what that means for the person there."""

from collections.abc import Sequence
from typing import Final

from hardware.printer import ipp
from hardware.printer.reasons import job_state, printer_state
from hardware.protocols import JobState, PrinterState
from tests.fuzz.target import Broken, Target

_HEAD: Final = b"\x02\x00\x00\x00\x00\x00\x00\x01"


def _answer(data: bytes) -> None:
    """Read an answer; whatever it says becomes one of our own states."""
    answer = ipp.read(data)
    printer, job = printer_state(answer.first(ipp.PRINTER)), job_state(answer.first(ipp.JOB))
    if not (isinstance(printer, PrinterState) and isinstance(job, JobState)):
        raise Broken("an answer became a state that nobody knows")


def _answers() -> Sequence[bytes]:
    text = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
    job = b"\x02\x21\x00\x06job-id\x00\x04\x00\x00\x00\x2a\x23\x00\x09job-state\x00\x04\x00\x00\x00\x05"
    reasons = b"\x44\x00\x15printer-state-reasons\x00\x11media-empty-error\x44\x00\x00\x00\x04none"
    printer = b"\x04\x23\x00\x0dprinter-state\x00\x04\x00\x00\x00\x04" + reasons
    return [_HEAD + text + part + b"\x03" for part in (b"", job, printer)]


_WORDS: Final = (b"printer-state-reasons", b"media-jam-error", b"job-state", b"\x03", b"\xff\xff")

TARGETS: Final = (Target("print-answer", _answer, (ipp.IppBroken,), _answers, _WORDS),)
