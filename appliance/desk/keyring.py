"""The desk's key folder: who this box is, who may open it, and whose bundle it believes.

The folder (settings `desk.keys`, mode 0700, written by provisioning) holds three files:

`signer.key`  a text key file of kind "signer" (`sync.keys.write_key`): the box's 32-byte
              signing seed; mode 0600.
`root.json`   the city's root document, the newest this box has walked to (`sync.root`).
`staff.json`  UTF-8 JSON, one entry per member of staff who may open a visit on this box:
              `{"S-014": {"name": "工藤 真", "reading": "<base64>"}}`, where `reading` is standard
              base64 of `appliance.desk.pinsecret.close_secret` over the 32-byte seed of the box's
              reading key (`sync.keys.OpeningKey`). The same seed is locked once per member of
              staff, each under that person's own PIN (4 to 12 digits, as text). On a box with a
              chip each entry has its `slot` there (1 to 32), and the file alone is no help in
              guessing a PIN. No other secret is in the file.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.desk.pinsecret import open_secret
from hardware.protocols import Tpm
from sync.errors import SealError
from sync.keys import OpeningKey, Signer, read_key
from sync.root import decode_root

SIGNER_FILE = "signer.key"
ROOT_FILE = "root.json"
STAFF_FILE = "staff.json"
STAFF_MAX = 200


class KeyringError(Exception):
    """The key folder is not as provisioning leaves it; the box must be enrolled again."""


class WrongPin(Exception):  # noqa: N818 - a fact about the person's entry, not a fault of the program
    """The staff id and PIN do not belong together."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff: id on receipts, name on screens, reading key under the PIN, and the chip's slot for it."""

    staff_id: str
    name: str
    locked: bytes
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Keyring:
    """All that the key folder holds; nothing in it opens a letter without a PIN."""

    signer: Signer
    root: Path
    staff: Mapping[str, Staff]

    def open_reading(self, staff_id: str, pin: str, tpm: Tpm | None = None) -> OpeningKey:
        """Return the reading key; raises WrongPin for unknown id and wrong PIN alike, or the chip's DeviceError."""
        person = self.staff.get(staff_id)
        if person is None:
            raise WrongPin
        try:
            return OpeningKey.from_seed(open_secret(person.locked, pin, tpm, person.slot))
        except SealError as error:
            raise WrongPin from error


def read_keyring(folder: Path) -> Keyring:
    """Read the key folder; raises KeyringError with place, rule, fact and remedy."""
    seed = _key(folder / SIGNER_FILE, "signer")
    root = _root(folder / ROOT_FILE)
    return Keyring(
        Signer.from_seed(seed),
        root,
        _staff(folder / STAFF_FILE),
    )


def _root(path: Path) -> Path:
    try:
        decode_root(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SealError) as error:
        raise KeyringError(
            f"{path.name}: must be the city's root document; {error}; enrol"
        ) from error
    return path


def _key(path: Path, kind: str) -> bytes:
    try:
        return read_key(path.read_text(encoding="utf-8"), kind)
    except (OSError, ValueError) as error:
        raise KeyringError(
            f"{path.name}: must be a key file of kind {kind}; {error}; enrol"
        ) from error


def _staff(path: Path) -> Mapping[str, Staff]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        people = {key: _person(key, value) for key, value in dict(table).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyringError(
            f"{path.name}: must list the staff of this box; {error}; enrol"
        ) from error
    if len(people) > STAFF_MAX:
        raise KeyringError(f"{path.name}: at most {STAFF_MAX} people; {len(people)}; enrol fewer")
    return people


def _person(staff_id: str, entry: Mapping[str, str]) -> Staff:
    locked = base64.b64decode(entry["reading"], validate=True)
    return Staff(staff_id, str(entry["name"]), locked, int(entry.get("slot", 0)))
