"""A bus's counter and city hall's office under one bundle; what each gives out is carried to the other by hand."""

import hashlib
import os
from pathlib import Path

from appliance.mail.store import MailStore
from cityhall.office.arrivals import Arrivals
from cityhall.office.casework import Casework
from cityhall.office.correspondence import Post, post_visit_pack
from cityhall.office.keyring import Keyring
from cityhall.office.last_cases import LastCases
from cityhall.office.notes_in import NotesIn
from cityhall.office.vault import Vault
from procedures.definition import load
from sync.letters import VisitPack
from sync.verify import read_header
from tests.support.counterworld import DEVICE, CounterWorld
from tests.support.office_world import OfficeWorld
from tests.support.roots import bundle_text


class BothEnds:
    """City hall's shelf and office, opened with the keys of a counter's city."""

    def __init__(self, bus: CounterWorld, mail: MailStore, folder: Path) -> None:
        folder.mkdir()
        self.bus, self.mail = bus, mail
        self.hall = OfficeWorld(folder)
        bundle = folder / "city-bundle.json"
        bundle.write_text(bundle_text(bus.bundle()))
        keyring = Keyring(bundle)
        self.hall.add_epoch("2026-08", bus.division)
        vault = Vault(self.hall.epochs, keyring, self.hall.case_keys, self.hall.audit)
        self.casework = Casework(
            shelf=self.hall.mail,
            store=self.hall.store,
            inbox=self.hall.inbox,
            vault=vault,
            audit=self.hall.audit,
            post=Post(bus.office, keyring.bundle, bus.clock, os.urandom),
        )
        hall = self.hall
        notes = NotesIn(hall.mail, vault, hall.questions, hall.evaluation, hall.bags)
        self.arrivals = Arrivals(
            hall.mail, hall.store, vault, hall.board, keyring.bundle, notes=notes
        )
        self.last_cases = LastCases(
            self.hall.database, self.hall.mail, vault, lambda name: load(name).carried
        )

    def up(self) -> None:
        """Bring every envelope with all its parts to city hall, as the link would; twice does no harm."""
        for envelope in self.mail.due():
            slip = self.mail.slip(envelope.env_id)
            header = read_header(slip)
            self.hall.mail.commit_slip(
                envelope.env_id,
                device=DEVICE,
                slip=slip,
                header=header,
                sha256=hashlib.sha256(slip).digest(),
                at=self.bus.clock.wall,
                receipt_for=_receipt,
            )
            if not header.parts:
                self.hall.mail.completed(envelope.env_id, _receipt)
            for part in header.parts:
                data = self.mail.part(envelope.env_id, part.index)
                if self.hall.mail.commit_part(envelope.env_id, part.index, data):
                    self.hall.mail.completed(envelope.env_id, _receipt)
        self.arrivals.take_all()

    def down(self) -> None:
        """Bring every letter in the bus's tray onto its shelf."""
        for letter_id in self.hall.mail.letters_for(DEVICE):
            letter = self.hall.mail.letter(DEVICE, letter_id)
            assert letter is not None
            self.mail.put_letter(letter_id, letter.kind, letter.body, self.bus.clock.now())

    def post_pack(self, pack: VisitPack) -> None:
        """Seal a visit pack and lay it into the tray."""
        post_visit_pack(
            self.hall.mail,
            pack,
            self.bus.bundle(),
            self.bus.office,
            DEVICE,
            self.bus.clock,
            os.urandom,
        )

    def close(self) -> None:
        """Let go of city hall's files."""
        self.hall.close()


def _receipt(_filing_no: str, _log_index: int) -> bytes:
    return b"receipt"
