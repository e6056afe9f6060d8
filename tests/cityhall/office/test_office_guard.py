import pytest

from cityhall.office.roles import Role
from tests.support.garbage import turned
from tests.support.makers import make_id
from tests.support.office_client import HTML, csrf_of, text
from tests.support.office_world import OfficeWorld, Page, a_defect

TWO = (Page(page=b"one"), Page("form_back", b"two", b"small two"))
CORRECTION = {
    "reason": "page_missing",
    "missing": "form_back",
    "fields": "physician.name",
    "sentence": "裏面をお持ちください。",
}


@pytest.mark.parametrize("verb", ["accept", "correction", "pull"])
async def test_without_the_form_token_nothing_moves(world: OfficeWorld, verb: str) -> None:
    """Another site's form, or an old page, changes nothing."""
    case = world.case()
    async with world.browser() as client:
        answer = await client.post(f"/cases/{case}/{verb}", data={**CORRECTION, "page": "0"})
    assert answer.status == 403
    assert world.casework.entry(case).case.state == "handed_in"


async def test_another_site_is_told_no(world: OfficeWorld) -> None:
    """The browser says where a request came from; we listen."""
    case = world.case()
    async with world.browser() as client:
        data = {"csrf": await csrf_of(client)}
        answer = await client.post(
            f"/cases/{case}/accept", data=data, headers={"Sec-Fetch-Site": "cross-site"}
        )
    assert answer.status == 403


async def test_a_sealed_case_shows_nothing_but_a_sentence(world: OfficeWorld) -> None:
    """When the seal does not hold any more, the page says so and shows no field."""
    case = world.case()
    slip = world.mail.slip(make_id(0))
    world.mail.slip = lambda _env_id: turned(slip)  # type: ignore[method-assign, assignment]
    async with world.browser() as client:
        answer = await client.get(f"/cases/{case}", headers=HTML)
        page = await answer.text()
    assert answer.status == 409
    assert "封が確認できない" in page
    assert "髙﨑" not in page


async def test_the_audit_page_shows_the_chain_and_its_head(world: OfficeWorld) -> None:
    """A chief sees all lines and that they hold."""
    world.case()
    async with world.browser(Role.CHIEF) as client:
        page = await text(client, "/audit")
    assert "改ざんはありません" in page
    assert "到着した申請を開封・登録" in page


async def test_a_caseworker_sees_the_own_lines_only(world: OfficeWorld) -> None:
    """What colleagues did is the chief's and the auditor's to see."""
    world.case()
    async with world.browser() as client:
        page = await text(client, "/audit")
    assert "自分の操作だけ" in page
    assert "到着した申請を開封・登録" not in page


async def test_the_audit_of_one_case(world: OfficeWorld) -> None:
    """The page can be narrowed to a case and says so."""
    case = world.case()
    async with world.browser(Role.CHIEF) as client:
        await text(client, f"/cases/{case}")
        page = await text(client, f"/audit?case={case}&before=99999")
    assert "申請を開いた" in page
    assert "サインイン</td>" not in page


@pytest.mark.parametrize("path", ["/inbox", "/audit", "/sign-in", "/cases/{case}"])
async def test_pages_carry_the_guarding_headers(world: OfficeWorld, path: str) -> None:
    """No page of this room may be framed, cached or run foreign code."""
    case = world.case()
    async with world.browser(Role.CHIEF) as client:
        answer = await client.get(path.format(case=case), headers=HTML)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/inbox", "/audit", "/sign-in", "/cases/{case}"])
async def test_pages_hold_no_inline_script_or_style(world: OfficeWorld, path: str) -> None:
    """The policy would refuse them; none is written."""
    case = world.case(pages=TWO, here=[0], defects=[a_defect()])
    async with world.browser(Role.CHIEF) as client:
        page = await text(client, path.format(case=case))
    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


async def test_text_of_a_form_is_never_markup(world: OfficeWorld) -> None:
    """A name that looks like a tag is shown as it was written."""
    case = world.case(answers={"name": "<script>alert(1)</script>"})
    async with world.browser() as client:
        for path in ("/inbox", f"/cases/{case}"):
            assert "<script>alert" not in await text(client, path)
