"""The batch on the counter: everything a person may do with it between declaring and receipts."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from appliance.desk import batch as steps
from appliance.desk.application import Application, choose, confirm, type_in
from appliance.desk.bagtray import BagTray
from appliance.desk.batch import Again, Batch, Declaration, Phase
from appliance.desk.clock import japan_day
from appliance.desk.drafts import DraftsFull
from appliance.desk.examining import Rules
from appliance.desk.filling import Filling, begun, deadline_of, filled
from appliance.desk.handedpages import HandedPages
from appliance.desk.handover import Handover, Pictures
from appliance.desk.joining import Joining, join, join_anew
from appliance.desk.letters import Correction, answers, corrections
from appliance.desk.openvisit import OpenVisit
from appliance.desk.pages.sheet import QrCode
from appliance.desk.pages.split import due_for
from appliance.desk.partners import Partners, Refused
from appliance.desk.providerlist.learnt import Learnt
from appliance.desk.providerlist.lists import Lists
from appliance.desk.recording import Stop
from appliance.desk.sheets import UNREADABLE, nameable
from appliance.desk.snapshot import BATCHES_MAX
from appliance.desk.work import Work
from hardware.protocols import Scanner
from sync.errors import LocalError
from sync.letters import Answer, CorrectionRequest

log = logging.getLogger(__name__)

ID_BYTES = 16


class Tray:
    """One open visit's batches. Only one person works at a counter, so its steps run one by one."""

    def __init__(self, partners: Partners, visit: OpenVisit, known: HandedPages) -> None:
        self._partners = partners
        self._visit = visit
        self._known = known
        self._turn = asyncio.Lock()
        self.lists = Lists(visit.drafts, Learnt(partners.folder), lambda: partners.procedure)
        self._handover = Handover(
            device=partners.device,
            signer=partners.keyring.signer,
            mail=partners.mail,
            clock=partners.clock,
            random=partners.random,
        )
        self.work = Work(
            visit,
            partners.scanner,
            partners.reader,
            partners.workers,
            known,
            deep=self._deep,
            settle=self._join,
            monotonic=partners.clock.monotonic,
        )

    async def take_up(self) -> None:
        """Go on where a restart left off: what the shelf holds is handed in, the rest is read."""
        await self.lists.load()
        batch = self._visit.batch
        for item in () if batch is None else batch.applications:
            proof = None if item.handed else await asyncio.to_thread(self._handover.proof, item)
            if proof is not None:
                await self._note_handed(replace(item, handed=proof))
        await self.work.resume()

    @property
    def unfinished(self) -> bool:
        """Whether closing the visit now would throw something away."""
        return any(map(_waits, self._visit.snapshot.batches))

    async def declare(self, count: int, reason: str) -> None:
        """Start a batch of so many applications, or change the count of the one in work."""
        visit = self._visit
        if visit.pack is None:
            raise Refused("refused.stop_none")
        if not 1 <= count <= steps.DECLARED_MAX:
            raise Refused("refused.declare_range", most=steps.DECLARED_MAX)
        batch = visit.batch
        if batch is not None and not batch.single and batch.phase is not Phase.HANDED_IN:
            if batch.sheets and count != batch.declared and not reason.strip():
                raise Refused("refused.declare_reason")
            await self.step(lambda b: steps.declare(b, count, reason.strip()))
            return
        if self.work.busy:
            raise Refused("refused.form_busy")
        room = await asyncio.to_thread(self._partners.mail.room_left)
        if room < count:
            raise Refused("refused.room", room=room)
        await self.begin(self._new_batch(Declaration(count)))

    async def start_correction(self, request_id: str) -> None:
        """Start a batch that answers one correction request (補正)."""
        batch = self._visit.batch
        waits = batch is not None and batch.sheets and batch.phase is not Phase.HANDED_IN
        if self.work.busy or (waits and batch is not None and not batch.single):
            raise Refused("refused.returned_busy")
        for entry in await self.corrections():
            if request_id in (entry.content.request_id.hex(), entry.letter_id):
                fresh = self._answering(entry.content)
                await self.begin(replace(fresh, request=entry.letter_id))
                return
        raise Refused("refused.returned_unknown")

    async def begin(self, batch: Batch) -> None:
        """Start the next batch of this visit; raises Refused where it has as many as it may."""
        try:
            await self._visit.begin(batch)
        except LocalError as error:
            raise Refused("refused.batches", most=BATCHES_MAX) from error

    async def corrections(self) -> list[Correction]:
        """Return what city hall asked to be completed for this stop's provider."""
        found = await asyncio.to_thread(self._corrections)
        provider = self._visit.snapshot.provider_no
        return [one for one in found if provider in ("", one.content.provider_no)]

    async def answers(self) -> list[Answer]:
        """Return what city hall answered for this stop's provider, or for everybody."""
        partners, visit = self._partners, self._visit
        found = await asyncio.to_thread(
            answers, partners.mail, partners.bundles.current, visit.reading
        )
        provider = visit.snapshot.provider_no
        return [one for one in found if not provider or one.provider_no in {"", provider}]

    async def feed(self, feeder: Scanner | None = None) -> None:
        """Start pulling the stack in, or pages under the camera; a second press while it runs changes nothing."""
        if self._visit.batch is None:
            raise Refused("refused.declare_first")
        if not self._visit.drafts.room():
            raise Refused("refused.disk_full")
        if await self.work.feed(feeder):
            log.info("feed.started")

    async def leave_trouble(self) -> None:
        """Note that the stack is through although feeding stopped: nothing more will be fed."""
        await self.step(lambda batch: replace(batch, trouble=None, retake=0))

    async def take_again(self, number: int) -> None:
        """Await another picture of a sheet the quality gate is not content with."""
        await self.step(lambda batch: steps.await_again(batch, number))

    async def answer(self, app_id: str, values: Mapping[str, str]) -> None:
        """Keep what a person typed into one application, and check it again."""
        item = self.item(app_id)
        form = self._partners.form_of(self._visit.current())
        fields = {field.key: field for field in form.fields}
        typed = {k: fields[k].normalise(v) for k, v in values.items() if k in fields}
        changed = {k: v for k, v in typed.items() if v != item.value(k)}
        if changed:
            await self.step(
                lambda batch: self._join(
                    steps.with_application(batch, type_in(batch.application(app_id), changed))
                )
            )

    async def choose(self, app_id: str, key: str, value: str) -> None:
        """Take what one source says of a field on which sources differ; raises Refused for anything else."""
        self.item(app_id)
        await self.step(
            lambda batch: self._join(
                steps.with_application(batch, choose(batch.application(app_id), key, value))
            )
        )

    async def join_again(self) -> None:
        """Put a batch that is read together once more: what is known of its people has changed."""
        batch = self._visit.batch
        if batch is not None and batch.phase is Phase.CHECKING:
            await self.step(lambda current: join_anew(current, self._join))

    async def confirm(self, app_id: str) -> None:
        """Note that a person looked at one application and stands behind it."""
        self.item(app_id)
        await self.step(
            lambda batch: self._join(
                steps.with_application(batch, confirm(batch.application(app_id)))
            )
        )

    async def confirm_clean(self) -> None:
        """Confirm with one press every application with nothing missing and nothing doubtful."""
        await self.step(_confirm_clean)

    async def move(self, number: int, target: str) -> None:
        """Put a sheet where a person says; raises Refused for a sheet nobody can read."""
        try:
            sheet = self._visit.current().sheet(number)
        except LocalError as error:
            raise Refused("refused.step") from error
        if target != "aside" and sheet.kind == UNREADABLE:
            raise Refused("refused.unreadable", number=number)
        await self.step(lambda batch: self._join(steps.place(batch, number, target, self.fresh)))

    async def name(self, number: int, kind: str) -> None:
        """Note which of the form's papers a sheet is that the reader did not know; raises Refused."""
        form = self._partners.form_of(self._visit.current())
        if kind and kind not in nameable(form):
            raise Refused("refused.step")
        await self.step(lambda batch: self._join(steps.name(batch, number, kind)))

    async def hand_in(
        self, stop: Stop, *, protective: bool, ready: Callable[[Batch], Batch] | None = None
    ) -> int:
        """Hand in what is confirmed, and with `protective` all the rest; returns how many.

        A single case comes with the step that makes it `ready`: nothing gets between that step and the hand-in.
        Each application is durable with its receipt before the next one is sealed. Raises Refused
        when nothing may be handed in; ShelfFull stops at the first that finds no room.
        """
        async with self._turn:
            batch = self._visit.batch
            if batch is None or batch.phase is not Phase.CHECKING:
                raise Refused("refused.hand_in_not_now")
            if batch.single is not (ready is not None):
                # A page of a stack was left open beside a single case, or the other way round.
                raise Refused("refused.form_other")
            batch = batch if ready is None else await self._visit.change(ready)
            chosen = [item for item in batch.applications if _goes(item, protective=protective)]
            if not chosen:
                raise Refused("refused.hand_in_nothing")
            going = {item.app_id for item in chosen}
            await BagTray(self._partners, self._visit).settle(batch.batch_id, going)
            chosen = [self.item(item.app_id) for item in chosen]
            too_large = [item for item in chosen if not await self._hand_in_one(stop, item)]
            if too_large:
                raise Refused("refused.too_large", number=too_large[0].position)
            await self._visit.change(_loose_aside)
            if batch.request:
                letter_id = bytes.fromhex(batch.request)
                await asyncio.to_thread(self._partners.mail.mark_read, letter_id)
            return len(chosen)

    def item(self, app_id: str) -> Application:
        """Return an application of the batch in work; raises Refused."""
        try:
            return self._visit.current().application(app_id)
        except LocalError as error:
            raise Refused("refused.application") from error

    async def _hand_in_one(self, stop: Stop, item: Application) -> bool:
        """Hand one in; False when the agreement's limits refuse it, and the others go on."""
        visit = self._visit
        pictures = [await self._pictures(number) for number in item.sheets]
        bundle = self._partners.bundles.current
        moment = await asyncio.to_thread(self._handover.moment, stop, bundle)
        if await asyncio.to_thread(self._handover.proof, item) is None:
            item = await self._note_policy(item, moment.filing.policy)
        try:
            proof = await asyncio.to_thread(
                self._handover.hand_in,
                item,
                visit.current(),
                pictures,
                stop=stop,
                bundle=bundle,
                visit=visit.file.visit,
                moment=moment,
                deadline=deadline_of(self._partners.form_of(visit.current()), item),
            )
        except ValueError:
            log.exception("application.refused envelope=%s", item.env_id)
            return False
        await self._note_handed(replace(item, handed=proof, confirmed=True))
        return True

    async def _pictures(self, number: int) -> Pictures:
        """Return a sheet's pictures, the original only where the disk has room for such."""
        visit = self._visit
        reading = visit.current().sheet(number).reading
        wanted = reading is not None and reading.original is not None
        room = wanted and await asyncio.to_thread(self._partners.mail.room_for_originals)
        return Pictures(
            await visit.picture("page", number),
            await visit.picture("preview", number),
            await visit.picture("original", number) if room else b"",
        )

    async def _note_policy(self, item: Application, policy: str) -> Application:
        """Keep what the receipt will say of the day that counts: the shelf does not hold it, a cut may come."""
        noted = replace(item, filing_policy=policy)
        try:
            await self._visit.change(lambda batch: steps.with_application(batch, noted))
        except DraftsFull as error:
            raise Refused("refused.room", room=0) from error
        return noted

    async def _note_handed(self, item: Application) -> None:
        batch = await self._visit.change(lambda b: steps.with_application(b, item))
        pages = {batch.sheet(number).fed_sha256: item.env_id for number in item.sheets}
        await asyncio.to_thread(self._known.add, pages)

    async def step(self, step: Callable[[Batch], Batch]) -> None:
        """Apply one step to the batch in work and keep it; raises Refused for one that cannot be done."""
        async with self._turn:
            try:
                await self._visit.change(step)
            except LocalError as error:
                log.warning("step.refused cause=%s", type(error).__name__)
                raise Refused("refused.step") from error

    def _corrections(self) -> list[Correction]:
        partners = self._partners
        return corrections(partners.mail, partners.bundles.current, self._visit.reading)

    def _answering(self, request: CorrectionRequest) -> Batch:
        """Return the batch that answers a request: a stack, or the form's own pages for a case that was filled in."""
        if request.procedure == self._partners.procedure.id:
            return self._new_batch(Declaration(1))
        try:
            form = self._partners.forms.of(request.procedure)
        except KeyError:
            raise Refused("refused.form_unknown") from None
        again = Again(request.fields, request.missing, request.case_id.hex())
        return begun(self._partners.random(ID_BYTES).hex(), form, self.fresh, again)

    def _new_batch(self, declaration: Declaration) -> Batch:
        procedure = self._partners.procedure
        batch_id = self._partners.random(ID_BYTES).hex()
        return Batch(batch_id, procedure.id, procedure.version, (declaration,))

    def fresh(self) -> Application:
        """Return a new application with ids of its own."""
        random = self._partners.random
        return Application(random(ID_BYTES).hex(), random(ID_BYTES).hex(), 0, ())

    def _deep(self, code: QrCode | None) -> bool:
        """Tell whether a sheet is read: nobody expects its code, or only the last case says what stands on it."""
        pack, batch = self._visit.pack, self._visit.batch
        correcting = batch is not None and bool(batch.request or batch.single)
        due = () if pack is None else pack.due
        entry = None if code is None else due_for(code, "", due)
        return correcting or entry is None or entry.last is not None

    def filling(self, batch: Batch) -> Filling:
        """Return what one case filled in at the desk is examined by."""
        partners = self._partners
        today = japan_day(partners.clock.now().wall)
        form = partners.form_of(batch)
        return Filling(form, Rules(form, today, partners.insurer_no))

    def _join(self, batch: Batch) -> Batch:
        if batch.single:
            return filled(batch, self.filling(batch))
        partners, visit = self._partners, self._visit
        request = None
        if batch.request:
            found = self._corrections()
            request = next((c.content for c in found if c.letter_id == batch.request), None)
        today = japan_day(partners.clock.now().wall)
        return join(
            batch,
            Joining(
                due=() if visit.pack is None else visit.pack.due,
                filed=_filed_before(visit, batch),
                rules=Rules(partners.procedure, today, partners.insurer_no),
                fresh=self.fresh,
                request=request,
                listed=self.lists.said,
                pending=frozenset(() if visit.pack is None else visit.pack.pending),
            ),
        )


def _waits(batch: Batch) -> bool:
    """Tell whether a batch of this visit holds something that is not handed in; an empty form is nothing."""
    if batch.phase in (Phase.FEEDING, Phase.READING):
        return True
    waiting = any(not item.handed and not item.twice for item in batch.applications)
    return waiting and not batch.idle


def _confirm_clean(batch: Batch) -> Batch:
    items = tuple(confirm(item) if item.clean else item for item in batch.applications)
    return replace(batch, applications=items)


def _goes(item: Application, *, protective: bool) -> bool:
    if item.handed or item.twice:
        return False
    return protective or (item.confirmed and not item.has("block"))


def _loose_aside(batch: Batch) -> Batch:
    """Put what belongs to nobody aside, as the check page said it would be."""
    for sheet in batch.loose():
        batch = steps.with_sheet(batch, replace(sheet, aside=True))
    return batch


def _filed_before(visit: OpenVisit, batch: Batch) -> frozenset[str]:
    """Return the insured numbers handed in with earlier batches of this visit."""
    earlier = (b for b in visit.snapshot.batches if b.batch_id != batch.batch_id)
    items = (item for b in earlier for item in b.applications if item.handed)
    return frozenset(item.value("insured_no") for item in items) - {""}
