"""What the office holds, opened as hall.toml says: cases, shelf, keys, audit, and the erasures over all of them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher

from cityhall.config import HallSettings
from cityhall.mail.opening import open_hall_mail
from cityhall.mail.store import HallMail
from cityhall.office.accounts import Accounts
from cityhall.office.audit import Audit
from cityhall.office.case_keys import CaseKeys, open_keys
from cityhall.office.database import key_folder, open_office
from cityhall.office.epochs import Epochs
from cityhall.office.erasing import Eraser
from keeping.database import Database
from sync.keys import Signer, read_key


@dataclass(frozen=True, slots=True)
class Custody:
    """The office's stores and the keys that open and erase what is in them."""

    database: Database
    mail: HallMail
    epochs: Epochs
    case_keys: CaseKeys
    audit: Audit
    accounts: Accounts
    signer: Signer
    eraser: Eraser


@contextmanager
def open_custody(settings: HallSettings, now: Callable[[], datetime]) -> Iterator[Custody]:
    """Open everything and finish the erasures that were cut; closed again at the end of the block.

    Raises AuditError for a broken audit.
    """
    database, mail = open_office(settings.office.folder), open_hall_mail(settings)
    keys = open_keys(key_folder(settings.office))
    try:
        audit = Audit(database, now)
        audit.check()
        signer = Signer.from_seed(
            read_key(settings.office.signer.read_text(encoding="utf-8"), "signer")
        )
        epochs = Epochs(settings.office.division_keys)
        case_keys = CaseKeys(keys, database, secrets.token_bytes)
        eraser = Eraser(
            database=database,
            shelf=mail,
            keys=case_keys,
            months=epochs.months,
            audit=audit,
            signer=signer,
            now=now,
        )
        eraser.finish()
        accounts = Accounts(database, now, PasswordHasher(), secrets.token_bytes)
        yield Custody(database, mail, epochs, case_keys, audit, accounts, signer, eraser)
    finally:
        mail.close()
        keys.close()
        database.close()
