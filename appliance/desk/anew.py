"""The desk begins anew once a visit is locked or ended: the old process image, with all it held, is gone.

Python cannot wipe the copies of a key or a name that its objects, libraries and allocator made. Replacing
the whole image (execve) can: the kernel takes the old memory back at once, before the new one reads a file.
The listening socket is carried over, so a browser's next request waits a moment instead of failing.
"""

import contextlib
import os
import socket
import sys
from typing import NoReturn

CARRIED_SOCKET = "MADOBUS_DESK_SOCKET"
CARRIED_NOTICE = "MADOBUS_DESK_NOTICE"
BACKLOG = 128


def listen(host: str, port: int) -> tuple[socket.socket, bool]:
    """Return the listening socket, and whether it came from the process before. Raises OSError."""
    carried = os.environ.pop(CARRIED_SOCKET, "")
    if carried:
        listening = socket.socket(fileno=int(carried))
        listening.set_inheritable(False)
        return listening, True
    family, *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server((host, port), family=family, backlog=BACKLOG), False


def carried_notice() -> str:
    """Return the key of the sentence the process before would have said next."""
    return os.environ.pop(CARRIED_NOTICE, "")


def begin_anew(listening: socket.socket, notice: str) -> NoReturn:
    """Replace this process image by a fresh one with the same command line, socket and process id."""
    listening.set_inheritable(True)
    carried = {CARRIED_SOCKET: str(listening.fileno()), CARRIED_NOTICE: notice}
    # What waits in the pipes to a journal is not lost with the image.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | carried)  # noqa: S606 - our own program again
