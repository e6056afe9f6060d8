from datetime import timedelta

import pytest

from tests.support.office_client import HTML, post
from tests.support.office_world import OfficeWorld


async def test_a_stranger_is_led_to_sign_in_and_back(world: OfficeWorld) -> None:
    """The address asked for is remembered."""
    async with world.browser(None) as client:
        answer = await client.get("/inbox", headers=HTML, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=/inbox")


async def test_a_stranger_asking_for_facts_gets_401(world: OfficeWorld) -> None:
    """A script is not sent to a form."""
    async with world.browser(None) as client:
        assert (await client.get("/cases.json")).status == 401


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_sign_in_leads_to_no_other_address(world: OfficeWorld, next_page: str) -> None:
    """Only paths of this server are followed."""
    made = world.account()
    form = {"name": "sato", "password": made.password, "code": world.code(made)}
    async with world.browser(None) as client:
        answer = await client.post(
            "/sign-in", params={"next": next_page}, data=form, allow_redirects=False
        )
        assert answer.headers["Location"] == "/inbox"


async def test_a_refused_sign_in_says_so_in_words(world: OfficeWorld) -> None:
    """422, the sentence, and no name that was typed."""
    async with world.browser(None) as client:
        answer = await client.post(
            "/sign-in", data={"name": "my-password-by-mistake", "password": "x", "code": "1"}
        )
        assert answer.status == 422
        assert "いずれかが違います" in await answer.text()
    assert "my-password" not in repr(world.audit.lines())


async def test_a_locked_account_says_so(world: OfficeWorld) -> None:
    """After the named failures the page says how long to wait."""
    world.account()
    async with world.browser(None) as client:
        for _ in range(6):
            answer = await client.post(
                "/sign-in", data={"name": "sato", "password": "x", "code": "1"}
            )
        assert answer.status == 429
        assert "15分間" in await answer.text()


async def test_the_cookie_is_for_this_server_and_no_script(world: OfficeWorld) -> None:
    """HttpOnly, SameSite=Strict, for the whole server."""
    made = world.account()
    form = {"name": "sato", "password": made.password, "code": world.code(made)}
    async with world.browser(None) as client:
        answer = await client.post("/sign-in", data=form, allow_redirects=False)
        cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))


async def test_signing_out_ends_the_session(world: OfficeWorld) -> None:
    """The old cookie opens nothing."""
    async with world.browser() as client:
        status, where = await post(client, "/sign-out")
        assert (status, where) == (303, "/sign-in")
        assert (await client.get("/cases.json")).status == 401


async def test_an_idle_screen_is_signed_out(world: OfficeWorld) -> None:
    """After the idle time the next request signs in again."""
    async with world.browser() as client:
        world.clock.move(timedelta(minutes=11))
        assert (await client.get("/cases.json")).status == 401
