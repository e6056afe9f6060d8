"""The bags of one open visit: each change noted with time and staff id, and the list that goes to city hall."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from appliance.desk.custody import (
    CustodyError,
    Original,
    Step,
    originals,
    step_for,
    with_bag,
)
from appliance.desk.drafts import DraftsFull
from appliance.desk.openvisit import OpenVisit
from appliance.desk.partners import Partners, Refused
from appliance.desk.snapshot import Snapshot
from sync.custody import STEPS_MAX, CustodyList, CustodyStep
from sync.notes import CUSTODY, note_id

log = logging.getLogger(__name__)


class BagTray:
    """The originals of one open visit. Each change is kept in the sealed draft before anybody is told."""

    def __init__(self, partners: Partners, visit: OpenVisit) -> None:
        self._partners = partners
        self._visit = visit

    def originals(self) -> tuple[Original, ...]:
        """Return every original of this visit."""
        return self._originals(self._visit.snapshot)

    async def note(self, app_id: str, paper: str, *, state: str, bag: str) -> None:
        """Note where one original is now; the same again changes nothing. Raises Refused."""

        def step(snapshot: Snapshot) -> Snapshot:
            for one in self._originals(snapshot):
                if (one.app_id, one.paper) == (app_id, paper):
                    places = {
                        item.app_id: item.position
                        for batch in snapshot.batches
                        for item in batch.applications
                    }
                    made = step_for(one, snapshot.custody, places, state=state, bag=bag)
                    return snapshot if made is None else self._kept(snapshot, [made])
            raise CustodyError("refused.bag_step")

        try:
            await self._visit.alter(step)
        except CustodyError as error:
            raise Refused(error.word, bag=error.bag, number=error.place) from error
        except DraftsFull as error:
            raise Refused("refused.disk_full") from error
        log.info("custody.noted state=%s", state)

    async def settle(self, batch_id: str, going: Collection[str]) -> None:
        """Note of a stack what its check page proposed for the applications that go: each original in its bag.

        What is not handed in stays the provider's, and nobody put it into a bag. Raises Refused.
        """

        def step(snapshot: Snapshot) -> Snapshot:
            made = [
                _step(one)
                for one in self._originals(snapshot)
                if one.batch is not None and one.batch.batch_id == batch_id and not one.state
                if one.app_id in going
            ]
            room = max(STEPS_MAX - len(snapshot.custody), 0)
            return self._kept(snapshot, made[:room])

        try:
            await self._visit.alter(step)
        except DraftsFull as error:
            raise Refused("refused.room", room=0) from error

    def told(self) -> CustodyList | None:
        """Return the list for city hall; None of a visit in which no original was noted."""
        visit = self._visit
        if visit.pack is None or not visit.snapshot.custody:
            return None
        session = bytes.fromhex(visit.file.visit)
        return CustodyList(
            list_id=note_id(session, CUSTODY),
            session=session,
            run=visit.pack.run,
            stop=visit.pack.stop,
            provider_no=visit.pack.provider_no,
            provider_name=visit.pack.provider_name,
            steps=tuple(_told(step) for step in visit.snapshot.custody),
        )

    def _originals(self, snapshot: Snapshot) -> tuple[Original, ...]:
        return originals(snapshot.batches, snapshot.custody, self._partners.form_of)

    def _kept(self, snapshot: Snapshot, made: list[Step]) -> Snapshot:
        at = self._partners.clock.now().wall.isoformat()
        staff = self._visit.staff.staff_id
        steps = (*snapshot.custody, *(replace(step, at=at, staff=staff) for step in made))
        batches = tuple(with_bag(batch, steps) for batch in snapshot.batches)
        return replace(snapshot, custody=steps, batches=batches)


def _step(one: Original) -> Step:
    """Return what a hand-in notes of an original nobody noted."""
    item, batch = one.item, one.batch
    case = (item.completes_case or item.app_id) if item else one.app_id
    procedure = batch.procedure if batch else ""
    return Step(one.app_id, case, procedure, one.paper, one.proposed, one.proposed_bag, "", "")


def _told(step: Step) -> CustodyStep:
    return CustodyStep(
        case_id=bytes.fromhex(step.case),
        procedure=step.procedure,
        paper=step.paper,
        state=step.state,
        bag=step.bag,
        at=datetime.fromisoformat(step.at),
        staff=step.staff,
    )
