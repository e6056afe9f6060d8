"""What an observer learns from lengths (T20): whole steps of 1 KiB, and for most applications the same few slips."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from sync.envelope import PartRole
from sync.padding import PAGE_STEP, PREVIEW_STEP, RECORD_STEP
from sync.record import Answer, encode_record
from sync.verify import verify_slip
from tests.support.makers import BOX, make_envelope, make_record, make_sheet, make_signer

COUNT = 1_000
STEP = 1024
FAMILIES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤")
GIVEN = ("花子", "太郎", "ハル", "正一", "千代", "キヨ子", "義雄", "美智子", "進", "ふみ")
TOWNS = ("北町一丁目", "中央通", "みどりが丘三丁目", "川端", "東新田字西原")


def some_record(n: int) -> bytes:
    """Return application number n as a person would make it: names, addresses and answers of any length."""
    dice = random.Random(n)  # noqa: S311 - the same people every time
    answers = [
        Answer("insured.no", f"{dice.randrange(10**10):010}", "qr"),
        Answer("insured.name", f"{dice.choice(FAMILIES)} {dice.choice(GIVEN)}", "due_list"),
        Answer("insured.address", f"{dice.choice(TOWNS)}{dice.randrange(1, 40)}番", "due_list"),
        Answer("insured.birth", f"19{dice.randrange(20, 50)}-04-02", "ocr", 0.9),
        *(
            Answer(
                f"form.field_{at}",
                dice.choice(("", "yes", dice.choice(TOWNS))),
                "ocr",
                dice.random(),
            )
            for at in range(dice.randrange(8, 60))
        ),
    ]
    sheets = [
        make_sheet(at, page=dice.randbytes(9), preview=dice.randbytes(9))
        for at in range(dice.choice((1, 2, 2, 3, 3, 4, 6, 9)))
    ]
    return encode_record(make_record(n, answers=answers, sheets=sheets))


@pytest.fixture(scope="module")
def lengths() -> Counter[int]:
    """Return how many of a thousand sealed records have each length."""
    found: Counter[int] = Counter()
    for n in range(COUNT):
        slip = make_envelope(n, record=some_record(n), parts=[]).slip
        found[verify_slip(slip, make_signer(BOX).public).payload_length] += 1
    return found


def test_a_thousand_records_have_few_lengths(lengths: Counter[int]) -> None:
    """At most eight lengths, each of at least eight people: no record is known by its length alone."""
    assert 1 < len(lengths) <= 8
    assert min(lengths.values()) >= 8, lengths


def test_lengths_differ_by_whole_steps(lengths: Counter[int]) -> None:
    """Two sealed records or pages whose contents share a step cannot be told apart by length."""
    assert (RECORD_STEP, PREVIEW_STEP, PAGE_STEP) == (STEP, STEP, STEP)
    assert len(lengths) > 1, "all alike: this shows nothing about steps"
    assert {(b - a) % STEP for a, b in pairwise(sorted(lengths))} == {0}


def test_a_page_tells_its_length_in_steps_only() -> None:
    """Pages of every length between two steps are sealed alike; what the step itself tells stands in decision 0012."""

    def sealed(size: int) -> int:
        return len(make_envelope(parts=[(PartRole.PAGE, bytes(size))]).parts[0])

    assert len({sealed(size) for size in (STEP - 3, STEP, 2 * STEP - 4)}) == 1
    assert sealed(2 * STEP - 3) == sealed(2 * STEP - 4) + STEP
