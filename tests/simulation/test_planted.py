"""provisioning.simulate.planted: the judge sees bugs. All of them are hunted by `./run simulate --planted`."""

from pathlib import Path

import pytest

from provisioning.simulate.day import play
from provisioning.simulate.planted import PLANTS, RowWithoutLeaf, hunt
from provisioning.simulate.world import Plant


@pytest.mark.parametrize(
    "name", ["delete-on-send", "ack-before-sync", "purge-on-receipt", "no-log-check"]
)
def test_ok__a_planted_bug_is_seen(name: str, tmp_path: Path) -> None:
    """A few days are enough for these; the rare ones are left to the command."""
    found = hunt(name, tmp_path, days=30)
    assert found is not None, name


def test_ok__every_planted_bug_differs_from_the_product() -> None:
    """Each is a city of its own name with one thing built otherwise."""
    honest = Plant()
    assert len(PLANTS) >= 10
    assert all(
        (plant.box, plant.hall, plant.new_id_on_retry)
        != (honest.box, honest.hall, honest.new_id_on_retry)
        for plant in PLANTS.values()
    )


def test_ok__a_city_hall_that_loses_leaves_is_not_believed(tmp_path: Path) -> None:
    """The product shows no receipt whose filing is not in the log, even where nothing settles any more."""
    damaged = Plant("row without leaf", hall=RowWithoutLeaf)
    days = [play(seed, tmp_path, damaged) for seed in range(6)]
    seen = {violation[:2] for day in days for violation in day.violations}
    assert seen.isdisjoint({"I1", "I5", "I7"})
