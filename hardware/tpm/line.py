"""The way to the chip: the kernel's `/dev/tpmrm0`, or the socket of `swtpm`. One command, one answer, one deadline."""

import os
import select
import socket
from contextlib import closing
from pathlib import Path
from typing import Final

ANSWER_MAX: Final = 4096
DEADLINE_S: Final = 10.0
"""Seconds for one answer: far above what any command of ours takes, far below a person's patience."""


class Silent(Exception):  # noqa: N818  # it names what happened
    """The chip did not answer before its deadline."""


def ask(path: Path, command: bytes, deadline_s: float, *, through_socket: bool) -> bytes:
    """Send one command and return the answer; raises OSError when the way is not there, Silent when nothing comes."""
    if through_socket:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as way:
            way.settimeout(deadline_s)
            try:
                way.connect(str(path))
                way.sendall(command)
                return _stream(way)
            except TimeoutError as error:
                raise Silent from error
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.write(handle, command)
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if not waiting.poll(deadline_s * 1000):
            raise Silent
        return os.read(handle, ANSWER_MAX)
    finally:
        os.close(handle)


def _stream(way: socket.socket) -> bytes:
    """Read until the size that bytes 2 to 5 of every answer name is reached."""
    answer = b""
    while len(answer) < 6 or len(answer) < int.from_bytes(answer[2:6], "big"):  # noqa: PLR2004 - the size field's end
        piece = way.recv(ANSWER_MAX)
        if not piece or len(answer) > ANSWER_MAX:
            return answer
        answer += piece
    return answer
