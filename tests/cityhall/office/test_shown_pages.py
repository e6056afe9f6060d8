"""What a bus sent reaches a caseworker's browser only written anew, by a process that can do nothing else."""

import numpy as np

from papers.blank import make_blank
from papers.leaf import write_leaf
from papers.opening import open_picture
from papers.residual import write_residual
from papers.showable import LOOK, RESIDUAL, TONES
from papers.tones import toned
from tests.support.caseworker_screen import drawn_page
from tests.support.drawn_pages import paper, with_table
from tests.support.office_world import OfficeWorld, Page

HOOK = b"<script>alert(1)</script>"


async def shown(world: OfficeWorld, page: Page, address: str = "pages/0") -> tuple[int, bytes]:
    """Hand a page in and ask for it as a browser does."""
    case = world.case(pages=(page,))
    async with world.browser() as client:
        answer = await client.get(f"/cases/{case}/{address}")
        return answer.status, await answer.read()


async def test_what_hides_behind_a_picture_is_not_shown(world: OfficeWorld) -> None:
    """The picture is there, the bytes after it are not."""
    status, data = await shown(world, Page(page=drawn_page("front") + HOOK))
    assert status == 200
    assert HOOK not in data
    assert open_picture(data).shape == open_picture(drawn_page("front")).shape


async def test_tones_are_shown_as_a_common_picture(world: OfficeWorld) -> None:
    """No browser knows our tones: they are converted here."""
    table = with_table(paper(300, 400), (20, 280), (20, 100, 180))
    tones = write_leaf(toned(table))
    status, data = await shown(world, Page(page=tones, page_type=TONES))
    assert (status, open_picture(data).shape) == (200, (400, 300, 3))


async def test_what_is_no_picture_is_said(world: OfficeWorld) -> None:
    """409 and a sentence; nothing of the bytes."""
    status, data = await shown(world, Page(page=HOOK * 20))
    assert status == 409
    assert HOOK not in data


async def test_a_bad_picture_costs_itself_only(world: OfficeWorld) -> None:
    """The next one is shown as if nothing had been."""
    case = world.case(pages=(Page(page=b"MBT1" + bytes(500)), Page(page=drawn_page("back"))))
    async with world.browser() as client:
        bad = await client.get(f"/cases/{case}/pages/0")
        good = await client.get(f"/cases/{case}/pages/1")
    assert (bad.status, good.status) == (409, 200)


async def test_a_residual_without_its_blank_says_so(world: OfficeWorld) -> None:
    """The added ink stands on white, under a strip that says what is missing."""
    page = with_table(paper(400, 560), (40, 360), (40, 300, 500))
    blank, _ = make_blank(
        "a-form", "form_front", (50.8, 71.12), np.full((560, 400), 255, np.uint8), []
    )
    residual = write_residual(page, blank)
    assert residual is not None
    status, data = await shown(
        world, Page(preview=residual, preview_type=RESIDUAL), address="previews/0"
    )
    picture = open_picture(data)
    assert (status, picture.shape) == (200, (604, 400, 3))
    assert picture[2, 2, 2] > picture[2, 2, 0] + 100


def test_types_of_ours_are_words_of_a_record() -> None:
    """A record carries them as any other type of picture."""
    assert {one.split("/")[0] for one in (TONES, LOOK, RESIDUAL)} == {"image"}
