"""Every setting of the bus: type, default, check and one line of help. Read from one TOML file."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyNetwork

from sync.address import checked_host


class Section(BaseModel):
    """A part of the file; an unknown key is an error, so that a typing mistake is found at start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskSettings(Section):
    """The room that sees the applicant."""

    folder: Path = Field(
        description="the desk's own data: drafts, desk.db; no other process reads it"
    )
    keys: Path = Field(description="folder with signer.key, reading.key (locked by the staff PIN)")
    bundle: Path = Field(description="the city's key bundle as enrolled; newer ones arrive by mail")
    host: str = Field(
        "127.0.0.1", description="address of the kiosk screen; loopback or the staff LAN"
    )
    port: int = Field(
        8401, ge=0, le=65535, description="port of the kiosk screen; 0 takes a free one"
    )
    scanner: Literal["sane", "simulated"] = Field("sane", description="driver of the sheet scanner")
    scanner_device: str = Field("", description="SANE device name; empty takes the first one found")
    scanner_source: str = Field("ADF", description="SANE source of the feeder")
    scanner_duplex: bool = Field(
        False, description="scan both sides of every sheet; empty backs are dropped and counted"
    )
    sane_config: Path | None = Field(None, description="SANE_CONFIG_DIR, when not Debian's own")
    resolution: int = Field(300, ge=150, le=600, description="scan resolution in dpi")
    camera: Literal["", "v4l2", "simulated"] = Field(
        "", description="driver of the document camera; empty when there is none"
    )
    camera_device: str = Field(
        "", description="V4L2 device, e.g. /dev/v4l/by-id/…; empty takes the first one by name"
    )
    camera_pictures: Path | None = Field(
        None, description="simulated camera: folder whose pictures lie under it in turn"
    )
    sheets: Path | None = Field(
        None, description="simulated scanner: folder whose pictures are the stack"
    )
    printer: Literal["", "cups", "simulated"] = Field(
        "", description="driver of the receipt printer; empty when there is none: receipts are PDFs"
    )
    printer_queue: str = Field(
        "receipt", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the print service's queue"
    )
    printer_socket: Path = Field(
        Path("/run/cups/cups.sock"),
        description="where the machine's own print service (CUPS) listens",
    )
    printer_paper: Literal["a4", "roll80", "roll58"] = Field(
        "a4",
        description="what receipts are printed on: A4, or a receipt printer's roll of 80 or 58 mm",
    )
    printer_media: str = Field(
        "",
        pattern=r"^[a-zA-Z0-9._-]{0,128}$",
        description="the sheet's IPP name, e.g. custom_roll_80x200mm; empty: A4, or for a roll the queue's own size",
    )
    printer_folder: Path | None = Field(
        None, description="simulated printer: folder the PDFs are laid into"
    )
    tpm: str = Field(
        "",
        pattern=r"^((device|socket):/.+)?$",
        description="the chip under the keys, e.g. device:/dev/tpmrm0; empty: the PIN alone guards them",
    )
    power: Literal["", "sysfs", "simulated"] = Field(
        "", description="driver of the supply, whose ignition and door lock the screen; empty: none"
    )
    ignition: Path | None = Field(
        None,
        description="sysfs supply: the file that holds 1 while the ignition is on, e.g. a GPIO",
    )
    door: Path | None = Field(
        None, description="sysfs supply: the file that holds 1 while the door is open"
    )
    idle_lock_s: int = Field(
        90, ge=10, description="seconds without a touch until the screen locks"
    )
    provider_files: Path | None = Field(
        None,
        description="folder whose CSV files the desk offers: a provider's stick, mounted read-only by hand; "
        "empty offers the browser's own file dialog alone",
    )
    originals: bool = Field(
        False,
        description="keep each sheet's picture as fed, which goes up at the depot (uplink.depots)",
    )
    known_forms: bool = Field(
        True,
        description="read pages printed from a known blank form in its places; off reads all by their labels",
    )
    blanks: Path | None = Field(
        None,
        description="the city's own blank forms; empty knows the program's own; city hall's office needs them too",
    )
    readers: int = Field(2, ge=1, le=8, description="worker processes that decode and read pages")
    procedure: str = Field(
        "care-renewal", description="the form file this counter takes in batches"
    )
    procedures: list[str] | None = Field(
        None,
        max_length=40,
        description="the form files taken one by one; empty takes none, left out all that ship with the product",
    )
    policy: Path | None = Field(
        None,
        description="the city's decisions (docs/procedures.md); empty takes the usual ones that ship with the product",
    )
    city: str = Field("盛岡市", description="the city's name on screens and receipts")
    division: str = Field("介護保険課", description="the division's name on screens and receipts")
    contact: str = Field(
        "", description="the division's telephone number on receipts; may be empty"
    )
    insurer_no: str = Field("032011", pattern=r"^\d{6}$", description="the city's insurer number")
    receipt_host: Annotated[str, AfterValidator(checked_host)] = Field(
        "receipt.example.jp",
        description="host of the receipts' QR address, at most 37 signs with its port; nothing is fetched there",
    )


class UplinkSettings(Section):
    """The room that sees the network."""

    folder: Path = Field(description="the uplink's own data: its TLS key, its link history")
    hall_url: str = Field(description="the intake, e.g. wss://intake.example.jp:8443/bus")
    ca: Path = Field(description="city hall's certificate authority (PEM)")
    certificate: Path = Field(description="this box's certificate (PEM)")
    key: Path = Field(description="this box's TLS key (PEM)")
    bundle: Path = Field(
        description="the uplink's own copy of the key bundle; newer ones arrive by mail"
    )
    root: Path = Field(
        description="the city's root document (root.json) that every bundle's chain must come by"
    )
    depots: list[IPvAnyNetwork] = Field(
        default=[],
        description='networks of depots, e.g. ["10.20.0.0/16"]: on an address of theirs originals go up too',
    )
    health_port: int = Field(
        8402, ge=0, le=65535, description="loopback port for the link's state and switch"
    )
    keep_hours: int = Field(
        72,
        ge=0,
        le=72,
        description="hours this box keeps what city hall confirmed; at most the city's decision (box_hours)",
    )
    heartbeat_s: float = Field(
        5.0, gt=0, description="seconds of silence after which a ping is sent"
    )


class CallSettings(Section):
    """The room that carries the face-to-face call."""

    folder: Path = Field(description="the call's own data")
    switchboard_url: str = Field(description="e.g. wss://switchboard.example.jp:8444/bus")
    ca: Path = Field(description="city hall's certificate authority (PEM)")
    certificate: Path = Field(description="this box's certificate (PEM)")
    key: Path = Field(description="this box's TLS key (PEM)")
    health_port: int = Field(8403, ge=0, le=65535, description="loopback port for the call's state")


class PorterSettings(Section):
    """The room that keeps the USB sockets."""

    allowed: Path = Field(
        Path("/etc/madobus/usb.toml"), description="the list of USB devices this box may use"
    )
    folder: Path = Field(
        Path("/run/madobus-porter"),
        description="the porter's memory of this start; must be empty after each start of the machine",
    )
    sockets: Path = Field(
        Path("/sys/bus/usb/devices"), description="where the kernel shows the USB sockets"
    )
    settle_s: float = Field(
        20.0, ge=0, description="seconds until the start is over and no new keyboard is taken"
    )


class BusSettings(Section):
    """One bus."""

    device: str = Field(pattern=r"^[a-z0-9-]{1,32}$", description="the box's name, e.g. bus-07")
    mail: Path = Field(description="the shelf that desk and uplink share, and nothing else")
    desk: DeskSettings
    uplink: UplinkSettings
    call: CallSettings
    porter: PorterSettings = Field(default_factory=lambda: PorterSettings.model_validate({}))


def read_settings(path: Path) -> BusSettings:
    """Read and check the bus's TOML file; raises ValueError naming the setting that is wrong."""
    return BusSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
