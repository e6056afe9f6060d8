"""Every page and state of the desk in a real browser: for who cannot see, has no mouse or needs large signs."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.support.every_page import FORMS, Look
from tests.support.good_cases import GOOD
from tests.support.madeup_papers import person
from tests.support.reach import Reach
from tests.support.walked_desk import TEMPLATES, Walked, walked_through

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

FOUND: dict[str, list[str]] = {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walked]:
    """Walk through everything once; each test reads one thing out of it."""

    def looker(page: Page, other: Page) -> Look:
        return Reach(page, other, FOUND).look

    async with walked_through(tmp_path_factory.mktemp("reach"), looker) as told:
        yield told


async def test_everybody_reaches_everything(walked: Walked) -> None:
    """Axe finds nothing, targets are a finger wide, Tab reaches all and is seen, 320 px and 200 % lose nothing."""
    assert walked.titles
    assert FOUND == {}


async def test_no_template_is_left_out(walked: Walked) -> None:
    """A new page that the walk does not pass is found here: add it to tests.support.every_page.py."""
    met, waiting = set[str](), set(walked.templates)
    while waiting:
        name = waiting.pop()
        met.add(name)
        path = TEMPLATES / name
        if path.exists():
            named = re.findall(r"""["']([a-z-]+\.html)["']""", path.read_text(encoding="utf-8"))
            waiting |= set(named) - met
    assert {path.name for path in TEMPLATES.glob("*.html")} - met == set()


async def test_no_address_is_left_out(walked: Walked) -> None:
    """A new address that the walk does not ask for is found here."""
    assert walked.routes - walked.asked == set()


async def test_no_answer_may_be_stored(walked: Walked) -> None:
    """Every page, part, picture and paper says no-store; only the house's look may be kept."""
    assert walked.stored == []


async def test_addresses_titles_and_logs_name_nobody(walked: Walked) -> None:
    """What a browser's history, a proxy or a log would keep has neither names nor numbers of people."""
    people = [person(number) for number in (1, 2, 3, 9)]
    known = ("insured_no", "name", "name_kana", "address", "phone", "number")
    words = {one[key] for one in people for key in known if one.get(key)}
    telling = (".name", ".address", ".birth_date", "phone", "insured_no")
    words |= {value for name in FORMS for key, value in GOOD[name].items() if key.endswith(telling)}
    words |= {part for word in words for part in word.split("　") if len(part) > 1}
    kept = "\n".join([*walked.addresses, *walked.titles, *walked.logged])
    assert walked.logged
    assert {word for word in words if word in kept} == set()
