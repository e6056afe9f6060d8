"""The words of eSCL, written and read."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hardware.protocols import FeederState
from hardware.scanner import escl
from hardware.scanner.feeder import sane_config

JOB = b"""<scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"
 xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"><pwg:ScanRegions><pwg:ScanRegion>
<pwg:Width>2481</pwg:Width><pwg:Height>3508</pwg:Height></pwg:ScanRegion></pwg:ScanRegions>
<pwg:InputSource>Feeder</pwg:InputSource><scan:ColorMode>%s</scan:ColorMode>
<scan:XResolution>200</scan:XResolution></scan:ScanSettings>"""


@pytest.mark.parametrize(
    "state",
    [
        FeederState.EMPTY,
        FeederState.LOADED,
        FeederState.JAMMED,
        FeederState.DOUBLE_FED,
        FeederState.COVER_OPEN,
        FeederState.BUSY,
    ],
)
def test_ok__a_status_reads_back_as_it_was_written(state: FeederState) -> None:
    """Our own words are understood by our own reader."""
    assert escl.read_status(escl.status(state)) is state


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a/>",
        b"not xml",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" + b" " * escl.MAX_DOCUMENT + b"</a>",
    ],
)
def test_ok__a_strange_status_says_nothing(document: bytes) -> None:
    """What cannot be read is None, not a guess; entities and huge documents are not even parsed."""
    assert escl.read_status(document) is None


def test_ok__a_mispick_counts_as_a_jam() -> None:
    """The person has to do the same."""
    document = escl.status(FeederState.JAMMED).replace(b"ScannerAdfJam", b"ScannerAdfMispick")
    assert escl.read_status(document) is FeederState.JAMMED


def test_ok__the_count_of_each_job_reads_back() -> None:
    """How many sides were scanned, for the newest job first."""
    jobs = (escl.JobCount("/eSCL/ScanJobs/b", 3), escl.JobCount("/eSCL/ScanJobs/a", 12))
    assert escl.read_counts(escl.status(FeederState.LOADED, jobs)) == jobs


@pytest.mark.parametrize("count", [b"", b"-1", b"many", b"12345678"])
def test_ok__a_count_that_is_none_is_passed_over(count: bytes) -> None:
    """Nothing is said to be lost because a scanner writes rubbish."""
    document = escl.status(FeederState.LOADED, [escl.JobCount("/a", 77)])
    assert escl.read_counts(document.replace(b"77", count)) == ()
    assert escl.read_counts(b"no xml") == ()


def test_ok__the_capabilities_are_a_document_with_a_feeder() -> None:
    """A reader finds the feeder's bed and no glass plate."""
    root = ET.fromstring(escl.capabilities("Played", "1", 50))  # noqa: S314  # our own document
    assert root.find(f".//{{{escl.SCAN}}}AdfSimplexInputCaps/{{{escl.SCAN}}}MaxWidth") is not None
    assert root.find(f"{{{escl.SCAN}}}Platen") is None


@pytest.mark.parametrize(("word", "colour"), [(b"RGB24", True), (b"Grayscale8", False)])
def test_ok__a_job_gives_its_window_in_pixels(word: bytes, colour: bool) -> None:  # noqa: FBT001
    """Regions are three-hundredths of an inch, whatever the resolution; never rounded down."""
    assert escl.read_job(JOB % word) == escl.ScanJob("Feeder", 1654, 2339, colour)


def test_ok__a_job_may_ask_for_both_sides() -> None:
    """Said in words of its own."""
    word = b"<scan:Duplex>true</scan:Duplex></scan:ScanSettings>"
    assert escl.read_job(JOB.replace(b"</scan:ScanSettings>", word) % b"RGB24").duplex


@pytest.mark.parametrize("document", [b"", b"<a", JOB.replace(b"3508", b"tall") % b"RGB24"])
def test_fail__what_is_no_job(document: bytes) -> None:
    """The sender is told in words."""
    with pytest.raises(ValueError, match="ScanSettings"):
        escl.read_job(document)


def test_ok__the_status_address_of_a_configured_scanner_is_found(tmp_path: Path) -> None:
    """Our own configuration leads to the scanner's status."""
    device = sane_config(tmp_path, 8490, "Desk: scanner 1")
    assert escl.status_url(device, tmp_path) == "http://127.0.0.1:8490/eSCL/ScannerStatus"


@pytest.mark.parametrize(
    ("device", "text"),
    [
        ("test:0", '[devices]\n"A" = http://h/eSCL, eSCL\n'),
        ("airscan:e0:B", '[devices]\n"A" = http://h/eSCL, eSCL\n'),
        ("airscan:w0:A", '[devices]\n"A" = http://h/wsd, WSD\n'),
        ("airscan:e0:A", "[options]\ndiscovery = disable\n"),
        ("airscan:e0:A", "no section = here\n"),
    ],
)
def test_ok__other_scanners_have_no_status_address(device: str, text: str, tmp_path: Path) -> None:
    """Found by discovery, another protocol, another backend, a broken file: None."""
    (tmp_path / "airscan.conf").write_text(text, encoding="utf-8")
    assert escl.status_url(device, tmp_path) is None
