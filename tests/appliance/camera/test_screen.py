"""The camera's page in a real browser: the live picture moves, pages are taken by themselves, all can read it."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import cv2
import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from appliance.desk.camera.eye import Eye
from appliance.desk.camera.table import CameraTable
from appliance.mail.store import MailStore
from hardware.camera.simulated import SimulatedCamera
from tests.support.counterworld import PIN, STAFF, CounterWorld
from tests.support.desk_browser import chromium, served, violations
from tests.support.madeup_papers import due
from tests.support.photographed import Scene, photograph

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

HOLD = 25


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw two pages on a dark mat, and the mat without one."""
    folder = tmp_path_factory.mktemp("under")
    size = (648, 864)
    scenes = {
        "1": Scene(turn=3, tilt=4, size=size),
        "2": Scene("small", fill=0.03, written=False, size=size),
        "3": Scene(turn=-4, tilt=6, size=size),
    }
    for name, scene in scenes.items():
        cv2.imwrite(str(folder / f"{name}.jpg"), photograph(scene, int(name)).picture[..., ::-1])
    return folder


@pytest.fixture
def mail(world: CounterWorld) -> Iterator[MailStore]:
    """Open the shelf with today's stop."""
    shelf = world.open_mail()
    world.post(shelf, "visit_pack", world.pack(due(1)))
    yield shelf
    shelf.close()


@pytest.fixture
def world(tmp_path: Path, pictures: Path) -> CounterWorld:
    """Return an enrolled box with a camera."""
    camera = SimulatedCamera(pictures, hold=HOLD, fps=20)
    made = CounterWorld(tmp_path / "box").enrol()
    made.camera = CameraTable(camera, Eye(limit_s=60), time.monotonic)
    return made


@pytest.fixture
async def address(world: CounterWorld, mail: MailStore) -> AsyncIterator[str]:
    """Serve the kiosk."""
    counter = world.counter(mail)
    async with served(counter) as found:
        yield found
        await counter.stop()


async def start(page: Page, address: str) -> None:
    """Sign in, choose the stop, declare one application, start the camera."""
    await page.goto(address)
    await page.select_option("#staff_id", STAFF)
    await page.fill("#pin", PIN)
    await page.keyboard.press("Enter")
    await page.locator(".choice").first.click()
    await page.locator("button[name=count][value='1']").click()
    await page.get_by_role("button", name="カメラで1枚ずつ撮影する").click()


async def test_ok__pages_are_taken_by_themselves(address: str) -> None:
    """The live picture is drawn, pages are taken by themselves, a reload stays, one press ends it; axe is content."""
    async with chromium() as page:
        await start(page, address)
        live = page.locator("img.camera-live")
        taken = page.locator(".camera-counts dd").first
        await expect(live).to_have_js_property("naturalWidth", 648)
        await expect(taken).to_contain_text(re.compile(r"[1-9]"))
        assert await violations(page) == []
        await page.goto(address)
        await expect(live).to_be_visible()
        await expect(taken).to_contain_text(re.compile(r"[2-9]|\d\d"))
        await page.get_by_role("button", name="いま撮影する").click()
        await expect(live).to_be_visible()
        await page.get_by_role("button", name="これで全部です").click()
        await page.wait_for_url("**/batch")
        await expect(page.locator("main")).to_contain_text("行き先の決まっていない用紙")


async def test_fail__a_stranger_sees_no_live_picture(address: str) -> None:
    """Without the PIN's session there is no picture of anybody's papers."""
    async with ClientSession() as stranger, stranger.get(f"{address}/batch/camera/live") as answer:
        assert answer.status == 403
