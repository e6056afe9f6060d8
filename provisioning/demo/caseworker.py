"""The demonstration's caseworker: an account made once, its secrets kept beside the demonstration's data."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pyotp

from provisioning.files import SECRET, write_whole

NAME = "佐藤"


class CaseworkerError(RuntimeError):
    """The account could not be made; the office's own words say why."""


@dataclass(frozen=True, slots=True)
class Caseworker:
    """Who signs in at the office of the demonstration."""

    name: str
    password: str
    totp_secret: str

    def code(self) -> str:
        """Return the one-time code of this half minute."""
        return pyotp.TOTP(self.totp_secret).now()


async def caseworker(data: Path, hall_settings: Path) -> Caseworker:
    """Return the caseworker's secrets, making the account at the first start of a data folder."""
    kept = data / "caseworker.json"
    if not kept.exists():
        arguments = ("--config", str(hall_settings), "add", NAME, "--role", "caseworker", "--json")
        adding = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cityhall.office.accounts",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, complaint = await adding.communicate()
        if adding.returncode:
            raise CaseworkerError(complaint.decode(errors="replace").strip())
        write_whole(kept, told, SECRET)
    facts = json.loads(kept.read_text(encoding="utf-8"))
    return Caseworker(facts["name"], facts["password"], facts["totp_secret"])
