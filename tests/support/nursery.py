"""Real processes in milliseconds: one parent has everything imported, each child is forked from it and runs a program.

`python -m tests.support.nursery FD` is the parent; `Nursery` is a test's end of it. A child waits for `begin`,
so that a test can say what shall go wrong in it, and speaks through two files that no fault reaches.
"""

import ctypes
import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any, BinaryIO

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.02
_REQUEST = 64 * 1024
_NEW_NETWORK = 0x40000000
_DIE_WITH_PARENT = 1


class How(IntEnum):
    """What happens at the step (the numbers of durable_steps.c)."""

    COUNT = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    KILL_HALF = 3
    FAIL = 4
    POWER_CUT = 5


class Steps(IntFlag):
    """Which calls count as steps."""

    WRITES = 1
    SYNCS = 2
    NAMES = 4
    SENDS = 8
    DISK = 7
    ALL = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """`how` at step number `at` (and the `span - 1` after it); `disk` is the mount point whose power is cut."""

    how: How = How.COUNT
    at: int = 0
    kinds: Steps = Steps.ALL
    span: int = 1
    error: int = errno.EIO
    disk: str = ""


class Child:
    """One running program: its id, its end, and what it said."""

    def __init__(self, pid: int, said: BinaryIO, log: BinaryIO, begin: int) -> None:
        self.pid = pid
        self.status: int | None = None
        self._said, self._log, self._begin = said, log, begin
        self._end = os.pidfd_open(pid)

    def begin(self) -> "Child":
        """Let the program start."""
        os.write(self._begin, b"!")
        return self

    def lines(self) -> list[str]:
        """Return the whole lines it printed so far."""
        return _text(self._said).split("\n")[:-1]

    def log(self) -> str:
        """Return what it logged so far."""
        return _text(self._log)

    @property
    def over(self) -> bool:
        """Tell whether it ended."""
        return bool(select.select([self._end], [], [], 0)[0])

    @property
    def killed(self) -> bool:
        """Tell whether it ended by SIGKILL."""
        return self.status is not None and os.WIFSIGNALED(self.status)

    def told(self, seconds: float = PATIENCE_S) -> "Child":
        """Wait for the end of the program."""
        if not select.select([self._end], [], [], seconds)[0]:
            raise AssertionError(f"the program did not end\n{self.log()}")
        return self

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that is over already hears nothing."""
        signal.pidfd_send_signal(self._end, number)

    def close(self) -> None:
        """Let go of its files."""
        for handle in (self._end, self._begin):
            os.close(handle)
        self._said.close()
        self._log.close()


class Nursery:
    """Starts programs of `tests.support.programs`; `steps` is the built durable_steps.so or None."""

    def __init__(self, steps: Path | None) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.steps = steps
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        if steps is not None:
            environment["LD_PRELOAD"] = str(steps)
        with theirs:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.support.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
            )
        self._line = ours
        self._children: list[Child] = []

    def start(
        self,
        program: str,
        arguments: Mapping[str, Any],
        plan: Plan | None = None,
        network: str = "",
    ) -> Child:
        """Fork a program that waits for `begin`; `network` names a network namespace."""
        said, log = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        waits, begin = os.pipe()
        request = {
            "program": program,
            "arguments": dict(arguments),
            "plan": asdict(plan or Plan()),
            "network": network,
        }
        handles = [said.fileno(), log.fileno(), waits]
        socket.send_fds(self._line, [json.dumps(request).encode()], handles)
        os.close(waits)
        child = Child(json.loads(self._line.recv(_REQUEST)), said, log, begin)
        self._children.append(child)
        return child

    def ended(self, child: Child, seconds: float = PATIENCE_S) -> Child:
        """Wait for a child's end and take its status."""
        child.told(seconds)
        if child.status is None:
            self._line.send(json.dumps({"bury": child.pid}).encode())
            child.status = json.loads(self._line.recv(_REQUEST))
        return child

    def end_all(self) -> None:
        """Kill whatever still runs and let go of it."""
        for child in self._children:
            if child.status is None:
                child.send(signal.SIGKILL)
                self.ended(child)
            child.close()
        self._children.clear()

    def close(self) -> None:
        """End the parent."""
        self.end_all()
        self._line.close()
        self._parent.wait(PATIENCE_S)


def wait_until(
    what: Callable[[], bool], why: Callable[[], str] = str, seconds: float = PATIENCE_S
) -> None:
    """Wait for a condition in other processes; `why` tells what they say when it does not come."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen within {seconds:.0f} s\n{why()}")
        time.sleep(LOOK_EVERY_S)


@contextmanager
def nursery(steps: Path | None) -> Iterator[Nursery]:
    """Keep a parent for the length of a block."""
    found = Nursery(steps)
    try:
        yield found
    finally:
        found.close()


def _text(file: BinaryIO) -> str:
    # Shared with the writer: the file's own position is the writer's, so it is left alone.
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), size, 0).decode(errors="replace")


def main() -> None:
    """Serve one test process until it goes."""
    from tests.support import programs  # noqa: PLC0415 - only the parent needs every room

    line = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, handles, _, _ = socket.recv_fds(line, _REQUEST, 3)
        if not message:
            return
        request = json.loads(message)
        if "bury" in request:
            answer = os.waitpid(request["bury"], 0)[1]
        else:
            answer = os.fork()
            if answer == 0:
                line.close()
                ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
                _run(request, handles, programs.PROGRAMS[request["program"]])
            for handle in handles:
                os.close(handle)
        line.send(json.dumps(answer).encode())


def _run(request: dict[str, Any], handles: list[int], program: Callable[..., None]) -> None:
    """Be the child; never returns."""
    said, log, waits = handles
    os.dup2(said, 1)
    os.dup2(log, 2)
    code = 1
    try:
        if os.read(waits, 1):
            if request["network"]:
                _enter(request["network"])
            library = _arm(**request["plan"])
            program(**request["arguments"])
            if library is not None:
                print(f"steps {library.steps_count()}", flush=True)  # noqa: T201 - the test reads it
            code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the test reads it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _arm(*, how: int, at: int, kinds: int, span: int, error: int, disk: str) -> ctypes.CDLL | None:
    library = ctypes.CDLL(None)
    if not hasattr(library, "steps_arm"):
        return None
    library.steps_count.restype = ctypes.c_long
    handle = os.open(disk, os.O_RDONLY) if disk else -1
    library.steps_arm(how, kinds, ctypes.c_long(at), ctypes.c_long(span), error, handle)
    return library


def _enter(network: str) -> None:
    handle = os.open(f"/run/netns/{network}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(handle, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), f"cannot enter the network {network}")
    os.close(handle)


if __name__ == "__main__":
    main()
