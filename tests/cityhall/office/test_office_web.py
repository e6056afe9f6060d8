import asyncio
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from cityhall.office.roles import Role
from tests.support.makers import RECOVERY, make_envelope, make_id, make_opening_key
from tests.support.office_world import OfficeWorld, Page, a_defect, csrf_of

HTML = {"Accept": "text/html"}
TWO = (Page(page=b"one"), Page("form_back", b"two", b"small two"))
CORRECTION = {
    "reason": "page_missing",
    "missing": "form_back",
    "fields": "physician.name",
    "sentence": "裏面をお持ちください。",
}


async def post(client: TestClient, path: str, **form: str) -> tuple[int, str]:  # type: ignore[type-arg]
    """Send a form with its token; return the status and where it leads."""
    data = {"csrf": await csrf_of(client), **form}
    answer = await client.post(path, data=data, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "")


async def text(client: TestClient, path: str) -> str:  # type: ignore[type-arg]
    """Return a page."""
    answer = await client.get(path, headers=HTML)
    assert answer.status == 200
    return await answer.text()


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


async def test_the_inbox_shows_what_a_caseworker_needs(world: OfficeWorld) -> None:
    """Name, number, provider, days, defects, how much has arrived."""
    world.case(pages=TWO, here=[0, 1, 2], defects=[a_defect()])
    async with world.browser() as client:
        page = await text(client, "/inbox")
    for said in ("髙﨑", "きたの丘", "あと37日", "あと30日", "要補正 1", "書類 1／2枚", "未処理"):
        assert said in page


async def test_the_inbox_in_english(world: OfficeWorld) -> None:
    """The switch is remembered for the next page."""
    world.case()
    async with world.browser() as client:
        await client.get("/inbox?lang=en", headers=HTML)
        assert "37 days left" in await text(client, "/inbox")


async def test_an_arrival_that_does_not_open_is_a_red_line(world: OfficeWorld) -> None:
    """The caseworkers see that something is there which they cannot see."""
    world.file(make_envelope(7, recipients=[(make_opening_key(RECOVERY).public, 2)]))
    world.arrivals.take_all()
    async with world.browser() as client:
        assert "開封できない届き物が1件" in await text(client, "/inbox")


@pytest.mark.parametrize(
    "query", ["view=nonsense", "page=x", "page=0", "page=-3", "q=" + "x" * 500, "page=99", "page=²"]
)
async def test_strange_questions_get_a_page(world: OfficeWorld, query: str) -> None:
    """No address typed by hand breaks the inbox."""
    async with world.browser() as client:
        await text(client, f"/inbox?{query}")


async def test_a_look_at_the_inbox_is_a_line_a_refresh_is_none(world: OfficeWorld) -> None:
    """What the screen asks by itself is no person's look."""
    async with world.browser() as client:
        await client.get("/inbox")
        await client.get("/inbox", headers={"X-By-Itself": "1"})
    assert [line.action for line in world.audit.lines()].count("inbox.shown") == 1


async def test_the_list_as_facts(world: OfficeWorld) -> None:
    """The JSON list carries id, number, state and the three axes."""
    case = world.case()
    async with world.browser() as client:
        found = await (await client.get("/cases.json")).json()
    one = found["cases"][0]
    assert (one["id"], one["state"], one["transfer"], one["edge_data"], one["custody"]) == (
        case,
        "handed_in",
        "complete",
        "acknowledged",
        "with_filer",
    )


async def test_a_case_as_facts(world: OfficeWorld) -> None:
    """Fields, sources, sheets with digests, the three instants and the filing date."""
    case = world.case(pages=TWO, here=[0, 1, 2])
    async with world.browser() as client:
        found = await (await client.get(f"/cases/{case}.json")).json()
    assert found["fields"]["name"] == "髙﨑　𠮷雄"
    assert found["sources"]["name"] == "ocr"
    assert [(one["kind"], one["arrived"]) for one in found["sheets"]] == [
        ("form_front", True),
        ("form_back", False),
    ]
    assert (found["filing_date"], found["registered_at"]) == ("2026-11-24", None)
    assert found["handed_in_at"] < found["arrived_at"]


async def test_a_wrong_insurer_and_a_duplicate_are_shown(world: OfficeWorld) -> None:
    """Both are named, with the way to the other case; the buttons stay."""
    case = world.case(answers={"insurer_no": "032037", "insured_no": "1111111111"})
    other = world.case(1, answers={"insured_no": "1111111111"})
    async with world.browser() as client:
        page = await text(client, f"/cases/{case}")
        facts = (await (await client.get(f"/cases/{case}.json")).json())["observations"]
    assert "住所地特例" in page
    assert f"/cases/{other}" in page
    assert 'id="accept"' in page
    assert [one["fact"] for one in facts] == ["wrong_insurer", "duplicate"]


async def test_what_arrived_is_told_without_opening(world: OfficeWorld) -> None:
    """Asking for progress leaves no line, because nothing was seen."""
    case = world.case(pages=TWO, here=[0])
    async with world.browser() as client:
        before = len(world.audit.lines())
        found = await (await client.get(f"/cases/{case}/arrived.json")).json()
    assert [(one["preview_arrived"], one["arrived"]) for one in found["sheets"]] == [
        (True, False),
        (False, False),
    ]
    assert len(world.audit.lines()) == before


async def test_a_page_comes_with_its_type_and_no_sniffing(world: OfficeWorld) -> None:
    """The bytes of the bus are a picture and nothing else."""
    case = world.case(pages=TWO)
    async with world.browser() as client:
        answer = await client.get(f"/cases/{case}/pages/1")
        assert (await answer.read(), answer.content_type) == (b"two", "image/avif")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_page_on_the_road_is_404(world: OfficeWorld) -> None:
    """Not yet is not there."""
    case = world.case(here=[0])
    async with world.browser() as client:
        assert (await client.get(f"/cases/{case}/pages/0")).status == 404


@pytest.mark.parametrize(
    "path", ["/cases/xyz", "/cases/" + "0" * 32, "/cases/" + "0" * 32 + ".json"]
)
async def test_a_case_nobody_knows_is_404(world: OfficeWorld, path: str) -> None:
    """Also for addresses that are no case at all."""
    async with world.browser() as client:
        assert (await client.get(path)).status == 404


async def test_accepting_opens_the_next_case(world: OfficeWorld) -> None:
    """One key per case: the nearest deadline after this one follows."""
    first = world.case(answers={"prev_valid_to": "2026-11-30"})
    second = world.case(1)
    async with world.browser() as client:
        assert await post(client, f"/cases/{first}/accept", versions="1") == (
            303,
            f"/cases/{second}?done=accepted",
        )
        assert "次の申請を表示しています" in await text(client, f"/cases/{second}?done=accepted")


async def test_accepting_the_last_one_leads_to_the_inbox(world: OfficeWorld) -> None:
    """Nothing left to do is said."""
    case = world.case()
    async with world.browser() as client:
        assert await post(client, f"/cases/{case}/accept") == (303, "/inbox?done=accepted")
        assert "要対応の申請はありません" in await text(client, "/inbox?done=accepted")


async def test_accepting_twice_is_said_in_words(world: OfficeWorld) -> None:
    """409 and the case as it is now."""
    case = world.case()
    async with world.browser() as client:
        await post(client, f"/cases/{case}/accept")
        data = {"csrf": await csrf_of(client)}
        answer = await client.post(f"/cases/{case}/accept", data=data)
        assert answer.status == 409
        assert "状態が変わっていた" in await answer.text()


async def test_accepting_an_old_screen_asks_to_look_again(world: OfficeWorld) -> None:
    """The screen knew no version, the case has one more."""
    case = world.case()
    async with world.browser() as client:
        status, _ = await post(client, f"/cases/{case}/accept", versions="0")
    assert status == 409
    assert world.casework.entry(case).case.state == "handed_in"


async def test_a_correction_goes_down_and_the_screen_goes_on(world: OfficeWorld) -> None:
    """The state changes, the letter is in the tray, the screen wakes."""
    case = world.case()
    async with world.browser() as client:
        status, where = await post(client, f"/cases/{case}/correction", **CORRECTION)
        assert (status, where) == (303, "/inbox?done=correction")
        page = await text(client, f"/cases/{case}")
    assert "補正の回答を待っています" in page
    assert len(world.mail.letters_for("bus-07")) == 1
    assert world.board.number == 1


@pytest.mark.parametrize(
    "change", [{"reason": "because"}, {"sentence": ""}, {"sentence": "字" * 501}]
)
async def test_a_correction_without_words_is_not_sent(
    world: OfficeWorld, change: dict[str, str]
) -> None:
    """422 with the sentence on the same page; nothing was moved."""
    case = world.case()
    async with world.browser() as client:
        status, _ = await post(client, f"/cases/{case}/correction", **{**CORRECTION, **change})
    assert status == 422
    assert world.casework.entry(case).case.state == "handed_in"


async def test_several_pages_and_fields_may_be_named(world: OfficeWorld) -> None:
    """A browser repeats the name, a script may use commas."""
    case = world.case()
    async with world.browser() as client:
        form = [
            *(pair for pair in CORRECTION.items() if pair[0] != "missing"),
            ("csrf", await csrf_of(client)),
            ("missing", "form_back"),
            ("missing", "insurance_card,other"),
        ]
        answer = await client.post(f"/cases/{case}/correction", data=form, allow_redirects=False)
    assert answer.status == 303
    assert world.inbox.decisions(case)[0].reason == "page_missing"


async def test_pulling_a_page_asks_the_bus(world: OfficeWorld) -> None:
    """Back to the same sheet, and the wish stands on the shelf."""
    case = world.case(here=[0])
    async with world.browser() as client:
        assert await post(client, f"/cases/{case}/pull", page="0") == (
            303,
            f"/cases/{case}#sheet-0",
        )
    assert world.mail.pulls("bus-07") == [(make_id(0), 1)]


@pytest.mark.parametrize(("page", "status"), [("", 400), ("x", 400), ("-1", 400), ("9", 404)])
async def test_pulling_nonsense_is_refused(world: OfficeWorld, page: str, status: int) -> None:
    """The page of a pull is a number of a sheet."""
    case = world.case(here=[0])
    async with world.browser() as client:
        assert (await post(client, f"/cases/{case}/pull", page=page))[0] == status


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
    world.mail.slip = lambda _env_id: slip[:-1] + b"x"  # type: ignore[method-assign, assignment]
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


async def test_the_stream_says_hello_and_every_change(world: OfficeWorld) -> None:
    """A screen hears the number first, then each move of the board."""
    async with world.browser() as client, asyncio.timeout(5):
        stream = await client.get("/inbox/events")
        assert await _event(stream) == "hello"
        world.board.changed()
        assert await _event(stream) == "changed"
        stream.close()


async def test_the_stream_says_when_the_session_is_over(world: OfficeWorld) -> None:
    """An open screen of somebody who is out goes to sign-in."""
    async with world.browser() as client, asyncio.timeout(5):
        stream = await client.get("/inbox/events")
        assert await _event(stream) == "hello"
        world.clock.move(timedelta(minutes=11))
        world.board.changed()
        assert await _event(stream) == "ended"


async def _event(stream: object) -> str:
    """Return the name of the next event."""
    while True:
        line = (await stream.content.readline()).decode()  # type: ignore[attr-defined]
        if line.startswith("event: "):
            return str(line.removeprefix("event: ").strip())


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
