"""What the print service says, read with suspicion: RFC 8010's bytes, RFC 8011's words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.printer import ipp
from hardware.printer.reasons import job_state, printer_state
from hardware.protocols import JobState, PrinterState

HEAD = b"\x02\x00\x00\x00\x00\x00\x00\x01"


def test_ok__a_request_is_the_bytes_of_the_standard() -> None:
    """Written out by hand from RFC 8010, section 3.1, and a second value has no name."""
    made = ipp.request(
        0x000B, 7, [(ipp.OPERATION, ipp.KEYWORD, "requested-attributes", ("a", "bc"))]
    )
    assert made == (
        b"\x02\x00\x00\x0b\x00\x00\x00\x07\x01"
        b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x48\x00\x1battributes-natural-language\x00\x02en"
        b"\x44\x00\x14requested-attributes\x00\x01a"
        b"\x44\x00\x00\x00\x02bc"
        b"\x03"
    )


def test_ok__an_answer_gives_its_groups_and_kinds() -> None:
    """A number, a truth, two words of one name, and bytes of a kind nobody asks for."""
    data = (
        HEAD + b"\x01\x02"
        b"\x21\x00\x06job-id\x00\x04\x00\x00\x00\x2a"
        b"\x22\x00\x01b\x00\x01\x01"
        b"\x44\x00\x01w\x00\x01x\x44\x00\x00\x00\x01y"
        b"\x31\x00\x01t\x00\x02\x01\x02\x03"
    )
    answer = ipp.read(data)
    assert answer.first(ipp.JOB) == {
        "job-id": (42,),
        "b": (True,),
        "w": ("x", "y"),
        "t": (b"\1\2",),
    }
    assert (answer.ok, answer.first(ipp.PRINTER)) == (True, {})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD,
        HEAD + b"\x21\x00\x01a\x00\x04\x00\x00\x00\x01\x03",
        HEAD + b"\x01\x21\x00\x00\x00\x04\x00\x00\x00\x01\x03",
        HEAD + b"\x01\x21\x00\x01a\xff\xff\x00",
        HEAD + b"\x01" * (ipp.MAX_VALUES + 1),
        b"\x00" * (ipp.MAX_ANSWER + 1),
    ],
)
def test_fail__an_answer_out_of_shape_is_refused(data: bytes) -> None:
    """Cut off, a value without a group or a name, endless, too large."""
    with pytest.raises(ipp.IppBroken):
        ipp.read(data)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_ok__no_bytes_do_more_than_be_refused(tail: bytes) -> None:
    """Whatever comes is an answer or IppBroken."""
    try:
        answer = ipp.read(HEAD + tail)
    except ipp.IppBroken:
        return
    assert printer_state(answer.first(ipp.PRINTER)) in PrinterState


@pytest.mark.parametrize(
    ("state", "reasons", "told"),
    [
        (3, ("none",), PrinterState.READY),
        (4, ("none",), PrinterState.PRINTING),
        (3, ("media-low-warning",), PrinterState.PAPER_LOW),
        (5, ("paused",), PrinterState.STOPPED),
        (5, ("none",), PrinterState.STOPPED),
        (4, ("connecting-to-device",), PrinterState.CONNECTING),
        (4, ("connecting-to-device", "media-empty-error", "cover-open"), PrinterState.COVER_OPEN),
        (3, ("marker-supply-empty-warning",), PrinterState.NO_INK),
        (3, ("com.vendor.strange-error",), PrinterState.FAULT),
        (3, ("com.vendor.strange-report",), PrinterState.READY),
    ],
)
def test_ok__a_printers_reasons_become_one_state(
    state: int, reasons: tuple[str, ...], told: PrinterState
) -> None:
    """Of several the one a hand can mend first; a strange one is a fault only as an error."""
    assert printer_state({"printer-state": (state,), "printer-state-reasons": reasons}) is told


def test_ok__a_queue_that_takes_no_jobs_is_stopped() -> None:
    """Also while the printer itself is idle; without any state it is a fault."""
    told = {"printer-state": (3,), "printer-is-accepting-jobs": (False,)}
    assert printer_state(told) is PrinterState.STOPPED
    assert printer_state({}) is PrinterState.FAULT


def test_ok__a_jobs_numbers_become_words() -> None:
    """Three to nine as RFC 8011 has them; anything else has failed."""
    told = [job_state({"job-state": (number,)}) for number in (3, 4, 5, 6, 7, 8, 9, 77)]
    assert told == [
        *(JobState.WAITING, JobState.WAITING, JobState.PRINTING, JobState.WAITING),
        *(JobState.CANCELLED, JobState.FAILED, JobState.DONE, JobState.FAILED),
    ]
    assert job_state({"job-state": ("x",)}) is JobState.FAILED
