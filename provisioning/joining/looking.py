"""The box looks for the depot's QR code: on one picture, or through its own camera until it sees one."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import zxingcpp

from hardware.protocols import Camera
from provisioning.joining.code import BEGINNING, CodeError

LOOKS_MAX: Final = 600  # pictures of a camera that shows no code; some ten a second
PICTURE_MAX: Final = 24 * 1024 * 1024


def read_picture(picture: Path) -> str:
    """Return the one code of an enrolment on a picture; raises CodeError when there is none or more."""
    data = picture.read_bytes() if picture.is_file() else b""
    found = _codes(data)
    if len(found) != 1:
        raise CodeError(
            f"enrol: {picture} shows {len(found)} codes of a depot, not one; take it again, nearer"
        )
    return found.pop()


async def look_through(camera: Camera, looks: int = LOOKS_MAX) -> str:
    """Return the code that somebody holds before the camera; raises CodeError, DeviceError."""
    try:
        async with aclosing(camera.frames()) as frames:  # type: ignore[type-var]  # every driver's is a generator
            async for frame in frames:
                found = await asyncio.to_thread(_codes, frame.image)
                if len(found) == 1:
                    return found.pop()
                looks -= 1
                if not looks:
                    break
    finally:
        await camera.close()
    raise CodeError(
        "enrol: the camera saw no code of a depot; hold it still, nearer, and without glare"
    )


def _codes(data: bytes) -> set[str]:
    if not 0 < len(data) <= PICTURE_MAX:
        return set()
    seen = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if seen is None:
        return set()
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    texts = [str(one.text) for one in zxingcpp.read_barcodes(seen, formats=formats)]
    return {text for text in texts if text.startswith(BEGINNING)}
