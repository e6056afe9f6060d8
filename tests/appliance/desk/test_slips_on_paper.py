"""The printed receipt, line by line: what must stand on it, what must not, and that its codes can be read."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.desk.counter import Counter
from appliance.desk.printing import BOTH, print_slips
from appliance.desk.prints import Paper
from appliance.desk.receipts import BatchSlip, Issuer, batch_slip
from appliance.desk.standing import look
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import front, person, stack
from tests.support.paper_text import codes_on, missing, words_on

ISSUER = Issuer(
    "盛岡市", "介護保険課", "019-000-0100", "bus-07", "receipt.example.jp", "2026-04-01"
)
PAPERS: tuple[Paper, ...] = ("a4", "roll80", "roll58")
needs_poppler = pytest.mark.skipif(bool(missing()), reason=missing() or "all is there")


@pytest.fixture
async def slip(world: CounterWorld, counter: Counter) -> BatchSlip:
    """Two people handed in: the first with everything, the second without back page and card."""
    tray = counter.on_tray()
    await tray.declare(3, "")
    world.scanner.stack = [*stack(1), front(2)]
    await tray.feed()
    await settled(counter)
    await tray.hand_in(counter.stop_here(), protective=True)
    visit, partners = counter.opened(), counter.partners
    standing = await look(partners.mail, visit.current())
    return batch_slip(visit, visit.current(), standing, partners.procedure, ISSUER)


def counted(words: str) -> bool:
    """Tell whether the counts stand there: row by row, or all names and then all numbers."""
    names = (
        *("お申し出", "受け付けた件数", "うち不足あり"),
        *("受け付けていない件数", "受付済みで重複", "お返しする用紙"),
    )
    numbers = ("3件", "2件", "1件", "0件", "0件", "0枚")
    rows = "".join(name + number for name, number in zip(names, numbers, strict=True))
    return rows in words or ("".join(names) in words and "".join(numbers) in words)


@needs_poppler
@pytest.mark.parametrize("paper", PAPERS)
async def test_every_line_of_a_receipt_is_on_every_paper(
    slip: BatchSlip, tmp_path: Path, paper: Paper
) -> None:
    """Once for each side; a name here is the rule's own list, so that none is dropped unseen."""
    one, two = slip.people
    must = {
        "run": "R8-08-25",
        "stop": "kitakami",
        "vehicle": "1号車",
        "box": "bus-07",
        "provider": "居宅介護支援事業所きたかみ",
        "provider's number": "0370101234",
        "batch": slip.batch_no,
        "gap": "差の1件は受け付けていません",
        "receipt number": one.number,
        "the other's": two.number,
        "initials": "タ.ヨ.",
        "masked number": "******5601",
        "time in the era": "令和8年8月25日12:00",
        "clock": "（時刻合わせ済み、誤差1秒以内）",
        "original kept": "原本袋1番",
        "no original": "お預かりしていません",
        "defects": "申請書（裏面）",
        "deadline": "次の訪問のとき（めやすは令和8年9月30日まで）",
        "date": "この車でお預かりした日が申請日です。（市の取扱い2026-04-01版）",
        "contact": "介護保険課電話019-000-0100",
        "code": one.code,
        "officer": "工藤",
        "no decision": "受付は、認定の決定ではありません。",
        "encrypted and erased": "データは暗号化されています。市役所が受け取りを確認したあと、この車から消去します。",
        "not at city hall yet": "車上受付済・市役所未達",
        "provider's set": "事業所用",
        "city's set": "市の控え",
    }
    words = words_on(print_slips(slip, paper=paper, sides=BOTH), tmp_path)
    assert {name for name, text in must.items() if text not in words} == set()
    assert counted(words)
    assert (
        words.count("事業所用") == words.count("市の控え") == 3
    )  # the batch's slip and two people's
    assert "再発行" not in words


@needs_poppler
async def test_nothing_of_a_person_is_on_paper_that_need_not_be(
    slip: BatchSlip, tmp_path: Path
) -> None:
    """No name, no whole number, no birth date, no level, no address, no number of the individual number's kind."""
    words = words_on(print_slips(slip, sides=BOTH), tmp_path)
    answers = person(1)
    secrets = [answers[key] for key in ("insured_no", "phone", "address", "physician.name")]
    secrets += ["髙﨑", "ヨシオ", "昭和", "要介護3", "要介護１", "個人番号", "病名", "疾病"]
    assert [secret for secret in secrets if secret in words] == []


@needs_poppler
@pytest.mark.parametrize(
    ("paper", "dpi", "black_only"),
    [("a4", 150, False), ("roll80", 203, True), ("roll58", 203, True)],
)
async def test_each_code_is_read_back_from_the_sheet(
    slip: BatchSlip, tmp_path: Path, paper: Paper, dpi: int, *, black_only: bool
) -> None:
    """At the dots of a plain printer, and of a receipt printer that knows only black."""
    document = print_slips(slip, paper=paper, sides=BOTH)
    codes = codes_on(document, tmp_path, dpi=dpi, black_only=black_only)
    assert codes == [one.address for one in slip.people] * 2


@needs_poppler
async def test_what_was_printed_before_is_marked(slip: BatchSlip, tmp_path: Path) -> None:
    """Only that receipt, and alone it comes without the batch's slip."""
    one, two = slip.people
    again = replace(slip, people=(replace(one, copy=True), two))
    words = words_on(print_slips(again, sides=BOTH), tmp_path)
    assert words.count("再発行") == 2
    alone = words_on(print_slips(again, paper="roll80", only={two.number}), tmp_path)
    assert (alone.count("受付票"), two.number in alone, one.number in alone) == (1, True, False)


@needs_poppler
async def test_a_refused_case_and_one_that_arrived_say_so(slip: BatchSlip, tmp_path: Path) -> None:
    """Each on its own slip, and the first on the batch's too."""
    one, two = slip.people
    people = (replace(one, transfer="refused"), replace(two, transfer="arrived"))
    totals = replace(slip.totals, refused=1)
    words = words_on(print_slips(replace(slip, people=people, totals=totals)), tmp_path)
    assert words.count("市役所が受け取れていません") == 2
    assert words.count("市役所に到着済み") == 1
    assert "車上受付済・市役所未達" not in words
