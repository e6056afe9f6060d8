"""Today's stop and the next one: the visit packs city hall sends down before the bus leaves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from provisioning.demo.samples.people import Person
from provisioning.demo.world import DEVICE, STAFF
from sync.letters import VisitPack

JAPAN = timezone(timedelta(hours=9))
STOP_MINUTES = 75
NEXT_STOP_DAYS = 14

PROVIDER_NAME = "わかば居宅介護支援事業所"
PROVIDER_NO = "0370199010"


@dataclass(frozen=True, slots=True)
class Visits:
    """The stop that is played and the one after it, by stop id."""

    today: VisitPack
    following: VisitPack

    @property
    def packs(self) -> tuple[VisitPack, VisitPack]:
        """Both packs, in the order of their days."""
        return self.today, self.following


def plan_visits(people: tuple[Person, ...], now: datetime, start: int) -> Visits:
    """Plan this start's stop with its due list, and a second visit at the same provider two weeks later."""
    due = tuple(person.due for person in people if person.due is not None)
    begins = now.astimezone(UTC).replace(second=0, microsecond=0)
    later = begins + timedelta(days=NEXT_STOP_DAYS)

    def pack(begin: datetime, number: int, list_due: bool) -> VisitPack:  # noqa: FBT001 - two calls below
        local = begin.astimezone(JAPAN)
        return VisitPack(
            pack_id=uuid4().bytes,
            run=f"{local:%Y%m%d}",
            stop=f"{local:%m%d}-{number}",
            vehicle=DEVICE,
            provider_no=PROVIDER_NO,
            provider_name=PROVIDER_NAME,
            starts_at=begin,
            ends_at=begin + timedelta(minutes=STOP_MINUTES),
            designated_counter=True,
            officer_id=STAFF.staff_id,
            due=due if list_due else (),
        )

    number = start * 2 + 1
    return Visits(pack(begins, number, True), pack(later, number + 1, False))
