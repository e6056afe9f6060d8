"""Wide pipes to a process: a frame passes in one piece or two instead of twenty, each a change of processes."""

import asyncio
import contextlib
import fcntl

PIPE_BYTES = 1 << 20
"""What Linux lets anybody ask for (/proc/sys/fs/pipe-max-size)."""


def widen(process: asyncio.subprocess.Process) -> None:
    """Widen the pipes of a process's stdin and stdout; where the system refuses they stay as they are."""
    for stream in (process.stdin, process.stdout):
        if stream is None:
            continue
        # A StreamReader gives its pipe to nobody; its transport does.
        transport = getattr(stream, "transport", None) or getattr(stream, "_transport", None)
        pipe = None if transport is None else transport.get_extra_info("pipe")
        if pipe is not None:
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
