"""Targets under the document camera: a frame, what the driver hands on of one, what the eye says of one."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from appliance.desk.camera.eye import EyeBlindError, read_seen
from appliance.desk.camera.looking import SMALL, Looker, NoFrameError
from appliance.desk.pages import exchange
from hardware.camera.grabber import pack
from tests.fuzz.target import Broken, Target

_LENGTH: Final = SMALL[0] * SMALL[1]


def _frame(data: bytes) -> None:
    """Look at it as the eye does, which tells a frame nobody can open from one of a bare table."""
    seen = Looker().look(data, 0.0, sharp=True)
    if len(seen.look.small) != _LENGTH or not seen.live.startswith(b"\xff\xd8"):
        raise Broken("a frame that was looked at has no tiny or no live picture")


def _grabbed(data: bytes) -> None:
    """Hand on what the camera's driver gave: a whole JPEG or nothing."""
    given = pack(np.frombuffer(data, np.uint8))
    if given is not None and not (given.startswith(b"\xff\xd8") and given.endswith(b"\xff\xd9")):
        raise Broken("half a frame was handed on")


def _seen(data: bytes) -> None:
    """Read an answer of the eye, whose process opens foreign pictures."""
    prefix, rest = data[: exchange.PREFIX], data[exchange.PREFIX :]
    text, blob = exchange.lengths(prefix.ljust(exchange.PREFIX, b"\0"))
    seen = read_seen(exchange.read_head(rest[:text]), rest[text : text + blob])
    if len(seen.look.small) != _LENGTH:
        raise Broken("an answer without a tiny picture was believed")


def _frames() -> Sequence[bytes]:
    drawn = np.full((48, 64, 3), 40, np.uint8)
    drawn[8:40, 12:52] = 240
    drawn[16:32:4, 20:44] = 60
    quality = [cv2.IMWRITE_JPEG_QUALITY, 60]
    grey = cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY)
    return [bytes(cv2.imencode(".jpg", each, quality)[1]) for each in (drawn, grey)]


def _answers() -> Sequence[bytes]:
    told = {"reason": "", "sharpness": 12.5}
    return [
        exchange.pack(told, bytes(_LENGTH) + b"\xff\xd8"),
        exchange.pack({"blind": "NoFrameError"}),
    ]


_MARKS: Final = (b"\xff\xd8", b"\xff\xd9", b"\xff\xc0", b"\xff\xda", b"\xff\xdd")
_WORDS: Final = (b'"reason"', b'"sharpness":', b"1e999", b"9" * 400, b"[" * 64, b'"cut"')

TARGETS: Final = (
    Target("camera-frame", _frame, (NoFrameError, cv2.error), _frames, _MARKS, slow=True),
    Target("camera-grabbed", _grabbed, (), _frames, _MARKS),
    Target(
        "camera-seen", _seen, (exchange.ExchangeError, EyeBlindError), _answers, _WORDS, slow=True
    ),
)
