"""One case at a time on the counter: choose its form, fill it in, put it by and take it up again, hand it in."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from appliance.desk.application import confirm
from appliance.desk.batch import Batch, Phase, with_application
from appliance.desk.filling import Filling, begun, put, split
from appliance.desk.openvisit import OpenVisit
from appliance.desk.partners import Partners, Refused
from appliance.desk.recording import Stop
from appliance.desk.tray import ID_BYTES, Tray
from hardware.protocols import Scanner
from procedures.codes import Choices
from procedures.marks import NOTE, PAPER, TASK, mark
from procedures.procedure import Procedure
from sync.errors import LocalError

log = logging.getLogger(__name__)


class FormTray:
    """The single cases of one open visit. It changes a batch only by the tray's own steps."""

    def __init__(self, partners: Partners, visit: OpenVisit, tray: Tray) -> None:
        self._partners = partners
        self._visit = visit
        self._tray = tray

    @property
    def put_by(self) -> tuple[tuple[Batch, Procedure], ...]:
        """Every case and stack of this visit that waits to be gone on with, but the one in work."""
        return tuple(
            (batch, self._partners.form_of(batch))
            for batch in self._visit.snapshot.batches
            if batch is not self._visit.batch and _open(batch)
        )

    def here(self) -> tuple[Batch, Procedure]:
        """Return the case in work and its form; raises Refused where a stack is, or nothing."""
        batch = self._visit.batch
        if batch is None or not batch.single or batch.dropped:
            raise Refused("refused.form_none")
        return batch, self._partners.form_of(batch)

    async def start(self, procedure: str) -> None:
        """Begin a case of this form; what was in work is put by. Raises Refused."""
        if self._visit.pack is None:
            raise Refused("refused.stop_none")
        try:
            form = self._partners.forms.of(procedure)
        except KeyError:
            raise Refused("refused.form_unknown") from None
        self._may_leave()
        room = await asyncio.to_thread(self._partners.mail.room_left)
        if room < len(form.departments if form.pattern == "one_stop" else form.departments[:1]):
            raise Refused("refused.room", room=room)
        batch_id = self._partners.random(ID_BYTES).hex()
        await self._tray.begin(begun(batch_id, form, self._tray.fresh))
        log.info("form.begun form=%s", form.id)

    async def answer(self, values: Mapping[str, str]) -> None:
        """Keep the answers of one topic, written canonically; a key that the form has not is left out."""
        _, form = self.here()
        known = {key: form.field_or_none(key) for key in values}
        told = {key: field.normalise(values[key]) for key, field in known.items() if field}
        await self._put(told)

    async def note(self, values: Mapping[str, str]) -> None:
        """Keep what the desk notes on tasks, papers and for departments."""
        _, form = self.here()
        told: dict[str, str] = {}
        for key, value in values.items():
            found = mark(form, key) if key.partition(".")[0] in (TASK, PAPER, NOTE) else None
            if found is not None and (not found.choices or value in _codes(found.choices)):
                told[key] = value.strip()
        await self._put(told)

    async def feed(self, document: str, feeder: Scanner | None = None) -> None:
        """Start reading one paper of the form, by the sheet scanner or the given feeder."""
        _, form = self.here()
        paper = next((one for one in form.documents if one.id == document), None)
        if paper is None:
            raise Refused("refused.form_paper")
        # What is fed counts as the paper only under one of its kinds, and only then goes to its departments alone.
        kind = document if document in paper.any_of else paper.any_of[0]
        await self._tray.step(lambda batch: _wanting(batch, kind))
        await self._tray.feed(feeder)

    async def put_by_now(self) -> None:
        """Leave the case as it stands; a new one, a stack or this one is taken up next. Raises Refused."""
        self.here()
        self._may_leave()
        await self._tray.step(lambda batch: _wanting(batch, ""))

    async def go_on(self, batch_id: str) -> None:
        """Take a case up again that was put by; raises Refused."""
        self._may_leave()
        if batch_id not in {batch.batch_id for batch, _ in self.put_by}:
            current = self._visit.batch
            if current is None or current.batch_id != batch_id:
                raise Refused("refused.form_none")
        try:
            await self._visit.bring_forward(batch_id)
        except LocalError as error:
            raise Refused("refused.form_none") from error
        await self._tray.work.resume()

    async def drop(self) -> None:
        """Let the case be: the person goes away with it, and nothing of it is handed in."""
        batch, _ = self.here()
        if any(item.handed for item in batch.applications):
            raise Refused("refused.form_handed")
        self._may_leave()
        await self._tray.step(_dropped)

    async def hand_in(self, stop: Stop) -> int:
        """Hand the case in as it stands, each department's part in an envelope of its own; returns how many.

        What is missing travels as said; a shelf that fills up in between takes the rest at the next press.
        """
        batch, form = self.here()
        if batch.phase is not Phase.CHECKING:
            raise Refused("refused.hand_in_not_now")
        item = batch.applications[0]
        if not item.typed and not item.sheets:
            raise Refused("refused.form_empty")

        def ready(each: Batch) -> Batch:
            sure = with_application(each, confirm(each.applications[0]))
            return split(sure, form, self._tray.fresh)

        return await self._tray.hand_in(stop, protective=True, ready=ready)

    def filling(self, batch: Batch) -> Filling:
        """Return the form and rules of a case."""
        return self._tray.filling(batch)

    async def _put(self, values: Mapping[str, str]) -> None:
        def step(batch: Batch) -> Batch:
            return put(_wanting(batch, ""), self._tray.filling(batch), values)

        await self._tray.step(step)

    def _may_leave(self) -> None:
        """Refuse to leave a batch while pages of it are pulled or read."""
        if self._tray.work.busy:
            raise Refused("refused.form_busy")


def _open(batch: Batch) -> bool:
    waits = any(not each.handed and not each.twice for each in batch.applications)
    return waits and not batch.idle and bool(batch.sheets or batch.single)


def _codes(choices: Choices) -> set[str]:
    """Return the words a note may have; nothing takes it back."""
    return {"", *(choice.code for choice in choices)}


def _wanting(batch: Batch, document: str) -> Batch:
    return replace(batch, wanted=document)


def _dropped(batch: Batch) -> Batch:
    return replace(batch, dropped=True, wanted="")
