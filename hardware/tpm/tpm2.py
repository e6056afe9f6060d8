"""A TPM 2.0 as it is built into small computers; settings `desk.tpm = "device:/dev/tpmrm0"`.

`socket:/path` speaks to the software TPM `swtpm` instead (tests, a box without the chip on a bench).
No tool and no library stands between: the chip answers eight short commands (commands.py), and neither
a password nor a secret is ever in another process's memory, arguments or files.
https://trustedcomputinggroup.org/resource/tpm-library-specification/
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from hardware.errors import DeviceError
from hardware.tpm import commands, faults
from hardware.tpm.line import DEADLINE_S, Silent, ask

_Read = TypeVar("_Read")

FIRST_INDEX: Final = 0x01804D00
"""In the range the owner may use; slot n is FIRST_INDEX + n."""

SLOTS: Final = 64
SECRET_BYTES: Final = 32
TRIES: Final = 32
"""Wrong passwords until the chip locks: well above a day's, as a power cut may count as one too."""

LOCKOUT_RESET_S: Final = 86400
ASKED_AGAIN_MAX: Final = 40
PAUSE_S: Final = 0.05
_COUNTER_INDEX: Final = FIRST_INDEX + SLOTS


class Tpm2:
    """The chip behind one setting; every call is one short visit to it and keeps nothing open."""

    def __init__(self, setting: str, deadline_s: float = DEADLINE_S) -> None:
        way, _, path = setting.partition(":")
        if way not in ("device", "socket") or not path.startswith("/"):
            raise ValueError(
                f"desk.tpm: must be device:/PATH or socket:/PATH; {setting!r}; correct it"
            )
        self._path = Path(path)
        self._through_socket = way == "socket"
        self._deadline_s = deadline_s

    @property
    def name(self) -> str:
        """Say which driver and which chip."""
        return f"tpm2 {self._path}"

    @property
    def simulated(self) -> bool:
        """Say whether a program plays the chip."""
        return self._through_socket

    def present(self) -> bool:
        """Ask whether the chip answers now."""
        try:
            return commands.code_of(self._ask(commands.ask_permanent())) == commands.OK
        except DeviceError:
            return False

    def define(self, slot: int, secret: bytes, auth: bytes) -> None:
        """Keep a secret in a slot in place of what was there; the chip counts wrong passwords."""
        index = _index(slot)
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"tpm: a secret has {SECRET_BYTES} bytes, not {len(secret)}")
        self._close_lockout()
        self.undefine(slot)
        self._do(commands.define(index, SECRET_BYTES, auth, commands.ORDINARY))
        self._do(commands.write(index, auth, secret))

    def read(self, slot: int, auth: bytes) -> bytes:
        """Return a slot's secret; the fault's `cause` is "auth", "empty" or "lockout" when there is none to have."""
        return self._data(commands.read(_index(slot), auth, SECRET_BYTES))

    def undefine(self, slot: int) -> None:
        """Destroy a slot's secret; an empty slot stays empty."""
        self._do(commands.undefine(_index(slot)), also=commands.NO_SUCH_INDEX)

    def count_up(self) -> int:
        """Raise the chip's counter, which nothing can lower, and return it."""
        if self._do(commands.increment(_COUNTER_INDEX), also=commands.NO_SUCH_INDEX):
            self._do(commands.define(_COUNTER_INDEX, 8, b"", commands.COUNTER))
            self._do(commands.increment(_COUNTER_INDEX))
        return int.from_bytes(self._data(commands.read(_COUNTER_INDEX, b"", 8)), "big")

    def _close_lockout(self) -> None:
        """Bound the tries and throw away the key to that bound: who holds the box must not reset the count."""
        answer = self._ask(commands.ask_permanent())
        if commands.code_of(answer):
            return
        if self._taken(commands.permanent_of, answer) & commands.LOCKOUT_AUTH_SET:
            return
        self._do(commands.bound_tries(TRIES, faults.FORGIVEN_S, LOCKOUT_RESET_S))
        self._do(commands.set_lockout_auth(os.urandom(32)))

    def _data(self, command: bytes) -> bytes:
        answer = self._ask(command)
        if code := commands.code_of(answer):
            self._refused(code)
        return self._taken(commands.data_of, answer)

    def _taken(self, read: Callable[[bytes], _Read], answer: bytes) -> _Read:
        try:
            return read(answer)
        except ValueError as error:
            raise faults.fault(self.name, "garbled", str(error)) from error

    def _do(self, command: bytes, *, also: int = commands.OK) -> int:
        """Return the response code, which is OK or `also`; raises DeviceError for every other."""
        code = commands.code_of(self._ask(command))
        if code not in (commands.OK, also):
            self._refused(code)
        return code

    def _ask(self, command: bytes) -> bytes:
        try:
            for _ in range(ASKED_AGAIN_MAX):
                answer = ask(
                    self._path, command, self._deadline_s, through_socket=self._through_socket
                )
                if commands.code_of(answer) not in commands.AGAIN:
                    return answer
                time.sleep(PAUSE_S)
        except OSError as error:
            raise faults.missing(self.name, error.strerror or type(error).__name__) from error
        except ValueError as error:
            raise faults.fault(self.name, "garbled", str(error)) from error
        except Silent:
            pass
        raise faults.fault(self.name, "hung", "it does not answer")

    def _refused(self, code: int) -> NoReturn:
        if code == commands.WRONG_AUTH:
            raise faults.wrong_auth(self.name)
        if code in (commands.NO_SUCH_INDEX, commands.UNWRITTEN):
            raise faults.empty(self.name)
        if code == commands.LOCKED_OUT:
            raise faults.locked_out(self.name)
        cause = "full" if code == commands.NO_SPACE else "io"
        raise faults.fault(self.name, cause, f"it answered {code:#x}")


def _index(slot: int) -> int:
    if not 0 <= slot < SLOTS:
        raise ValueError(f"tpm: a slot is 0 to {SLOTS - 1}, not {slot}")
    return FIRST_INDEX + slot
