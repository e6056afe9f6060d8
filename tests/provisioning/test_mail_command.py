"""`madobus mail`: the verbs as a person types them, at the bus and at city hall."""

import json
import os
from pathlib import Path

import pytest

from provisioning.carry_answer import Imported, Outcome
from provisioning.carry_bus import Exported
from provisioning.carry_words import answered, exported
from provisioning.mailbox import main
from provisioning.settings_text import toml_text
from tests.support.sticks import Trip, make_trip


@pytest.fixture
def trip(tmp_path: Path) -> Trip:
    """A bus with one application, a city hall and an empty stick."""
    found = make_trip(tmp_path)
    found.keep(0)
    return found


def configs(trip: Trip) -> tuple[str, str]:
    """Write both houses' settings as files; returns bus.toml and hall.toml."""
    for name, settings in (("bus", trip.bus.settings()), ("hall", trip.hall.settings())):
        told = settings.model_dump(exclude_none=True)
        top = {key: value for key, value in told.items() if not isinstance(value, dict)}
        rooms = {key: value for key, value in told.items() if isinstance(value, dict)}
        (trip.stick.parent / f"{name}.toml").write_text(toml_text({"": top, **rooms}))
    return str(trip.stick.parent / "bus.toml"), str(trip.stick.parent / "hall.toml")


def test_the_way_there_and_back(trip: Trip, capsys: pytest.CaptureFixture[str]) -> None:
    """Export, import at city hall, import at the bus: each says what to do next."""
    bus, hall = configs(trip)
    folder = str(trip.stick)
    assert main(["export", folder, "--config", bus]) == 0
    assert "there: madobus mail import" in capsys.readouterr().out
    assert main(["import", folder, "--config", hall]) == 0
    assert "Take the stick back to the bus" in capsys.readouterr().out
    assert main(["import", folder, "--config", bus]) == 0
    assert "1 more whole applications are proven" in capsys.readouterr().out
    assert main(["import", folder, "--config", bus]) == 1
    assert "no answer for this bus" in capsys.readouterr().out
    assert main(["import", folder, "--config", hall]) == 1
    assert "no export on this stick" in capsys.readouterr().out


def test_the_way_there_and_back_for_a_program(
    trip: Trip, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object each."""
    bus, hall = configs(trip)
    main(["export", str(trip.stick), "--config", bus, "--json", "--limit", "9000000"])
    assert json.loads(capsys.readouterr().out)["all_on_it"]
    main(["import", str(trip.stick), "--config", hall, "--json"])
    [taken] = json.loads(capsys.readouterr().out)["exports"]
    assert (taken["device"], taken["complete"]) == ("bus-07", 1)
    main(["import", str(trip.stick), "--config", bus, "--json"])
    [answer] = json.loads(capsys.readouterr().out)["answers"]
    assert (answer["outcome"], answer["complete"]) == ("taken", 1)


def test_fail__a_stick_that_is_not_mounted(trip: Trip, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written beside it."""
    bus, _ = configs(trip)
    assert main(["export", str(trip.stick / "gone"), "--config", bus]) == 2
    assert "put the stick in" in capsys.readouterr().err
    assert not (trip.stick / "gone").exists()


def test_fail__an_export_at_city_hall(trip: Trip, capsys: pytest.CaptureFixture[str]) -> None:
    """City hall answers; it does not begin."""
    _, hall = configs(trip)
    assert main(["export", str(trip.stick), "--config", hall]) == 2
    assert "use: mail import" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_fail__another_user(trip: Trip, capsys: pytest.CaptureFixture[str]) -> None:
    """Files of root on the shelf would lock the uplink out."""
    bus, _ = configs(trip)
    folder = trip.bus.settings().uplink.folder
    folder.mkdir()
    os.chown(folder, 4711, -1)
    assert main(["export", str(trip.stick), "--config", bus]) == 2
    assert "run this as that user" in capsys.readouterr().err


def test_status_and_retry(trip: Trip, capsys: pytest.CaptureFixture[str]) -> None:
    """As words and as JSON."""
    bus, _ = configs(trip)
    assert main(["status", "--config", bus]) == 0
    assert "applications: {'kept': 1}" in capsys.readouterr().out
    trip.bus.mail.refused(trip.bus.mail.outbox()[0].env_id, 201, "no")
    assert main(["retry", "--config", bus, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["applications"] == {"sending": 1}


def test_what_is_not_on_the_stick_is_said_in_words() -> None:
    """A stick that is too small, and a bad place on the disk."""
    told = exported(
        Exported(
            waiting=5, records=4, whole=1, files=1, size=900_000, full=True, damaged=("00" * 16,)
        )
    )
    text = " ".join(told.sentences)
    assert "1 records and the pages of 4 applications are not on it" in text
    assert "cannot be read" in text
    assert not told.well


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_sentence(outcome: Outcome) -> None:
    """And the note goes with it."""
    told = answered([Imported(outcome, "the reason")])
    assert told.sentences[1] == "the reason."
    assert told.well == (outcome in (Outcome.TAKEN, Outcome.STALE))
