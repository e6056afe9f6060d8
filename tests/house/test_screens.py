"""The photographed screens: small, of few colours, each named in the list beside them."""

import re

from PIL import Image

from tests.support.tree import ROOT

SCREENS = ROOT / "docs" / "screens"
MOST_BYTES = 120_000
NAMED = re.compile(r"\]\(([a-z0-9-]+\.png)\)")


def test_every_picture_is_named_once_in_the_list() -> None:
    """Nothing lies there that the list does not tell, and the list tells nothing that is not there."""
    told = NAMED.findall((SCREENS / "README.md").read_text(encoding="utf-8"))
    assert sorted(told) == sorted(path.name for path in SCREENS.glob("*.png"))


def test_a_picture_is_small_and_of_the_screens_size() -> None:
    """A palette and at most 120 kB: a repository is no album."""
    for path in SCREENS.glob("*.png"):
        with Image.open(path) as picture:
            wide = 320 if path.stem.endswith("-narrow") else 1280
            assert (picture.mode, picture.width) == ("P", wide), path.name
        assert path.stat().st_size <= MOST_BYTES, path.name
