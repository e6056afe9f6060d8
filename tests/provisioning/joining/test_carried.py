"""An enrolment on a stick: the keys stay on the box, and words tell a swapped file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.boxkeys import Bus, box_signer, make_wish
from provisioning.city import City
from provisioning.enrol import AdmissionError, admit, take_admission
from provisioning.joining.answer import HallAddress, encode_admission
from provisioning.joining.carried import WORDS, read_ask, read_reply, write_ask
from provisioning.joining.carried_commands import admit_main, ask_main, take_main
from tests.support.depot_world import HALL, NOW

BOX = "bus-51"


def answers(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Let a person say this to every question, and choose a PIN."""
    monkeypatch.setattr("builtins.input", lambda _question: word)
    monkeypatch.setattr("getpass.getpass", lambda _question: "24681012")


def test_ok__a_box_is_enrolled_by_two_files(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ask, admit, take: each screen shows the words of the one before, and only public things travel."""
    answers(monkeypatch, "y")
    stick, box = tmp_path / "stick", tmp_path / "box"
    assert ask_main([str(box), str(stick), "--device", BOX, "--staff", "S-014 工藤 真"]) == 0
    assert (
        admit_main([str(stick / f"{BOX}.ask"), "--city", str(city.folder), "--hall", "h.jp"]) == 0
    )
    assert take_main([str(box), str(stick / f"{BOX}.admission")]) == 0
    shown = [line for line in capsys.readouterr().out.splitlines() if "・" in line and "(" in line]
    assert shown[0] == shown[1]
    assert shown[2] == shown[3]
    assert shown[0].count("・") == WORDS - 1
    assert Bus(box).enrolled() == BOX
    carried = b"".join(path.read_bytes() for path in stick.iterdir())
    keys = [path.read_bytes().splitlines()[1] for path in box.rglob("*.key")]
    assert not [key for key in keys if key in carried]


def test_ok__nothing_happens_without_a_yes(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in city hall nor on the box."""
    answers(monkeypatch, "")
    stick, box, before = tmp_path / "stick", tmp_path / "box", city.bundle()
    ask_main([str(box), str(stick), "--device", "bus-52", "--staff", "S-014 工藤 真"])
    ask = stick / "bus-52.ask"
    assert admit_main([str(ask), "--city", str(city.folder), "--hall", "h.jp"]) == 1
    assert city.bundle() == before
    wish, _ = read_ask(ask.read_text("utf-8"))
    reply = stick / "bus-52.admission"
    reply.write_text(encode_admission(admit(city, wish, NOW), HALL), "utf-8")
    assert take_main([str(box), str(reply)]) == 1
    assert Bus(box).enrolled() == ""


def test_fail__a_swapped_ask_shows_other_words(tmp_path: Path) -> None:
    """The thief's keys under the box's name."""
    asked = [
        read_ask(write_ask(make_wish(bus, BOX, ()), box_signer(bus)))[1]
        for bus in (Bus(tmp_path / "box"), Bus(tmp_path / "thief"))
    ]
    assert asked[0] != asked[1]


def test_fail__a_reply_of_another_city_shows_other_words(
    city: City, other: City, tmp_path: Path
) -> None:
    """The box would believe another root: the city's screen showed other words."""
    wish = make_wish(Bus(tmp_path / "box"), "bus-55", ())
    told = [encode_admission(admit(one, wish, NOW), HALL) for one in (city, other)]
    assert read_reply(told[0])[2] != read_reply(told[1])[2]


def _words_of(reply: object) -> tuple[str, ...]:
    return read_reply(json.dumps(reply))[2]


@pytest.mark.parametrize("swapped", ["authority", "host", "intake", "certificates"])
def test_fail__a_reply_that_leads_elsewhere_shows_other_words(
    city: City, other: City, tmp_path: Path, swapped: str
) -> None:
    """Root and bundle are the city's, but the box would call another house and believe its certificates there."""
    device = f"bus-{swapped}"
    wish = make_wish(Bus(tmp_path / "box"), device, ())
    told = encode_admission(admit(city, wish, NOW), HALL)
    false = encode_admission(admit(other, wish, NOW), HallAddress("thief.example", 1, 2))
    honest, changed = json.loads(told), json.loads(told) | {swapped: json.loads(false)[swapped]}
    words = [_words_of(honest), _words_of(changed)]
    assert words[0] != words[1]


def test_fail__a_reply_for_another_box(city: City, tmp_path: Path) -> None:
    """Certificates for keys that this box does not have are not taken."""
    ours, theirs = Bus(tmp_path / "box"), Bus(tmp_path / "other")
    wish = make_wish(ours, "bus-53", ())
    told = admit(city, make_wish(theirs, "bus-54", ()), NOW)
    with pytest.raises(AdmissionError, match="does not know"):
        take_admission(ours, wish, told)
    swapped = replace(admit(city, wish, NOW), certificates=told.certificates)
    with pytest.raises(AdmissionError, match="not for this box"):
        take_admission(ours, wish, swapped)


@pytest.mark.parametrize("change", ["format", "device", "more", "signature"])
def test_fail__an_ask_that_was_changed(tmp_path: Path, change: str) -> None:
    """It is no file of a box any more."""
    bus = Bus(tmp_path)
    told = json.loads(write_ask(make_wish(bus, BOX, ()), box_signer(bus)))
    if change == "signature":
        told["signature"]["key"] = "0" * 16
    else:
        told["signed"][change] = "bus-66"
    with pytest.raises(ValueError, match=r"ask|wish"):
        read_ask(json.dumps(told))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"root": 7}'])
def test_fail__what_is_no_reply(text: str) -> None:
    """The person is told which file to carry, or that it is damaged."""
    with pytest.raises(ValueError, match=r"reply|Expecting"):
        read_reply(text)
