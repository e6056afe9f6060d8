"""The document camera, measured: live pictures a second through the real driver's code, corners.

`./run bench camera [--scenes N] [--seconds S] [--size 2592x1944]`. The camera is played to OpenCV's V4L2 code
(tests/support/played_camera.c); pages, tables, light and fingers are drawn (tests/support/photographed.py).
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from appliance.desk.camera.eye import Eye
from appliance.desk.camera.table import CameraTable
from appliance.desk.pages.edges import find_page
from appliance.desk.pages.flatten import flat_page
from hardware.camera.v4l2 import V4l2Camera
from tests.support.photographed import Photo, Scene, any_scene, photograph
from tests.support.played_camera import DEVICE, PlayedCamera, compiled

FAILED = 0.015
"""Share of the page's diagonal by which a corner may be off."""
FIRST_SEED = 50_000


def corners(scenes: int) -> None:
    """Print how far the corners are off, how many pages are refused, how many are wrong and not said to be."""
    off, refused, silent, cut_taken, seconds, flat_seconds = [], 0, 0, 0, 0.0, 0.0
    for seed in range(FIRST_SEED, FIRST_SEED + scenes):
        photo = photograph(any_scene(np.random.default_rng(seed)), seed)
        began = time.process_time()
        page = find_page(photo.picture)
        seconds += time.process_time() - began
        began = time.process_time()
        flat_page(photo.picture)
        flat_seconds += time.process_time() - began
        cut_taken += find_page(_cut(photo, seed)).corners is not None
        if page.corners is None:
            refused += 1
            continue
        far = np.linalg.norm(page.corners - photo.corners, axis=1)
        silent += bool(far.max() > FAILED * np.linalg.norm(photo.corners[2] - photo.corners[0]))
        off.extend(far.tolist())
    print(f"photographs {scenes}, {2592}x{1944}, seeds from {FIRST_SEED}")
    print(f"corners: median {np.median(off):.1f} px, 95 % within {np.percentile(off, 95):.1f} px")
    print(f"refused and said so: {refused}; wrong and not said: {silent}")
    print(f"pages cut off by the picture's border: {scenes}, taken for whole: {cut_taken}")
    print(
        f"finding {seconds / scenes:.2f} CPU s, with flattening {flat_seconds / scenes:.2f} CPU s"
    )


def _cut(photo: Photo, seed: int) -> "np.typing.NDArray[np.uint8]":
    """Cut a part of the page off with the picture's border."""
    chance = np.random.default_rng(seed)
    low, high = photo.corners.min(axis=0), photo.corners.max(axis=0)
    part = (high - low) * chance.uniform(0.06, 0.3)
    top, left = (low + part).astype(int)[::-1]
    bottom, right = (high - part).astype(int)[::-1]
    pieces = (
        photo.picture[top:],
        photo.picture[:bottom],
        photo.picture[:, left:],
        photo.picture[:, :right],
    )
    return np.ascontiguousarray(pieces[int(chance.integers(4))])


async def live(seconds: float, size: tuple[int, int]) -> None:
    """Print how many live pictures a second leave the table, of still and of moving pages, and what that costs."""
    for name, moving in (("a page that lies still", False), ("a page that moves", True)):
        with tempfile.TemporaryDirectory() as folder:
            played = PlayedCamera(
                compiled(Path(folder)), Path(folder) / "frames", Path(folder) / "word", size, 30
            )
            _draw_frames(played.frames, size, moving=moving)
            camera = V4l2Camera(DEVICE, *size, 30, grabber=played.grabber(), limit_s=60)
            table = CameraTable(camera, Eye(limit_s=60), time.monotonic)
            await _watch(table, name, seconds)


async def _watch(table: CameraTable, name: str, seconds: float) -> None:
    taken: list[float] = []

    async def feed() -> None:
        async for _ in table.feed():
            taken.append(time.monotonic())  # noqa: PERF401 - the moment each comes

    feeding = asyncio.create_task(feed())
    pictures, length, first, spent = 0, 0, 0.0, 0.0
    async with contextlib.aclosing(table.live()) as frames:
        async for picture in frames:
            if not pictures:
                first, spent = time.monotonic(), _spent()
            pictures, length = pictures + 1, length + len(picture)
            if time.monotonic() - first > seconds:
                break
    wall = time.monotonic() - first
    cost = _spent() - spent
    table.finish()
    await feeding
    after = f", first page taken after {taken[0] - first:.1f} s" if taken else ", none taken"
    print(
        f"live, {name}: {(pictures - 1) / wall:.1f} pictures/s of {length // pictures // 1000} KB, "
        f"{cost / pictures:.3f} CPU s each, {len(taken)} taken{after}"
    )


def _spent() -> float:
    """Processor seconds of this program and of all it started."""
    ticks, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(words[1])
            ticks[int(stat.parent.name)] = int(words[11]) + int(words[12])
    ours = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(ticks.get(one, 0) for one in ours) / os.sysconf("SC_CLK_TCK")


def _draw_frames(folder: Path, size: tuple[int, int], *, moving: bool) -> None:
    folder.mkdir()
    base = Scene("certificate", "mat", turn=2, tilt=5, tint=(246, 236, 205), size=size)
    for number in range(6 if moving else 1):
        scene = replace(base, turn=2.0 + 1.5 * number)
        picture = photograph(scene, 3 + number).picture
        quality = [cv2.IMWRITE_JPEG_QUALITY, 85]
        cv2.imwrite(str(folder / f"{number}.jpg"), picture[..., ::-1], quality)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--size", default="2592x1944", help="of the live camera's frames")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    cv2.setNumThreads(1)
    asyncio.run(live(asked.seconds, (int(width), int(height))))
    if asked.scenes:
        corners(asked.scenes)


if __name__ == "__main__":
    main()
