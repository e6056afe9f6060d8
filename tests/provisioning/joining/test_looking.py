"""The box reads the depot's code from a picture or through its camera."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from hardware.camera.simulated import SimulatedCamera
from hardware.errors import DeviceMissing
from provisioning.joining.code import CodeError, make_code
from provisioning.joining.looking import look_through, read_picture

SPELLED = make_code("192.0.2.10:8445", "{}").spelled()


def shown(path: Path, text: str = SPELLED) -> Path:
    """Write a picture of a screen with this code on it."""
    segno.make(text, error="m", micro=False).save(str(path), scale=6, border=8)
    return path


def table(path: Path) -> Path:
    """Write a picture of an empty table."""
    cv2.imwrite(str(path), np.full((480, 640), 180, np.uint8))
    return path


def test_ok__a_photograph_of_the_code(tmp_path: Path) -> None:
    """As the depot's screen shows it."""
    assert read_picture(shown(tmp_path / "code.png")) == SPELLED


async def test_ok__the_camera_waits_until_somebody_holds_the_code_before_it(tmp_path: Path) -> None:
    """An empty table first, another QR code, and then the right one."""
    table(tmp_path / "1.png")
    shown(tmp_path / "2.png", "https://example.jp/menu")
    shown(tmp_path / "3.png")
    assert await look_through(SimulatedCamera(tmp_path, hold=2)) == SPELLED


async def test_fail__nobody_shows_a_code(tmp_path: Path) -> None:
    """The person is told how to hold it."""
    table(tmp_path / "1.png")
    with pytest.raises(CodeError, match="saw no code"):
        await look_through(SimulatedCamera(tmp_path), looks=3)


async def test_fail__no_camera(tmp_path: Path) -> None:
    """The device's own sentence comes through."""
    camera = SimulatedCamera(tmp_path)
    camera.plugged = False
    with pytest.raises(DeviceMissing):
        await look_through(camera)


def test_fail__a_picture_without_a_code_or_with_two(tmp_path: Path) -> None:
    """It is taken again: nobody guesses which code was meant."""
    one = cv2.imread(str(shown(tmp_path / "1.png")), cv2.IMREAD_GRAYSCALE)
    other_code = make_code("192.0.2.11:8445", "{}").spelled()
    two = cv2.imread(str(shown(tmp_path / "2.png", other_code)), cv2.IMREAD_GRAYSCALE)
    assert one is not None
    assert two is not None
    height = max(one.shape[0], two.shape[0])
    both = [np.pad(x, ((0, height - x.shape[0]), (0, 0)), constant_values=255) for x in (one, two)]
    cv2.imwrite(str(tmp_path / "both.png"), np.hstack(both))
    for name, count in (
        ("nothing.png", 0),
        (table(tmp_path / "table.png").name, 0),
        ("both.png", 2),
    ):
        with pytest.raises(CodeError, match=f"shows {count} codes"):
            read_picture(tmp_path / name)
