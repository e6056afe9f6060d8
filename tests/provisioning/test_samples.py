"""The demo's stack of paper: people who keep the law's rules, pages a machine can read, the same each time."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from appliance.desk.camera.looking import Looker
from procedures.checks import Facts, examine
from procedures.deadlines import age_at, is_month_end, window
from procedures.definition import load
from procedures.numbers import insurer_no_holds, office_no_holds
from provisioning.demo.samples import Person, Stack, make_stack
from provisioning.demo.samples.capture import Capture
from provisioning.demo.samples.paper import DPI, Fonts, Paper, px
from provisioning.demo.samples.people import INSURER_NO, expiry_for, make_people
from provisioning.demo.samples.photographs import make_photographs
from provisioning.demo.samples.renewal_front import FrontForm
from provisioning.demo.samples.stack import LARGEST_STACK

TODAY = date(2026, 11, 23)
FORM = load("care-renewal")


def drawn(seed: int, count: int, today: date) -> tuple[Person, ...]:
    """Draw people from a seed."""
    return make_people(Random(seed), count, today)  # noqa: S311 -- a repeatable drawing, no secret


PEOPLE = drawn(1, 12, TODAY)
CARD_KEYS = (
    "insurer_no",
    "insured_no",
    "name",
    "birth_date",
    "prev_result",
    "prev_valid_to",
    "address",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Draw two people's papers once for this file."""
    return make_stack(tmp_path_factory.mktemp("stack"), seed=1, people=2, today=TODAY)


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    """Return the fonts that the package brings."""
    return Fonts()


def found(person: Person, today: date) -> list[str]:
    """Return the checks that speak about a person's papers, information aside."""
    facts = Facts(
        answers=person.truth,
        filing_date=today,
        insurer_no=INSURER_NO,
        card={key: person.truth[key] for key in CARD_KEYS},
        page_kinds=frozenset(person.kinds),
    )
    findings = examine(FORM, facts)
    return [finding.check for finding in findings if finding.severity != "info"]


@pytest.mark.parametrize("offset", range(0, 366, 11))
def test_only_the_planted_deficiency(offset: int) -> None:
    """On any day of the year eleven of twelve are clean, and the seventh lacks a physician."""
    today = date(2026, 1, 1) + timedelta(days=offset)
    people = drawn(offset, 12, today)
    assert [found(person, today) for person in people] == [[]] * 6 + [["physician_missing"]] + [
        []
    ] * 5


def test_planted_deficiency_is_named() -> None:
    """The stack tells which deficiency it planted."""
    assert [person.planted for person in PEOPLE if person.planted] == ["physician_missing"]


def test_truth_is_canonical() -> None:
    """What the stack calls true is written as the form writes it."""
    for person in PEOPLE:
        assert {
            key: FORM.field(key).normalise(value) for key, value in person.truth.items()
        } == person.truth


@pytest.mark.parametrize("offset", range(0, 800, 13))
def test_window_is_open(offset: int) -> None:
    """Whatever the day, the demo's certifications may be renewed on it and end on a month's last day."""
    today = date(2026, 1, 1) + timedelta(days=offset)
    expiry = expiry_for(today)
    assert is_month_end(expiry)
    assert window(expiry).opens <= today <= expiry
    assert (expiry - today).days >= 28


def test_numbers_have_their_check_digits() -> None:
    """Numbers with a legal check digit carry the right one."""
    for person in PEOPLE:
        assert insurer_no_holds(person.truth["insurer_no"])
        assert insurer_no_holds(person.truth["medical_insurer_no"])
        assert office_no_holds(person.truth["filer.office_no"])


def test_nobody_has_an_individual_number() -> None:
    """The individual number is left blank on every form."""
    assert all("individual_no" not in person.truth for person in PEOPLE)


def test_phones_reach_nobody() -> None:
    """Every phone number lies in a range that is not given out."""
    for person in PEOPLE:
        phones = [value for key, value in person.truth.items() if key.endswith("phone")]
        assert phones
        assert all(phone.startswith(("019-000-", "090-0000-")) for phone in phones)


def test_classes_follow_ages() -> None:
    """The category follows from the age, and both categories are there."""
    for person in PEOPLE:
        age = age_at(date.fromisoformat(person.truth["birth_date"]), TODAY)
        assert person.truth["insured_class"] == ("1" if age >= 65 else "2")
    assert {person.truth["insured_class"] for person in PEOPLE} == {"1", "2"}


def test_names_with_rare_signs() -> None:
    """The names that go wrong elsewhere are in the stack."""
    names = {person.truth["name"] for person in PEOPLE}
    assert {"髙﨑　𠮷雄", "東海林　澄子"} <= names


def test_due_list_knows_most() -> None:
    """Ten of twelve are in the due list and have a QR code; two must be read."""
    assert sum(person.due is not None for person in PEOPLE) == 10
    assert all(person.has_qr == (person.due is not None) for person in PEOPLE)


def test_due_entry_repeats_the_paper() -> None:
    """Register and last case say together what the paper says, but for the day of application."""
    for person in PEOPLE:
        if person.due and person.due.last:
            assert dict((*person.due.answers, *person.due.last.answers)) == {
                k: v for k, v in person.truth.items() if k != "application_date"
            }
            assert (person.due.insured_no, person.due.reference) == (
                person.truth["insured_no"],
                person.reference,
            )


def test_three_ways_of_printing_qr() -> None:
    """The stack has each of the three QR profiles, and each leads to its due entry."""
    kinds = set()
    for person in PEOPLE:
        if person.due:
            kind = person.qr_payload[:4]
            kinds.add(kind)
            known = person.due.token if kind == "http" else person.due.reference
            assert known in person.qr_payload
    assert kinds == {"KN1:", "KN1|", "http"}


def test_category_2_has_proof_of_insurance() -> None:
    """The person under 65 brings the disease's name and the proof of medical insurance."""
    (person,) = [person for person in PEOPLE if person.truth["insured_class"] == "2"]
    assert person.truth["specified_disease"] == "13"
    assert "medical_insurance" in person.kinds


def test_twelve_people_make_more_than_thirty_sheets() -> None:
    """The usual stack is as thick as a usual stop's."""
    assert sum(len(person.kinds) for person in PEOPLE) >= 30


def test_numbers_do_not_repeat() -> None:
    """In the largest stack nobody shares a number or a reference."""
    people = drawn(3, LARGEST_STACK, TODAY)
    assert len({person.truth["insured_no"] for person in people}) == LARGEST_STACK
    references = [person.reference for person in people if person.reference]
    assert len(set(references)) == len(references)


def test_same_seed_same_people() -> None:
    """A seed and a day determine everybody."""
    assert drawn(1, 12, TODAY) == PEOPLE
    assert drawn(2, 12, TODAY) != PEOPLE


def test_sheets_in_feeding_order(stack: Stack) -> None:
    """Files sort as they are fed: each person's papers together, form front first."""
    assert list(stack.sheets) == sorted(stack.sheets)
    assert len(stack.sheets) == sum(len(person.kinds) for person in stack.people)
    assert all(
        person.kinds[:3] == ("form_front", "form_back", "insurance_card") for person in stack.people
    )


def test_pictures_are_scans(stack: Stack) -> None:
    """Each sheet is a colour JPEG at 300 dpi, a little larger than its paper, none over three megabytes."""
    papers = {"form_front": (210, 297), "form_back": (210, 297), "insurance_card": (273, 128)}
    papers["medical_insurance"] = (128, 91)
    kinds = [kind for person in stack.people for kind in person.kinds]
    for file, kind in zip(stack.sheets, kinds, strict=True):
        with Image.open(file) as picture:
            assert (picture.format, picture.mode, picture.info["dpi"]) == (
                "JPEG",
                "RGB",
                (DPI, DPI),
            )
            width, height = (px(side) for side in papers[kind])
            assert width < picture.width <= width + px(4)
            assert height < picture.height <= height + px(4)
        assert file.stat().st_size < 3_000_000


def test_edges_are_not_pure_white(stack: Stack) -> None:
    """The scanner's tray is never pure white, which a driver would cut off as padding."""
    with Image.open(stack.sheets[0]) as picture:
        corner = picture.crop(
            (picture.width - 8, picture.height - 8, picture.width, picture.height)
        )
        assert np.asarray(corner).max() < 250


def test_qr_can_be_read(stack: Stack) -> None:
    """The QR code of each front reads as what was meant."""
    fronts = [stack.sheets[0], stack.sheets[len(stack.people[0].kinds)]]
    for file, person in zip(fronts, stack.people, strict=True):
        with Image.open(file) as picture:
            assert [code.text for code in zxingcpp.read_barcodes(picture)] == [person.qr_payload]


def test_same_seed_same_pictures(tmp_path: Path) -> None:
    """The same seed scans the same page to the same bytes; the next page lies differently."""
    page = Image.new("RGB", (300, 200), (250, 222, 226))
    files = [tmp_path / name for name in ("one", "two", "three")]
    scanner, twin = (Capture(Random(5)) for _ in range(2))  # noqa: S311 -- a repeatable drawing, no secret
    scanner.write(page, files[0])
    twin.write(page, files[1])
    twin.write(page, files[2])
    one, two, three = (file.read_bytes() for file in files)
    assert one == two
    assert two != three


@pytest.mark.parametrize("count", [0, -1, LARGEST_STACK + 1])
def test_fail__number_of_people(count: int, tmp_path: Path) -> None:
    """A stack of nobody, or of more than a bus can take, is refused before anything is drawn."""
    with pytest.raises(ValueError, match="people are possible"):
        make_stack(tmp_path / "none", seed=1, people=count, today=TODAY)
    assert not (tmp_path / "none").exists()


def test_every_value_of_the_front_leaves_ink(fonts: Fonts) -> None:
    """Taking any printed value away changes the front: nothing is true that is not on the paper."""
    form, person = FrontForm(fonts), PEOPLE[7]
    full = form.fill(person).image.reduce(4).tobytes()
    on_back = ("survey.", "current_place.past_")
    elsewhere = {"insurer_no", "insured_class", "application_kind", "filer.kind", "insured_no"}
    for key in person.truth:
        if key in elsewhere or key.startswith(on_back):
            continue
        rest = {known: value for known, value in person.truth.items() if known != key}
        partial = Person(
            rest, person.due, person.has_qr, person.qr_payload, person.reference, person.kinds
        )
        assert form.fill(partial).image.reduce(4).tobytes() != full, key


def test_words_keep_to_their_width(fonts: Fonts) -> None:
    """Words too long for their cell are set smaller instead of running over its edge."""
    paper = Paper(100, 20, fonts, (255, 255, 255))
    paper.text((5, 10), "あ" * 40, 12, width=60)
    right = paper.image.crop((px(66), 0, px(100), px(20)))
    assert right.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("sign", list("髙﨑𠮷邉齊彅濵"))
def test_font_has_the_sign(fonts: Fonts, sign: str) -> None:
    """Each rare sign has its own drawing in the font, not the box of a missing one."""
    missing = (
        fonts.at(40).getmask("\U0010fffd").getbbox(),
        bytes(fonts.at(40).getmask("\U0010fffd")),
    )
    drawn = fonts.at(40).getmask(sign).getbbox(), bytes(fonts.at(40).getmask(sign))
    assert drawn != missing


def test_the_camera_s_papers_lie_whole_on_a_mat_and_then_it_is_bare(tmp_path: Path) -> None:
    """Each page is found with its four corners, in the order it is laid down; nobody of the stack comes twice."""
    person = make_photographs(tmp_path, seed=1, today=TODAY)
    files = sorted(tmp_path.iterdir())
    looks = [Looker().look(file.read_bytes(), 0.0).look.reason for file in files]
    assert [file.stem[2:] for file in files] == [*person.kinds, "mat"]
    assert looks == [""] * len(person.kinds) + ["no_page"]
    assert person.truth["insured_no"] not in {one.truth["insured_no"] for one in PEOPLE}
