"""A visit pack made at a terminal of city hall: the plan, the register's export, and each mistake told."""

from pathlib import Path

import pytest

from appliance.desk.partners import Refused
from cityhall.mail.store import HallMail
from cityhall.office.roles import Role
from procedures.definition import load
from provisioning import visit_pack
from provisioning.visit_pack import due_of, read_plan
from sync.letters import DUE_MAX
from tests.support.founded_office import FoundedOffice, found_office, moved_office, typed
from tests.support.makers import DEVICE

FORM = load("care-renewal")
PLAN = f"""procedure = "care-renewal"
device = "{DEVICE}"
run = "20261125"
stop = "1125-1"
vehicle = "1号車"
provider_no = "0370199010"
provider_name = "わかば居宅介護支援事業所"
starts_at = 2026-11-25T10:00:00+09:00
ends_at = 2026-11-25T11:15:00+09:00
designated_counter = true
officer_id = "S-014"
"""
DUE = (
    "整理番号,照合番号,被保険者番号,氏名,フリガナ,生年月日,要介護度,認定有効期間終了日\r\n"
    "R8-1,tok,0012345601,髙﨑　𠮷雄,タカサキ　ヨシオ,S12.12.25,要介護3,R8.12.31\r\n"
    "R8-2,,0012345602,東海林　澄子,ショウジ　スミコ,S13.99.1,要介護1,R8.12.31\r\n"
)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found a city once; nobody works in this folder."""
    folder = tmp_path_factory.mktemp("founded") / "hall"
    found_office(folder)
    return folder


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> FoundedOffice:
    """Give city hall of a founded city whose bus is enrolled."""
    return moved_office(founded, tmp_path / "hall")


def test_the_plan_and_the_export_become_a_pack_in_the_tray(
    office: FoundedOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A signed-in caseworker makes it; bad lines are told without a word of what stands there."""
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "due.csv").write_bytes(DUE.encode())
    account = office.account("sato", Role.CASEWORKER)
    words = [str(tmp_path / "plan.toml"), "--due", str(tmp_path / "due.csv")]
    words += ["--config", str(office.city.settings_path), "--name", "sato"]
    assert visit_pack.main(words, typed(account)) == 0
    said = capsys.readouterr()
    assert "2 people due, 0 with their last case" in said.out
    assert "line 3, 生年月日" in said.err
    assert "S13.99.1" not in said.err
    mail = HallMail(office.city.mail)
    assert len(mail.letters_for(DEVICE)) == 1
    mail.close()


def test_an_auditor_makes_no_packs(
    office: FoundedOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last cases are opened for it."""
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "due.csv").write_bytes(DUE.encode())
    account = office.account("aoki", Role.AUDITOR)
    words = [str(tmp_path / "plan.toml"), "--due", str(tmp_path / "due.csv")]
    words += ["--config", str(office.city.settings_path), "--name", "aoki"]
    assert visit_pack.main(words, typed(account)) == 1
    assert "a caseworker or a chief makes packs" in capsys.readouterr().err


def test_the_register_says_who_is_due_and_by_which_code() -> None:
    """Facts by the form's fields, reference and token of the printed code."""
    due, found = due_of(DUE.encode(), FORM)
    assert [(one.reference, one.token, one.insured_no) for one in due] == [
        ("R8-1", "tok", "0012345601"),
        ("R8-2", "", "0012345602"),
    ]
    assert dict(due[0].answers)["prev_result"] == "23"
    assert [problem.line for problem in found.problems] == [3]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('run = "20261125"\n', "", "plan.toml.run"),
        ("vehicle", "vehicles", "plan.toml.vehicle"),
        ('"S-014"', '""', "officer_id: must be a str"),
        ("= true", '= "yes"', "designated_counter: must be a bool"),
        ("10:00:00+09:00", "10:00:00", "starts_at: must be a moment with its time zone"),
        ('"1号車"', "1号車", "must be TOML"),
    ],
)
def test_fail__a_wrong_plan_is_told(old: str, new: str, said: str) -> None:
    """Place, rule, fact, remedy."""
    with pytest.raises(ValueError, match="; ") as refused:
        read_plan(PLAN.replace(old, new), "plan.toml")
    assert said in str(refused.value)


@pytest.mark.parametrize("data", [b"", "氏名,住所\r\nア,1\r\n".encode()])
def test_fail__an_export_without_people_is_told(data: bytes) -> None:
    """Nobody is due by it."""
    with pytest.raises((Refused, ValueError)):
        due_of(data, FORM)


def test_fail__more_people_than_a_pack_holds() -> None:
    """The remedy is a second stop."""
    rows = "".join(f"{number:010}\r\n" for number in range(1, DUE_MAX + 2))
    with pytest.raises(ValueError, match="plan two stops"):
        due_of(f"被保険者番号\r\n{rows}".encode(), FORM)
