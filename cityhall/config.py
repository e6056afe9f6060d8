"""Every setting of city hall: type, default, check and one line of help. Read from one TOML file."""

import tomllib
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """A part of the file; an unknown key is an error, so that a typing mistake is found at start."""

    # What is wrong is named, not shown: it may be a password in the wrong place.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class IntakeSettings(Section):
    """The room in the DMZ that hears the buses; it holds no key that opens anything."""

    name: str = Field(
        "intake",
        pattern=r"^[A-Za-z0-9.-]{1,32}$",
        description="this intake's name beside others on one shelf",
    )
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
    """The room of the caseworkers; it holds the division's keys."""

    folder: Path = Field(description="the office's own data: office.db, audit log")
    host: str = Field("127.0.0.1", description="address of the caseworkers' screens")
    port: int = Field(8501, ge=0, le=65535, description="port of the caseworkers' screens")
    division_keys: Path = Field(
        description="the division's private keys, a folder with one file a month (or one file); open new envelopes"
    )
    case_keys: Path | None = Field(
        None,
        description="keys.db, the applications' own keys: in no backup of the cases; empty is case-keys in the folder",
    )
    signer: Path = Field(description="signs letters to the buses")
    bundle: Path = Field(description="the city's key bundle (public)")
    insurer_no: str = Field(
        "032011", pattern=r"^\d{6}$", description="this city's insurer number (保険者番号)"
    )
    policy: Path | None = Field(
        None,
        description="the city's decisions, the same file as the boxes' (desk.policy); empty takes the usual ones",
    )
    blanks: Path | None = Field(
        None,
        description="the city's own blank forms, for first looks; empty knows the program's own",
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
    mail: Path | None = Field(
        None, description="the shelf of a hall on one machine: a folder, and nothing else in it"
    )
    mail_database: str | None = Field(
        None,
        description="the shelf beyond one machine: postgresql://USER@HOST/NAME; "
        "the password stands in PGPASSFILE or PGPASSWORD",
    )
    blobs: str | None = Field(
        None, description="where its sealed parts lie: s3://BUCKET?endpoint=https://HOST"
    )
    blobs_keys: Path | None = Field(
        None,
        description="TOML file with access_key_id and secret_access_key; "
        "empty takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )
    intake: IntakeSettings
    office: OfficeSettings
    switchboard: SwitchboardSettings

    @model_validator(mode="after")
    def _one_shelf(self) -> Self:
        """Take either a folder or the two stores that machines share, and no secret in an address."""
        shared = self.mail_database is not None and self.blobs is not None
        half = self.mail_database is not None or self.blobs is not None
        if shared == (self.mail is not None) or half != shared:
            raise ValueError("mail: give a folder, or mail_database together with blobs")
        if any(_has_secret(one) for one in (self.mail_database, self.blobs) if one is not None):
            raise ValueError(
                "mail_database, blobs: an address holds no password; write it into PGPASSFILE or blobs_keys"
            )
        return self


def _has_secret(address: str) -> bool:
    found = urlsplit(address)
    # libpq knows more than one: password, sslpassword.
    return found.password is not None or any("password" in name for name in parse_qs(found.query))


def read_settings(path: Path) -> HallSettings:
    """Read and check city hall's TOML file; raises ValueError naming the setting that is wrong."""
    return HallSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
