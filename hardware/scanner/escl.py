"""The words of eSCL (AirScan), both ways: documents our feeder sends, and a real scanner's status read.

The protocol is the Mopria Alliance's eSCL specification, https://mopria.org/mopria-escl-specification
"""

import configparser
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.protocols import FeederState

PWG = "http://www.pwg.org/schemas/2010/12/sm"
SCAN = "http://schemas.hp.com/imaging/escl/2011/05/03"
UNITS_PER_INCH = 300  # regions are written in three-hundredths of an inch, whatever the resolution
RESOLUTIONS = (150, 200, 300, 600)
BED_UNITS = 10_240  # both sides of the bed: 5120 pixels at 150 dpi
MAX_JOBS = 64
_COUNT = re.compile(r"[0-9]{1,6}")
MAX_DOCUMENT = 64 * 1024  # a ScanSettings document has about 1 KiB, a status up to some 20
ADF_WORDS = {
    FeederState.EMPTY: "ScannerAdfEmpty",
    FeederState.LOADED: "ScannerAdfLoaded",
    FeederState.JAMMED: "ScannerAdfJam",
    FeederState.DOUBLE_FED: "ScannerAdfMultipickDetected",
    FeederState.COVER_OPEN: "ScannerAdfHatchOpen",
}
_STATES = {
    **{word: state for state, word in ADF_WORDS.items()},
    "ScannerAdfMispick": FeederState.JAMMED,
    "ScannerAdfDoorOpen": FeederState.COVER_OPEN,
    "ScannerAdfProcessing": FeederState.BUSY,
}
AIRSCAN = "airscan:"


@dataclass(frozen=True, slots=True)
class ScanJob:
    """What a ScanSettings document asks for: the source, the window in pixels, colour or grey, both sides."""

    source: str
    width: int
    height: int
    colour: bool
    duplex: bool = False


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many sides a scanner says it has scanned for one of its jobs."""

    job: str
    completed: int


def _tree(tag: str, *children: ET.Element) -> ET.Element:
    element = ET.Element(tag)
    element.extend(children)
    return element


def _text(tag: str, text: object) -> ET.Element:
    element = ET.Element(tag)
    element.text = str(text)
    return element


def _document(tag: str, *children: ET.Element) -> bytes:
    """Write a whole document. Readers compare the prefixes too, so they are written as everybody does."""
    root = _tree(tag, _text("pwg:Version", "2.63"), *children)
    root.set("xmlns:pwg", PWG)
    root.set("xmlns:scan", SCAN)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _input_caps(tag: str) -> ET.Element:
    sizes = (("MinWidth", 16), ("MaxWidth", BED_UNITS), ("MinHeight", 16), ("MaxHeight", BED_UNITS))
    colours = _tree(
        "scan:ColorModes",
        _text("scan:ColorMode", "Grayscale8"),
        _text("scan:ColorMode", "RGB24"),
    )
    formats = _tree(
        "scan:DocumentFormats",
        _text("pwg:DocumentFormat", "image/jpeg"),
        _text("scan:DocumentFormatExt", "image/jpeg"),
    )
    resolutions = [
        _tree(
            "scan:DiscreteResolution",
            _text("scan:XResolution", dpi),
            _text("scan:YResolution", dpi),
        )
        for dpi in RESOLUTIONS
    ]
    supported = _tree("scan:SupportedResolutions", _tree("scan:DiscreteResolutions", *resolutions))
    return _tree(
        tag,
        *(_text(f"scan:{name}", size) for name, size in sizes),
        _text("scan:MaxScanRegions", 1),
        _tree("scan:SettingProfiles", _tree("scan:SettingProfile", colours, formats, supported)),
    )


def capabilities(name: str, serial: str, capacity: int) -> bytes:
    """Write the ScannerCapabilities document of a scanner that has a feeder and nothing else."""
    words = ("DetectPaperLoaded", "Duplex")
    sensor = _tree("scan:AdfOptions", *(_text("scan:AdfOption", word) for word in words))
    return _document(
        "scan:ScannerCapabilities",
        _text("pwg:MakeAndModel", name),
        _text("pwg:SerialNumber", serial),
        _tree(
            "scan:Adf",
            _input_caps("scan:AdfSimplexInputCaps"),
            _input_caps("scan:AdfDuplexInputCaps"),
            _text("scan:FeederCapacity", capacity),
            sensor,
        ),
    )


def status(state: FeederState, jobs: Sequence[JobCount] = ()) -> bytes:
    """Write the ScannerStatus document, with what was scanned for each job."""
    busy = state is FeederState.BUSY
    told = [_job_info(job) for job in jobs]
    return _document(
        "scan:ScannerStatus",
        _text("pwg:State", "Processing" if busy else "Idle"),
        _text("scan:AdfState", ADF_WORDS[FeederState.LOADED if busy else state]),
        *([_tree("scan:Jobs", *told)] if told else []),
    )


def _job_info(job: JobCount) -> ET.Element:
    return _tree(
        "scan:JobInfo",
        _text("pwg:JobUri", job.job),
        _text("pwg:ImagesCompleted", job.completed),
        _text("pwg:JobState", "Processing"),
    )


def _parse(document: bytes) -> ET.Element:
    """Parse a small foreign document; one with a DTD, which none of ours has, raises ValueError."""
    if len(document) > MAX_DOCUMENT or b"<!" in document.replace(b"<!--", b""):
        raise ValueError("longer than agreed, or with a DTD")
    try:
        return ET.fromstring(document)  # noqa: S314  # no DTD, so no entities, and its size is bounded
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


def read_status(document: bytes) -> FeederState | None:
    """Read a scanner's ScannerStatus; None when it does not say how its feeder is."""
    try:
        root = _parse(document)
    except ValueError:
        return None
    feeder = _STATES.get(root.findtext(f"{{{SCAN}}}AdfState", ""))
    if root.findtext(f"{{{PWG}}}State", "") == "Processing" and feeder in {
        FeederState.LOADED,
        None,
    }:
        return FeederState.BUSY
    return feeder


def read_counts(document: bytes) -> tuple[JobCount, ...]:
    """Read how many sides were scanned for each job; empty when the scanner does not say."""
    try:
        jobs = _parse(document).findall(f"{{{SCAN}}}Jobs/{{{SCAN}}}JobInfo")[:MAX_JOBS]
    except ValueError:
        return ()
    told = [
        (job.findtext(f"{{{PWG}}}JobUri", ""), job.findtext(f"{{{PWG}}}ImagesCompleted", ""))
        for job in jobs
    ]
    return tuple(
        JobCount(uri, int(count)) for uri, count in told if uri and _COUNT.fullmatch(count)
    )


def read_job(document: bytes) -> ScanJob:
    """Read a ScanSettings document; raises ValueError when it is not one."""
    try:
        root = _parse(document)
        found = {e.tag.rpartition("}")[2]: (e.text or "").strip() for e in root.iter()}
        dpi = int(found.get("XResolution", UNITS_PER_INCH))
        width, height = (int(found.get(k, BED_UNITS)) for k in ("Width", "Height"))
    except ValueError as error:
        message = f"ScanSettings: cannot be read ({error}); send the document eSCL describes"
        raise ValueError(message) from error
    return ScanJob(
        source=found.get("InputSource", "Platen"),
        width=-(-width * dpi // UNITS_PER_INCH),
        height=-(-height * dpi // UNITS_PER_INCH),
        colour=found.get("ColorMode", "RGB24") != "Grayscale8",
        duplex=found.get("Duplex", "") == "true",
    )


def status_url(device: str, config: Path | None) -> str | None:
    """Find the status address of a statically configured airscan device; None when it is not one."""
    if not device.startswith(AIRSCAN):
        return None
    name = device.split(":", 2)[2]
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their capitals
    try:
        parser.read((config or Path("/etc/sane.d")) / "airscan.conf", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return None
    for key, value in parser["devices"].items() if parser.has_section("devices") else ():
        address, _, protocol = value.partition(",")
        if key.strip('"') == name and protocol.strip().lower() in {"", "escl"}:
            return address.strip().rstrip("/") + "/ScannerStatus"
    return None
