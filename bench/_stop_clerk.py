"""Somebody who works a batch at the desk from the feeder to the receipts, with the papers' owners beside them.

The clerk looks where the desk asks for a look, knows what the papers say (`Resident.truth`) and what the care manager
tells beyond them (`Resident.told`), and presses nothing that is not needed.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import TimeoutError as TooLate
from playwright.async_api import expect

from bench._stop_hands import Answers, Hands

Json = dict[str, Any]
Sheet = Any
"""What lies in the feeder: a file, or a made-up sheet's bytes."""

GLANCE_MS = 4000
"""While the stack is read the clerk asks for the page anew this often: it is no press, but it is an answer."""

TASKS = re.compile(r"/batch$")
PERSON = re.compile(r"/applications/")
AFTER_LOOK = re.compile(r"(/batch|/applications/[0-9a-f]+)$")


@dataclass(frozen=True)
class Resident:
    """One person whose papers are handed in: what they say, what is known beyond, the sheets, the better pictures.

    `again` has for the place of a sheet in `sheets` the sheet as it will come when it is laid in once more.
    """

    truth: Mapping[str, str]
    sheets: tuple[Sheet, ...]
    told: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[int, Sheet] = field(default_factory=dict)
    planted: str = ""

    def says(self, key: str) -> str:
        """Return what is right for a field, as far as anybody here knows."""
        return self.told.get(key) or self.truth.get(key, "")


@dataclass
class Clerk:
    """Who presses. `lay` puts sheets into the feeder; `state` reads the desk without touching the screen."""

    hands: Hands
    answers: Answers
    residents: Sequence[Resident]
    lay: Callable[[Sequence[Sheet]], Awaitable[None]]
    state: Callable[[], Awaitable[Json]]
    looks: int = 0
    looked_at: list[str] = field(default_factory=list)

    async def feed_to_receipts(self) -> Json:
        """Work the declared batch until its receipts are printed; returns the desk's state then."""
        await self._feed([sheet for one in self.residents for sheet in one.sheets], ".feed-start")
        await self._take_again()
        await self._give_loose()
        await self._confirm()
        await self._hand_in()
        return await self.state()

    async def _feed(self, sheets: Sequence[Sheet], where: str) -> None:
        await self.lay(sheets)
        self.hands.lay(len(sheets))
        page = self.hands.page
        with self.answers.during_scanning():
            await self.hands.press(page.locator(f"{where} .button-main").first)
            await self._wait()

    async def _wait(self) -> None:
        """Wait until the task list comes by itself; a stack that stopped is fed on."""
        page = self.hands.page
        while not TASKS.search(page.url):
            stopped = page.locator("form[action='/batch/refeed'] button")
            if await stopped.count():
                await self.hands.press(stopped.first)
            with suppress(TooLate):
                await page.wait_for_url(TASKS, timeout=GLANCE_MS)
            if not TASKS.search(page.url):
                with suppress(Exception):  # the list may come in this very moment
                    await page.reload()

    async def _take_again(self) -> None:
        """Lay in once more what came out badly and lies at hand in a better state."""
        page = self.hands.page
        places = [(one, place) for one in self.residents for place in range(len(one.sheets))]
        done: set[int] = set()
        while True:
            found = (await self.state())["sheets"]
            wanted = [
                (sheet["number"], one.again[place])
                for sheet, (one, place) in zip(found, places, strict=False)
                if sheet["tries_left"] and place in one.again and sheet["number"] not in done
            ]
            button = (
                page.locator(f"form[action='/sheets/{wanted[0][0]}/retake'] button")
                if wanted
                else None
            )
            if button is None or not await button.count():
                return
            done.add(wanted[0][0])
            await self.hands.press(button)
            await self._feed([wanted[0][1]], "form[action='/batch/refeed']")

    async def _give_loose(self) -> None:
        """Give a sheet that nobody was found for to whom it belongs."""
        owners = [one for one in self.residents for _ in one.sheets]
        for _ in range(len(owners)):
            state = await self.state()
            if not state["loose"]:
                return
            number = state["loose"][0]["number"]
            item = self._item_of(owners[number - 1], state) if number <= len(owners) else None
            form = self.hands.page.locator(f"form[action='/sheets/{number}/move']")
            if item is None:
                await self.hands.press(form.locator("button[value='aside']"))
                continue
            await self.hands.choose(form.locator("select"), item["id"])
            await self.hands.press(form.locator("button").first)

    async def _confirm(self) -> None:
        """Stand behind the clean ones with one press, and look at each of the others."""
        page = self.hands.page
        clean = page.locator("form[action='/batch/confirm-clean'] button")
        if await clean.count():
            await self.hands.press(clean)
        first = page.locator(".first-actions a[href^='/applications/']")
        if await first.count():
            await self.hands.press(first)
        while PERSON.search(page.url):
            await self._look()

    async def _look(self) -> None:
        """Compare what the page asks about with the paper; put right what is wrong; go on to the next."""
        page = self.hands.page
        state = await self.state()
        item = next(one for one in state["applications"] if one["id"] in page.url)
        self.looks += 1
        asked = {flaw["field"] for flaw in item["defects"] if flaw["severity"] != "info"}
        asked |= {*item["doubtful"]}
        self.looked_at += sorted(
            f"{flaw['severity']} {flaw['check']} {flaw['field']}"
            for flaw in item["defects"]
            if flaw["severity"] != "info"
        )
        owner = self._owner_of(item)
        wrong = {} if owner is None else _wrong(item, asked, owner)
        offered = {(one["field"], one["value"]) for one in item["told"]}
        for key, right in sorted(wrong.items(), key=lambda pair: pair not in offered):
            entry = page.locator(f"[id='f-{key}']")
            if (key, right) in offered:
                await self.hands.press(
                    page.locator(f"button[name='choice'][value='{key}={right}']")
                )
            elif not await entry.count():
                continue
            elif await entry.evaluate("each => each.tagName") == "SELECT":
                await self.hands.choose(entry, right)
            else:
                await self.hands.write(entry, right)
        await self.hands.press(page.locator(".actions.sticky .button-main"))
        await expect(page).to_have_url(AFTER_LOOK)

    async def _hand_in(self) -> None:
        page, hands = self.hands.page, self.hands
        await hands.press(page.locator("a[href='/batch/check']").first)
        await hands.press(page.locator("form[action='/batch/hand-in'] .button-main"))
        await expect(page).to_have_url(re.compile("/receipts$"))
        await hands.press_here(page.locator(".receipt-actions .button").first)

    def _owner_of(self, item: Json) -> Resident | None:
        """Return whose application this is: by the number, else by what most of its answers say."""
        fields = item["fields"]
        for one in self.residents:
            if fields.get("insured_no") and fields["insured_no"] == one.truth["insured_no"]:
                return one
        alike = [sum(fields.get(k) == v for k, v in one.truth.items()) for one in self.residents]
        return self.residents[alike.index(max(alike))] if alike and max(alike) else None

    def _item_of(self, owner: Resident, state: Json) -> Json | None:
        found = (one for one in state["applications"] if self._owner_of(one) is owner)
        return next(found, None)


def wrong_answers(state: Json, clerk: Clerk) -> list[str]:
    """Name every field that was handed in other than it is right: the price of not looking."""
    found = []
    for item in state["applications"]:
        owner = clerk._owner_of(item)  # noqa: SLF001 - the same desk's two halves
        if owner is None:
            found.append(f"application {item['position']}: nobody's")
            continue
        wrong = _wrong(item, set(item["fields"]), owner)
        found += [f"application {item['position']}: {key}" for key in sorted(wrong)]
    return found


def _wrong(item: Json, keys: set[str], owner: Resident) -> dict[str, str]:
    """Return the right value of each of these fields that says something else; what nobody knows stays."""
    right = {key: owner.says(key) for key in keys}
    return {
        key: value for key, value in right.items() if value and item["fields"].get(key, "") != value
    }
