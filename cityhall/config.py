"""Every setting of city hall: type, default, check and one line of help. Read from one TOML file."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the file; an unknown key is an error, so that a typing mistake is found at start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IntakeSettings(Section):
    """The room in the DMZ that hears the buses; it holds no key that opens anything."""

    folder: Path = Field(description="the intake's own data: partial pieces, its TLS key")
    host: str = Field("127.0.0.1", description="address the buses reach")
    port: int = Field(8443, ge=0, le=65535, description="port the buses reach; 0 takes a free one")
    certificate: Path = Field(description="the intake's certificate (PEM)")
    key: Path = Field(description="the intake's TLS key (PEM)")
    client_ca: Path = Field(description="the authority that signed the boxes' certificates (PEM)")
    countersigner: Path = Field(
        description="the key that countersigns receipts and time beacons; it opens nothing"
    )
    bundle: Path = Field(description="the city's key bundle (public)")


class OfficeSettings(Section):
    """The room of the caseworkers; it holds the division's key."""

    folder: Path = Field(description="the office's own data: office.db, audit log")
    host: str = Field("127.0.0.1", description="address of the caseworkers' screens")
    port: int = Field(8501, ge=0, le=65535, description="port of the caseworkers' screens")
    division_key: Path = Field(description="the division's private key; opens the envelopes")
    signer: Path = Field(description="signs letters to the buses")
    bundle: Path = Field(description="the city's key bundle (public)")
    insurer_no: str = Field(
        "032011", pattern=r"^\d{6}$", description="this city's insurer number (保険者番号)"
    )
    idle_minutes: int = Field(
        10, ge=1, description="minutes without a touch until sign-in is asked again"
    )
    behind_tls: bool = Field(
        False, description="a TLS proxy stands before the screens; marks cookies for TLS"
    )


class SwitchboardSettings(Section):
    """The room that connects a bus with a caseworker's browser."""

    folder: Path = Field(description="the switchboard's own data")
    host: str = Field("127.0.0.1", description="address the buses reach")
    port: int = Field(8444, ge=0, le=65535, description="port the buses reach")
    certificate: Path = Field(description="the switchboard's certificate (PEM)")
    key: Path = Field(description="the switchboard's TLS key (PEM)")
    client_ca: Path = Field(description="the authority that signed the boxes' certificates (PEM)")
    bundle: Path | None = Field(
        None,
        description="the city's key bundle: unknown and revoked boxes are refused; empty asks the certificate only",
    )
    office_socket: Path | None = Field(
        None, description="socket where the office's side calls; empty is office.sock in the folder"
    )


class HallSettings(Section):
    """One city hall."""

    city: str = Field("盛岡市", description="the city's name on screens and receipts")
    division: str = Field("介護保険課", description="the division's name on screens and receipts")
    mail: Path = Field(description="the shelf that intake and office share, and nothing else")
    intake: IntakeSettings
    office: OfficeSettings
    switchboard: SwitchboardSettings


def read_settings(path: Path) -> HallSettings:
    """Read and check city hall's TOML file; raises ValueError naming the setting that is wrong."""
    return HallSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
