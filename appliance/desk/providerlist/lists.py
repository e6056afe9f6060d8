"""The lists of one visit: kept sealed under the visit's key, gone with it; what was learnt of columns stays."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from appliance.desk.drafts import DraftLost, Drafts
from appliance.desk.partners import Refused
from appliance.desk.providerlist.columns import Columns, propose, shape_of
from appliance.desk.providerlist.learnt import Learnt
from appliance.desk.providerlist.people import Pairs, People, people_of, said_of
from appliance.desk.providerlist.table import Table, read_table
from procedures.procedure import Procedure

log = logging.getLogger(__name__)

LISTS_NAME = "lists"
LISTS_MAX = 5
"""Files one visit may hold; care software writes up to four of one person's data."""


@dataclass(frozen=True, slots=True)
class BroughtList:
    """One file: its rows, which column is which field, and whether a person has said so."""

    table: Table
    columns: dict[int, str]
    taken: bool = False


_SHAPE = TypeAdapter(tuple[BroughtList, ...])


class Lists:
    """What was brought to this visit. A list counts once a person has looked at its columns."""

    def __init__(self, drafts: Drafts, learnt: Learnt, procedure: Callable[[], Procedure]) -> None:
        self._drafts = drafts
        self._learnt = learnt
        self._procedure = procedure
        self._turn = asyncio.Lock()
        self._people: tuple[People, ...] = ()
        self.brought: tuple[BroughtList, ...] = ()

    async def load(self) -> None:
        """Take up what was kept; a file that does not open costs the lists alone: the provider has them still."""
        self.brought = await asyncio.to_thread(self._load)
        self._people = await asyncio.to_thread(self._mapped, self.brought)

    async def bring(self, data: bytes, provider_no: str) -> int:
        """Keep a file with its columns proposed; returns its place. Raises Refused for what is no list."""
        async with self._turn:
            if len(self.brought) >= LISTS_MAX:
                raise Refused("refused.list_many", most=LISTS_MAX)
            table = await asyncio.to_thread(read_table, data)
            learnt = self._learnt.columns(provider_no, shape_of(table))
            known = {column: key for column, key in learnt.items() if column < table.width}
            made = BroughtList(table, known or propose(table, self._procedure()))
            await self._keep((*self.brought, made))
            log.info("list.brought rows=%d columns=%d", len(table.rows), table.width)
            return len(self.brought) - 1

    async def take(self, place: int, columns: Columns, provider_no: str) -> People:
        """Use a list with these columns from now on; raises Refused where no column is the insured number."""
        async with self._turn:
            one = self.at(place)
            chosen = [key for key in columns.values() if key]
            if len(set(chosen)) < len(chosen):
                raise Refused("refused.list_columns_twice")
            if "insured_no" not in chosen:
                raise Refused("refused.list_no_number")
            mapped = {column: key for column, key in columns.items() if key}
            made = replace(one, columns=mapped, taken=True)
            await self._keep(tuple(made if old is one else old for old in self.brought))
            await asyncio.to_thread(self._learnt.keep, provider_no, shape_of(one.table), mapped)
            found = await asyncio.to_thread(people_of, made.table, mapped, self._procedure())
            log.info("list.taken people=%d problems=%d", len(found.told), len(found.problems))
            return found

    async def drop(self, place: int) -> None:
        """Forget a list."""
        async with self._turn:
            one = self.at(place)
            await self._keep(tuple(old for old in self.brought if old is not one))

    def at(self, place: int) -> BroughtList:
        """Return a list by its place; raises Refused when there is none."""
        if not 0 <= place < len(self.brought):
            raise Refused("refused.list_unknown")
        return self.brought[place]

    def people(self, place: int) -> People:
        """Return who stands in one list, as its columns are now."""
        one = self.at(place)
        return people_of(one.table, one.columns, self._procedure())

    def said(self, number: str, known: Pairs) -> Pairs:
        """Return what the taken lists say under a number, the newest first."""
        return said_of(self._people, number, known) if number else ()

    async def _keep(self, brought: tuple[BroughtList, ...]) -> None:
        data = _SHAPE.dump_json(brought)
        await asyncio.to_thread(self._drafts.write, LISTS_NAME, data)
        self._people = await asyncio.to_thread(self._mapped, brought)
        self.brought = brought

    def _mapped(self, brought: Sequence[BroughtList]) -> tuple[People, ...]:
        """Return the people of the taken lists, the newest list first; some tenths of a second for a long one."""
        procedure = self._procedure()
        taken = [one for one in reversed(brought) if one.taken]
        return tuple(people_of(one.table, one.columns, procedure) for one in taken)

    def _load(self) -> tuple[BroughtList, ...]:
        if not self._drafts.has(LISTS_NAME):
            return ()
        try:
            return _SHAPE.validate_json(self._drafts.read(LISTS_NAME))
        except (DraftLost, ValidationError):
            log.warning("lists.torn")
            return ()
