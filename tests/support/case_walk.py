"""One case of any procedure in a real browser, from the choice to the receipt; a look at each page on the way."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page

from appliance.desk.counter import Counter
from procedures.definition import load
from tests.support.counterworld import CounterWorld, settled
from tests.support.good_cases import GOOD
from tests.support.madeup_papers import paper

Look = Callable[[str], Awaitable[None]]
PAGES_MAX = 40


async def walk_case(  # noqa: PLR0917 - who walks, where, with what, how it is looked at
    page: Page, address: str, world: CounterWorld, counter: Counter, name: str, look: Look
) -> None:
    """Fill in, settle and hand in the good case of this form; `look` is called with a name for each page."""
    form = load(name)
    await page.goto(f"{address}/forms")
    await look("forms")
    await _press(page, f"form:has(input[value='{name}']) button")
    await _questions(page, name, look)
    await page.goto(f"{address}/form/papers")
    first = form.documents[0].id
    world.scanner.stack = [paper("other", word=f"{name} {first}")]
    await _press(page, f"form[action='/form/papers/{first}/feed'] button")
    await settled(counter)
    await page.goto(f"{address}/form/papers")
    await look(f"{name}-papers")
    await page.goto(f"{address}/form")
    await look(f"{name}-overview")
    if form.tasks:
        await page.goto(f"{address}/form/tasks")
        await look(f"{name}-tasks")
        await page.goto(f"{address}/form/tasks/1")
        await look(f"{name}-department")
        await page.locator("input[value=done]").first.check()
        await _press(page, "button[value=next]")
    await _results(page, address, name, look)
    await page.goto(f"{address}/form/check")
    await look(f"{name}-check")
    await _press(page, "form[action='/form/hand-in'] button")
    await look(f"{name}-receipts")


async def _questions(page: Page, name: str, look: Look) -> None:
    seen: set[str] = set()
    for _ in range(PAGES_MAX):
        section = page.url.partition("/form/topics/")[2].partition("?")[0]
        if not section or load(name).sections[section].result:
            return
        for key, value in GOOD[name].items():
            await _answer(page, key, value)
        if section not in seen:
            seen.add(section)
            await look(f"{name}-{section}")
        await _press(page, "button.button-main[value=next]")


async def _results(page: Page, address: str, name: str, look: Look) -> None:
    form = load(name)
    for section, words in form.sections.items():
        if words.result:
            await page.goto(f"{address}/form/topics/{section}")
            await page.locator("textarea").first.fill("相談のとおり。")
            await _press(page, "button.button-main[value=next]")
            await look(f"{name}-{section}")


async def _answer(page: Page, key: str, value: str) -> None:
    entry = page.locator(f"[name='{key}']")
    if not await entry.count():
        return
    kind = await entry.first.evaluate("one => one.type")
    if kind == "radio":
        await page.locator(f"[name='{key}'][value='{value}']").check()
    elif kind == "select-one":
        await entry.select_option(value)
    else:
        await entry.fill(value)


async def _press(page: Page, button: str) -> None:
    async with page.expect_navigation():
        await page.locator(button).first.click()
