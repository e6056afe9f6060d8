"""Two cities, founded once: founding costs a second, copying does not."""

import shutil
from pathlib import Path

import pytest

from provisioning.city import City, found_city
from tests.support.depot_world import NOW


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found a city that nobody changes."""
    folder = tmp_path_factory.mktemp("founded")
    return found_city(folder, "盛岡市", NOW, ("127.0.0.1",)).folder


@pytest.fixture(scope="session")
def founded_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found another one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    return found_city(folder, "別の市", NOW, ("127.0.0.1",)).folder


@pytest.fixture(scope="module")
def city(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    """A copy of the city for one file of tests."""
    return City(Path(shutil.copytree(founded, tmp_path_factory.mktemp("city") / "city")))


@pytest.fixture
def other(founded_elsewhere: Path, tmp_path: Path) -> City:
    """A copy of the other city for one test."""
    return City(Path(shutil.copytree(founded_elsewhere, tmp_path / "elsewhere")))
