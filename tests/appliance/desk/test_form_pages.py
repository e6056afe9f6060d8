"""Every procedure through the desk's own pages: questions, papers, tasks, hand-in, receipt; nothing is code of one."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from appliance.desk.counter import Counter
from appliance.desk.printing import print_slips
from appliance.desk.receipts import Issuer, batch_slip
from appliance.desk.reconciling import reconcile
from appliance.desk.standing import look
from appliance.mail.store import MailStore
from procedures.definition import load, names
from sync.record import Record, decode_record
from sync.seal import open_record
from tests.support.counterworld import DEVICE, CounterWorld, settled
from tests.support.desk_client import DeskClient, desk_client
from tests.support.good_cases import GOOD
from tests.support.madeup_papers import paper, stack

SINGLE = sorted(GOOD)


@pytest.fixture
async def desk(world: CounterWorld, mail: MailStore) -> AsyncIterator[DeskClient]:
    """Return a browser inside a visit that takes all eight procedures."""
    async with opened(world, mail) as client:
        yield client


@asynccontextmanager
async def opened(world: CounterWorld, mail: MailStore) -> AsyncIterator[DeskClient]:
    """Open the visit with every form on the counter."""
    world.others = [load(name) for name in names() if name != "care-renewal"]
    counter = await world.opened(mail)
    world.kiosk = counter
    async with desk_client(counter) as client:
        yield client
    await counter.stop()


def kiosk(world: CounterWorld) -> Counter:
    """Return the counter behind the pages."""
    assert world.kiosk is not None
    return world.kiosk


async def fill(desk: DeskClient, name: str, answers: dict[str, str] | None = None) -> list[str]:
    """Answer the questions page by page, as they are asked; returns the pages gone through."""
    given = answers or GOOD[name]
    form = load(name)
    status, where = await desk.press("/forms", procedure=name)
    assert status == 303
    visited: list[str] = []
    while where.startswith("/form/topics/") and len(visited) < 40:
        visited.append(where)
        html = await desk.page(where)
        section = where.removeprefix("/form/topics/").partition("?")[0]
        asked = set(re.findall(r'name="([a-z_0-9.#]+)"', html))
        sent = {k: v for k, v in given.items() if k in asked and form.field(k).section == section}
        if not sent and form.sections[section].result:
            return visited
        status, where = await desk.press(where.partition("?")[0], go="next", **sent)
        assert status == 303, where
    return [*visited, where]


def records(world: CounterWorld, mail: MailStore) -> list[Record]:
    """Open what lies on the shelf as the division does."""
    found = []
    for item in kiosk(world).opened().current().applications:
        slip = mail.slip(bytes.fromhex(item.env_id))
        found.append(decode_record(open_record(slip, world.division, world.signer.public)))
    return found


async def read_paper(world: CounterWorld, desk: DeskClient, document: str, word: str = "") -> str:
    """Feed one sheet as this paper; returns where the desk goes on."""
    world.scanner.stack = [paper("other", word=word or document)]
    await desk.press(f"/form/papers/{document}/feed")
    await settled(kiosk(world))
    return await desk.leads("/")


def needed(name: str, answers: dict[str, str]) -> list[str]:
    """Return the papers this case must come with."""
    return [one.id for one in load(name).documents if one.needed(answers)]


@pytest.mark.parametrize("name", SINGLE)
async def test_a_procedure_from_the_questions_to_the_receipt(
    world: CounterWorld, mail: MailStore, desk: DeskClient, name: str
) -> None:
    """Its form file alone gives the pages; what was answered and handed over lies sealed on the shelf."""
    form, given = load(name), GOOD[name]
    visited = await fill(desk, name)
    assert visited[-1] == "/form/papers"
    papers = needed(name, given)
    assert await read_paper(world, desk, papers[0]) == "/form/papers"
    for document in papers[1:]:
        assert await desk.press("/form/notes", **{f"paper.{document}": "seen"}) == (
            303,
            "/form/papers",
        )
    for one in form.documents:
        if one.original and one.id in papers:
            await desk.press("/form/notes", **{f"paper.{one.id}": "original"})
    html = await desk.page("/form/check")
    assert "notice-stop" not in html
    assert "notice-warn" not in html
    assert await desk.press("/form/hand-in", confirmed="1") == (303, "/receipts")
    assert form.title.ja in await desk.page("/receipts")
    told: dict[str, str] = {}
    for record in records(world, mail):
        assert (record.procedure, record.procedure_version) == (form.id, form.version)
        told |= {answer.key: answer.value for answer in record.answers}
        assert [d for d in record.defects if d.severity != "info"] == []
    idle = set(form.departments) - set(form.work_of(given)) if form.pattern == "one_stop" else set()
    asked = {
        k: v
        for k, v in given.items()
        if not idle & set(form.sections[form.field(k).section].departments)
    }
    assert asked.items() <= told.items()
    assert {sheet.kind for record in records(world, mail) for sheet in record.sheets} == {papers[0]}


async def test_the_eighth_is_the_stack(desk: DeskClient) -> None:
    """All eight stand on one page; care renewals go on to the count."""
    html = await desk.page("/forms")
    assert len(re.findall(r'name="procedure"', html)) == len(names()) == 8
    assert await desk.press("/forms", procedure="care-renewal") == (303, "/batch/declare")
    assert (await desk.press("/forms", procedure="dog"))[0] == 422


async def test_only_what_applies_is_asked(desk: DeskClient) -> None:
    """A second guardian is asked for once somebody says that there are two."""
    await desk.press("/forms", procedure="nursery")
    await desk.press("/form/topics/household", single_parent="yes")
    assert "guardian2.name" not in await desk.page("/form/topics/guardians")
    await desk.press("/form/topics/household", single_parent="no")
    assert "guardian2.name" in await desk.page("/form/topics/guardians")
    assert "individual_no" not in await desk.page("/form/topics/guardians")


async def test_an_answer_that_brings_a_question_stays_on_its_page(desk: DeskClient) -> None:
    """Who was the householder leads to who will be; the page is shown again with both."""
    await desk.press("/forms", procedure="bereavement")
    page = "/form/topics/household"
    assert await desk.press(page, was_householder="yes") == (303, page)
    assert 'name="remaining"' in await desk.page(page)
    wrong = await desk.press(page, was_householder="yes", remaining="たくさん")
    assert wrong == (303, f"{page}?look=1")
    html = await desk.page(f"{page}?look=1")
    assert 'id="error-summary"' in html
    assert 'href="#f-remaining"' in html


async def test_a_row_more_and_a_row_less(world: CounterWorld, desk: DeskClient) -> None:
    """Receipts are rows with a sum; one taken out lets those behind it move up."""
    await desk.press("/forms", procedure="medical-benefit")
    page = "/form/topics/receipts"
    rows = {"receipt.paid": "1500", "receipt.paid#2": "700", "receipt.paid#3": "20"}
    assert await desk.press(page, go="row2", **{"receipt.paid": "1500"}) == (303, f"{page}?rows=2")
    assert 'name="receipt.paid#2"' in await desk.page(f"{page}?rows=2")
    await desk.press(page, **rows)
    assert "2,220" in await desk.page(page)
    assert await desk.press(page, remove="receipt:2", **rows) == (303, page)
    item = kiosk(world).opened().current().applications[0]
    assert (item.value("receipt.paid#2"), item.value("receipt.paid#3")) == ("20", "")


async def test_each_department_gets_its_own_part(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """Four envelopes: what all see, a department's own answers, papers, tasks and note, and nobody else's."""
    await fill(desk, "bereavement")
    await read_paper(world, desk, "identity")
    await read_paper(world, desk, "bank_book", "book")
    facts = await desk.page("/form/tasks/2")
    assert "髙橋　太郎" in facts
    assert "見本銀行" in facts
    assert "軽自動車" not in facts
    note = {"task.funeral_benefit": "bring_later", "note.2": "通帳は次回"}
    assert await desk.press("/form/tasks/2", go="next", **note) == (303, "/form/tasks/3")
    assert await desk.press("/form/tasks/1", go="tasks", **{"task.certificates": "done"}) == (
        303,
        "/form/tasks",
    )
    await desk.press("/form/hand-in", confirmed="1")
    parts = {
        {a.key: a.value for a in record.answers}["department"]: record
        for record in records(world, mail)
    }
    assert list(parts) == ["市民登録課", "健康保険課", "医療助成年金課", "市民税課"]
    told = {name: {a.key for a in record.answers} for name, record in parts.items()}
    assert all("deceased.name" in keys for keys in told.values())
    own = [name for name, keys in told.items() if "funeral.account" in keys]
    assert own == [name for name, keys in told.items() if "note.2" in keys] == ["健康保険課"]
    kinds = {name: [sheet.kind for sheet in record.sheets] for name, record in parts.items()}
    assert kinds["健康保険課"] == ["identity", "bank_book"]
    assert kinds["市民税課"] == ["identity"]
    assert [record.batch_declared for record in parts.values()] == [4] * 4
    receipts = await desk.page("/receipts")
    assert "後日お持ちいただくもの" in receipts
    assert receipts.count("受付番号") >= 4


async def test_put_by_and_taken_up_again(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """In between a stack is filed; a restart forgets neither, and the pictures stay with their case."""
    await desk.press("/forms", procedure="bereavement")
    await desk.press("/form/topics/deceased", **{"deceased.name": "髙橋　太郎"})
    await read_paper(world, desk, "identity")
    case = kiosk(world).opened().current().batch_id
    assert await desk.press("/form/put-by") == (303, "/forms")
    await desk.press("/batch/declare", count="1")
    world.scanner.stack = stack(1)
    await desk.press("/batch/feed")
    await settled(kiosk(world))
    await desk.press("/batch/confirm-clean")
    assert await desk.press("/batch/hand-in", confirmed="1") == (303, "/receipts")
    assert "髙橋　太郎" in await desk.page("/forms")
    assert kiosk(world).on_tray().unfinished
    assert await desk.press("/forms/go-on", batch=case) == (303, "/form")
    async with opened(world, mail) as again:
        assert await again.leads("/") == "/form"
        async with again.picture(1) as answer:
            assert answer.status == 200
        assert (await again.press("/form/hand-in", confirmed="1"))[0] == 303


async def test_dropped_is_not_handed_in(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """Who goes away with a case leaves nothing behind, and nothing waits for it."""
    await desk.press("/forms", procedure="moving-out")
    await desk.press("/form/topics/move", scope="all")
    assert (await desk.press("/form/drop"))[0] == 422
    assert await desk.press("/form/drop", sure="1") == (303, "/forms")
    assert not kiosk(world).on_tray().unfinished
    assert await desk.leads("/") == "/forms"
    assert reconcile(kiosk(world).opened().snapshot.batches, {}).lines == ()
    assert mail.waiting() == 0


async def test_minutes_need_both_sides(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """Each side agrees to the text as it stands; a changed text takes both back."""
    await fill(desk, "building-preconsultation")
    page = "/form/topics/minutes"
    text = {"outcome": "answered", "minutes.text": "接道は満たす"}
    assert await desk.press(page, **text) == (303, page)
    both = {"minutes.asker": "yes", "minutes.city": "yes"}
    assert (await desk.press(page, **text, **both))[1] != page
    assert "双方が記録を確認しました" in await desk.page(page)
    changed = {**text, "minutes.text": "接道は満たす。幅員は4m"}
    assert await desk.press(page, **changed, **both) == (303, page)
    assert kiosk(world).opened().current().applications[0].value("minutes.city") == ""
    await desk.press(page, **changed, **both)
    await desk.press("/form/hand-in", confirmed="1")
    (record,) = records(world, mail)
    told = {answer.key: answer.value for answer in record.answers}
    assert (told["minutes.text"], told["minutes.asker"]) == (changed["minutes.text"], "yes")
    assert changed["minutes.text"] in await desk.page("/receipts")
    async with desk.pdf() as answer:
        assert (await answer.read()).startswith(b"%PDF")


async def test_handed_in_incomplete_keeps_its_date(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """What is missing is named and travels with the case; nobody is turned away."""
    await desk.press("/forms", procedure="health-insurance")
    assert (await desk.press("/form/hand-in", confirmed="1"))[0] == 422
    await desk.press("/form/topics/household", householder="髙橋　花")
    html = await desk.page("/form/check")
    assert "あとから補正していただきます" in html
    assert await desk.press("/form/hand-in", confirmed="1") == (303, "/receipts")
    (record,) = records(world, mail)
    assert "address" in {defect.field for defect in record.defects}


async def test_a_copy_of_what_must_be_an_original_is_named(
    world: CounterWorld, desk: DeskClient
) -> None:
    """The picture alone leaves a remark, until the paper itself was taken."""
    await fill(desk, "water-contractor")
    await read_paper(world, desk, "oath")

    def remarks() -> list[str]:
        item = kiosk(world).opened().current().applications[0]
        return [flaw.check for flaw in item.flaws if flaw.field == "oath"]

    assert remarks() == ["original_missing"]
    await desk.press("/form/notes", **{"paper.oath": "original"})
    assert remarks() == []


async def test_a_sheet_taken_out_is_missing_again(world: CounterWorld, desk: DeskClient) -> None:
    """A wrong sheet goes aside, and its paper is asked for again."""
    await desk.press("/forms", procedure="moving-out")
    await read_paper(world, desk, "identity")
    assert "1 枚読み取り済み" in await desk.page("/form/papers")
    assert await desk.press("/form/sheets/1/aside") == (303, "/form/papers")
    assert "1 枚読み取り済み" not in await desk.page("/form/papers")
    item = kiosk(world).opened().current().applications[0]
    assert "identity" in {flaw.field for flaw in item.flaws}


async def test_the_paper_has_the_summary(world: CounterWorld, desk: DeskClient) -> None:
    """One PDF for the visitor: each department's receipt, and what is done, pending and to be brought."""
    await fill(desk, "bereavement")
    await desk.press("/form/tasks/1", go="tasks", **{"task.householder": "done"})
    await desk.press("/form/notes", **{"paper.bank_book": "bring_later"})
    await desk.press("/form/notes", **{"paper.identity": "original"})
    await desk.press("/form/hand-in", confirmed="1")
    counter = kiosk(world)
    batch = counter.opened().current()
    standing = await look(counter.partners.mail, batch)
    issuer = Issuer("盛岡市", "介護保険課", "", DEVICE, "receipt.example.jp")
    form = counter.partners.form_of(batch)
    slip = batch_slip(counter.opened(), batch, standing, form, issuer)
    assert slip.summary is not None
    assert slip.summary.done == (("市民登録課", "世帯主の変更（14日以内、2人以上残るとき）"),)
    assert slip.summary.later == (("", "喪主の通帳"),)
    assert slip.summary.taken == (("", "来られた方の本人確認書類"),)
    assert len(slip.summary.pending) == 7
    assert print_slips(slip).startswith(b"%PDF")


async def test_a_returned_case_is_completed_on_its_own_forms_pages(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """Only what city hall wants is asked again, and the record goes to the same case."""
    request = world.request(
        7, procedure="moving-out", missing=("identity",), fields=("new.country",), insured_no=""
    )
    world.post(mail, "correction", request)
    html = await desk.page("/returned")
    assert "届け出る人の本人確認書類" in html
    assert "転出先の国" in html
    path = f"/returned/{request.request_id.hex()}/start"
    assert await desk.press(path) == (303, "/form")
    html = await desk.page("/form/topics/address")
    assert 'name="new.country"' in html
    assert "old.address" not in html
    await desk.press("/form/topics/address", **{"new.country": "カナダ"})
    await read_paper(world, desk, "identity")
    html = await desk.page("/form/check")
    assert "notice-stop" not in html
    assert await desk.press("/form/hand-in", confirmed="1") == (303, "/receipts")
    (record,) = records(world, mail)
    assert (record.completes_case, record.procedure) == (request.case_id, "moving-out")
    assert [(a.key, a.value) for a in record.answers] == [("new.country", "カナダ")]
    assert [sheet.kind for sheet in record.sheets] == ["identity"]
    assert mail.letters("correction", unread_only=True) == []
