"""Photographs of drawn pages on tables of several kinds, with the true corners: light, shadow, fingers, curl."""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[Any]
Floats = npt.NDArray[Any]

TABLES = ("mat", "wood", "cloth", "laminate", "white")
PAPERS = {"form": (210, 297), "certificate": (273, 128), "card": (128, 91), "small": (86, 54)}
DOTS = 5.0
"""Dots a millimetre of the drawn page."""


@dataclass(frozen=True, slots=True)
class Scene:
    """How a page lies before the camera; `tilt` and `turn` in degrees."""

    paper: str = "form"
    table: str = "mat"
    turn: float = 0.0
    tilt: float = 0.0
    fill: float = 0.8
    tint: tuple[int, int, int] = (246, 246, 244)
    shadow: bool = False
    stripe: bool = False
    glare: bool = False
    fingers: int = 0
    curl_mm: float = 0.0
    noise: float = 4.0
    written: bool = True
    size: tuple[int, int] = (1944, 2592)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph and the page's corners in it: tl, tr, br, bl."""

    picture: Picture
    corners: Floats
    scene: Scene = field(default_factory=Scene)


def any_scene(chance: np.random.Generator) -> Scene:
    """Choose a scene as they come: every table, every trouble."""
    paper = str(chance.choice(list(PAPERS), p=[0.5, 0.3, 0.15, 0.05]))
    tints = {
        "form": [(246, 246, 244), (240, 240, 238), (250, 250, 250)],
        "certificate": [(246, 236, 205), (225, 235, 245), (240, 225, 225)],
        "card": [(205, 225, 240), (235, 240, 225), (245, 245, 245)],
        "small": [(230, 235, 240), (245, 240, 220)],
    }[paper]
    size = (1944, 2592) if paper == "form" else (2592, 1944)
    return Scene(
        paper,
        str(chance.choice(TABLES)),
        turn=float(chance.normal(0, 5)),
        tilt=float(chance.uniform(0, 16)),
        fill=float(chance.uniform(0.62, 0.92)),
        tint=tints[int(chance.integers(len(tints)))],
        shadow=bool(chance.random() < 0.4),
        stripe=bool(chance.random() < 0.3),
        glare=bool(chance.random() < 0.3),
        fingers=int(chance.choice([0, 0, 1, 2])),
        curl_mm=float(chance.choice([0, 0, 1, 2])),
        noise=float(chance.uniform(2, 9)),
        size=size,
    )


def photograph(scene: Scene, seed: int = 0) -> Photo:
    """Take the photograph; the same scene and seed give the same pixels."""
    chance = np.random.default_rng(seed)
    page = draw_page(scene, chance)
    width, height = scene.size
    corners = _corners(scene, chance)
    reach_x, reach_y = _reach(scene, page, corners, chance)
    light = _light(scene, corners, chance)
    table = _table(scene, chance) * _drop(scene, page, reach_x, reach_y, chance)[..., None]
    paper = cv2.remap(page, reach_x, reach_y, cv2.INTER_AREA, borderValue=(0, 0, 0))
    solid = cv2.remap(
        np.ones(page.shape[:2], np.float32), reach_x, reach_y, cv2.INTER_LINEAR, borderValue=0.0
    )[..., None]
    scene_light: Floats = (paper.astype(np.float32) * solid + table * (1 - solid)) * light
    for _ in range(scene.fingers):
        scene_light = _finger(scene_light, corners, chance)
    scene_light = cv2.GaussianBlur(scene_light, (0, 0), float(chance.uniform(0.6, 1.3)))
    grain = chance.normal(0, scene.noise, (height, width, 1)).astype(np.float32)
    grain = grain + chance.normal(0, scene.noise / 2, (height, width, 3)).astype(np.float32)
    seen = np.clip(scene_light + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", seen[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    unpacked: Picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    # A curl of this shape leaves the corners where they are.
    return Photo(np.ascontiguousarray(unpacked[..., ::-1]), corners, scene)


def draw_page(scene: Scene, chance: np.random.Generator) -> Picture:
    """Draw a page: a title, framed rows with words in them, lines of small print, a seal."""
    wide, high = (round(mm * DOTS) for mm in PAPERS[scene.paper])
    page = np.full((high, wide, 3), scene.tint, np.uint8)
    page = (page * chance.normal(1, 0.004, (high, wide, 1))).clip(0, 255).astype(np.uint8)
    if not scene.written:
        return page
    margin = int(wide * chance.uniform(0.05, 0.1))
    top = int(high * chance.uniform(0.06, 0.16))
    bottom = int(high * chance.uniform(0.6, 0.93))
    ink = tuple(int(v) for v in chance.integers(10, 70, 3))
    rows = int(chance.integers(4, 16))
    if chance.random() < 0.85:
        cv2.rectangle(page, (margin, top), (wide - margin, bottom), ink, int(chance.integers(1, 5)))
    for y in np.linspace(top, bottom, rows).astype(int):
        if chance.random() < 0.7:
            cv2.line(page, (margin, int(y)), (wide - margin, int(y)), ink, 1)
        x = margin + 12
        while x < wide - margin - 60:
            size = int(chance.integers(12, 26))
            _word(page, x, int(y) + 12, size, ink, chance)
            x += int(chance.integers(80, 400))
    for x in chance.integers(margin, wide - margin, 3):
        cv2.line(page, (int(x), top), (int(x), bottom), ink, 1)
    _word(page, wide // 3, max(4, top // 3), max(12, top // 2), ink, chance)
    cv2.circle(page, (wide - margin - 60, bottom - 50), 32, (190, 60, 60), 3)
    return page


def _word(  # noqa: PLR0917 - a stroke's numbers
    page: Picture, x: int, y: int, size: int, ink: tuple[int, ...], chance: np.random.Generator
) -> None:
    for letter in range(int(chance.integers(2, 9))):
        left = x + letter * (size + 3)
        for _ in range(5):
            points = chance.integers(0, size, 4)
            start = (left + int(points[0]), y + int(points[1]))
            end = (left + int(points[2]), y + int(points[3]))
            cv2.line(page, start, end, ink, 1 + size // 16, cv2.LINE_AA)


def _corners(scene: Scene, chance: np.random.Generator) -> Floats:
    width, height = scene.size
    wide, high = PAPERS[scene.paper]
    scale = scene.fill * min(width / wide, height / high)
    square = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) * scale / 2
    angle = np.radians(scene.turn)
    turned = square @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    axis = chance.uniform(0, 2 * np.pi)
    tilt = np.radians(scene.tilt)
    away = 1.3 * max(width, height)
    depth = (turned @ np.array([np.cos(axis), np.sin(axis)])) * np.sin(tilt)
    seen = turned * (away / (away + depth))[:, None]
    low, high_ = seen.min(axis=0), seen.max(axis=0)
    room = (np.array([width, height]) - (high_ - low)) / 2 - 0.02 * width
    shift = chance.uniform(-1, 1, 2) * np.maximum(room, 0)
    return np.asarray(seen - (low + high_) / 2 + np.array([width, height]) / 2 + shift, np.float32)


def _reach(
    scene: Scene, page: Picture, corners: Floats, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    """Give for every pixel of the photograph its place on the page; a curled page bends across one side."""
    height, width = page.shape[:2]
    square = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    back = cv2.getPerspectiveTransform(corners, square)
    xs, ys = np.meshgrid(np.arange(scene.size[0]), np.arange(scene.size[1]))
    seen = np.stack([xs, ys], axis=-1).astype(np.float32).reshape(-1, 1, 2)
    flat = cv2.perspectiveTransform(seen, back).reshape(scene.size[1], scene.size[0], 2)
    bend = scene.curl_mm * DOTS * float(chance.choice([-1, 1]))
    across = np.clip(flat[..., 0] / width, -0.2, 1.2)
    flat[..., 1] += bend * 4 * across * (1 - across)
    return np.ascontiguousarray(flat[..., 0]), np.ascontiguousarray(flat[..., 1])


def _table(scene: Scene, chance: np.random.Generator) -> Floats:
    width, height = scene.size
    base = {
        "mat": (45, 48, 50),
        "wood": (150, 110, 75),
        "cloth": (110, 120, 135),
        "laminate": (196, 194, 190),
        "white": (226, 224, 220),
    }[scene.table]
    table = np.empty((height, width, 3), np.float32)
    table[:] = np.array(base, np.float32) * chance.uniform(0.9, 1.08)
    if scene.table == "wood":
        grain = cv2.resize(
            chance.normal(0, 14, (height // 3, 12)).astype(np.float32), (width, height)
        )
        table += np.cumsum(chance.normal(0, 1.2, height)).astype(np.float32)[:, None, None] * 0.5
        table += grain[..., None]
        for y in chance.integers(0, height, 3):
            table[int(y) : int(y) + 5] *= 0.6
    if scene.table == "cloth":
        weave = chance.normal(0, 10, (height // 4, width // 4)).astype(np.float32)
        table += cv2.resize(weave, (width, height))[..., None]
    if scene.table in ("laminate", "white"):
        blot = chance.normal(0, 4, (6, 6)).astype(np.float32)
        table += cv2.resize(blot, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    if chance.random() < 0.4:
        y = int(chance.integers(0, height))
        cv2.line(table, (0, y), (width, int(y + chance.normal(0, 300))), (25, 25, 28), 40)
    return table


def _drop(
    scene: Scene, page: Picture, reach_x: Floats, reach_y: Floats, chance: np.random.Generator
) -> Floats:
    """The page's own shadow on the table."""
    high, wide = page.shape[:2]
    inside = ((reach_x >= 0) & (reach_x < wide) & (reach_y >= 0) & (reach_y < high)).astype(
        np.float32
    )
    moved = np.roll(inside, tuple(int(v) for v in chance.integers(-8, 12, 2)), axis=(0, 1))
    soft = cv2.GaussianBlur(moved, (0, 0), float(chance.uniform(4, 12)))
    _ = scene
    return np.asarray(1 - soft * float(chance.uniform(0.25, 0.5)), np.float32)


def _light(scene: Scene, corners: Floats, chance: np.random.Generator) -> Floats:
    width, height = scene.size
    across = np.linspace(chance.uniform(0.75, 1.0), chance.uniform(0.75, 1.0), width)
    down = np.linspace(chance.uniform(0.8, 1.0), chance.uniform(0.8, 1.0), height)
    light = np.asarray(down[:, None] * across[None], np.float32)
    if scene.shadow:
        light *= 1 - chance.uniform(0.3, 0.55) * _band(scene, chance, blur=30, wide=0.9)
    if scene.stripe:
        light *= 1 + chance.uniform(0.3, 0.7) * _band(scene, chance, blur=4, wide=0.18)
    if scene.glare:
        spot = corners.mean(axis=0) + chance.normal(0, 250, 2)
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        far = ((xs - spot[0]) ** 2 + (ys - spot[1]) ** 2) / (2 * 260.0**2)
        light *= 1 + 0.6 * np.exp(-far)
    warm = np.array([chance.uniform(0.92, 1.03), 0.98, chance.uniform(0.85, 1.03)], np.float32)
    return np.asarray(light[..., None] * warm, np.float32)


def _band(scene: Scene, chance: np.random.Generator, *, blur: float, wide: float) -> Floats:
    """A slanting band: a window's sun, an arm's shadow."""
    width, height = scene.size
    left, lean = chance.uniform(-0.1, 0.9) * width, chance.normal(0, 0.25) * width
    far = left + wide * width * chance.uniform(0.6, 1.2)
    band = np.zeros((height, width), np.float32)
    shape = [[left, 0], [far, 0], [far + lean, height], [left + lean, height]]
    cv2.fillPoly(band, [np.array(shape, np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(band, (0, 0), blur), np.float32)


def _finger(seen: Floats, corners: Floats, chance: np.random.Generator) -> Floats:
    side = int(chance.integers(4))
    a, b = corners[side], corners[(side + 1) % 4]
    place = a + (b - a) * chance.uniform(0.08, 0.92)
    inward = corners.mean(axis=0) - place
    inward = inward / np.linalg.norm(inward)
    tip = place + inward * chance.uniform(30, 200)
    root = place - inward * 900
    cover: Floats = np.zeros(seen.shape[:2], np.float32)
    ends = tuple(int(v) for v in tip), tuple(int(v) for v in root)
    cv2.line(cover, ends[0], ends[1], 1.0, int(chance.integers(90, 170)), cv2.LINE_AA)
    cover = cv2.GaussianBlur(cover, (0, 0), 5)[..., None]
    skin: Floats = np.array((205, 150, 115), np.float32) * chance.uniform(0.6, 1.1)
    return np.asarray(seen * (1 - cover) + skin * cover, np.float32)
