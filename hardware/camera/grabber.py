"""The process that holds a V4L2 camera: OpenCV reads it, the newest frame goes out when asked for.

Started by `hardware.camera.v4l2`; a camera that hangs the kernel's read hangs this process only, which is killed.
One byte on stdin asks for a frame; the answer on stdout is length, width, height (4 bytes each, big endian) and
the camera's own JPEG bytes, which are not decoded here. The exit code says why it ended; see `hardware.camera.v4l2`.
"""

import errno
import os
import struct
import sys
import threading
from typing import Any

import cv2

HEAD = struct.Struct(">III")
ENDED, ABSENT, BUSY, NO_FRAMES = 0, 3, 4, 5
MISSED_FRAMES = 5
"""Empty reads in a row after which the camera gives no picture."""
JPEG_QUALITY = 93
"""For a camera that only gives raw pictures."""


class Newest:
    """The newest frame, given once: whoever asks waits for one not seen before."""

    def __init__(self) -> None:
        self._frame: tuple[bytes, int, int] | None = None
        self._end: int | None = None
        self._news = threading.Condition()

    def put(self, data: bytes, width: int, height: int) -> None:
        """Replace the frame nobody asked for."""
        with self._news:
            self._frame = (data, width, height)
            self._news.notify()

    def end(self, code: int) -> None:
        """No frame will come any more."""
        with self._news:
            self._end = code
            self._news.notify()

    def take(self) -> tuple[bytes, int, int] | int:
        """Wait for the next frame; the exit code when none will come."""
        with self._news:
            self._news.wait_for(lambda: self._frame is not None or self._end is not None)
            if self._frame is None:
                return ENDED if self._end is None else self._end
            frame, self._frame = self._frame, None
            return frame


def open_device(device: str, width: int, height: int, fps: int) -> Any:
    """Open the camera for its own JPEGs; the exit code when it cannot be opened."""
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        return BUSY if error.errno == errno.EBUSY else ABSENT
    wishes = [
        cv2.CAP_PROP_FOURCC,
        cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH,
        width,
        cv2.CAP_PROP_FRAME_HEIGHT,
        height,
        cv2.CAP_PROP_FPS,
        fps,
    ]
    camera = cv2.VideoCapture(device, cv2.CAP_V4L2, wishes)
    if not camera.isOpened():
        return BUSY
    camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    return camera


def grab(camera: Any, newest: Newest, device: str) -> None:
    """Read frame after frame until the camera gives none."""
    missed = 0
    while missed < MISSED_FRAMES:
        good, frame = camera.read()
        packed = pack(frame) if good else None
        if packed is None:
            missed += 1
            continue
        missed = 0
        width, height = (
            int(camera.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        newest.put(packed, width, height)
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK))
        newest.end(NO_FRAMES)
    except OSError:
        newest.end(ABSENT)


def pack(frame: Any) -> bytes | None:
    """Return the camera's JPEG as it came, up to its end mark; None for a frame that is none."""
    data = bytes(frame.tobytes())
    if data.startswith(b"\xff\xd8"):
        end = data.rfind(b"\xff\xd9")
        return data[: end + 2] if end > 0 else None
    if frame.ndim == 3:  # noqa: PLR2004 - rows, columns, colours: a raw picture
        good, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        return bytes(jpeg) if good else None
    return None


def main(argv: list[str]) -> int:
    """Serve frames until stdin closes: DEVICE WIDTH HEIGHT FPS."""
    device, width, height, fps = argv[0], int(argv[1]), int(argv[2]), int(argv[3])
    camera = open_device(device, width, height, fps)
    if isinstance(camera, int):
        return camera
    newest = Newest()
    threading.Thread(target=grab, args=(camera, newest, device), daemon=True).start()
    while sys.stdin.buffer.read(1):
        frame = newest.take()
        if isinstance(frame, int):
            return frame
        data, wide, high = frame
        sys.stdout.buffer.write(HEAD.pack(len(data), wide, high) + data)
        sys.stdout.buffer.flush()
    return ENDED


if __name__ == "__main__":
    # The reading thread may hang in the kernel for ever: leave without waiting for it.
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
