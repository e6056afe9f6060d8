"""Work done in another network namespace by a thread of this process: its sockets are that network's."""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
CLONE_NEWNET = 0x40000000


def start_there(namespace: str, work: Callable[[], T]) -> "Future[T]":
    """Begin the work in a thread that enters the namespace (as `ip netns` names it) and ends with it."""
    told: Future[T] = Future()

    def run() -> None:
        try:
            handle = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
            try:
                # Only this thread moves: the rest of the process keeps its network.
                if ctypes.CDLL(None, use_errno=True).setns(handle, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), f"no way into {namespace}")
            finally:
                os.close(handle)
            told.set_result(work())
        except BaseException as error:  # noqa: BLE001  # the waiting side raises it
            told.set_exception(error)

    Thread(target=run, daemon=True).start()
    return told
