"""Takes from a process, for ever, what a decoder of foreign pictures never needs: files, network, programs.

The kernel's filter of system calls (seccomp) is told a list; a call that is not on it fails with EPERM. Linux only,
on the two processors a box or a city's machine has. Tables: linux/arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h.
"""

import ctypes
import errno
import platform
from collections.abc import Iterable
from typing import Final

# name: (x86-64, aarch64). What arithmetic on memory and open pipes needs; no thread and no child either.
ALLOWED: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "futex": (202, 98),
    "rseq": (334, 293),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "getrusage": (98, 165),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "tgkill": (234, 131),
    "sysinfo": (99, 179),
    "restart_syscall": (219, 128),
}
_PLACES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER_AT, _ARCH_AT = 0, 4
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class ConfineError(OSError):
    """The kernel would not take the filter; no foreign picture may be opened here."""


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def confine() -> None:
    """Leave this process nothing but its memory and the pipes it holds; raises ConfineError.

    Libraries must be loaded before: nothing can be opened afterwards.
    """
    machine = platform.machine()
    if machine not in _PLACES:
        raise ConfineError(
            f"confine: foreign pictures are opened on {' or '.join(_PLACES)} only, this is {machine}; "
            "show them on a machine of that kind"
        )
    place, architecture = _PLACES[machine]
    steps = _filter(architecture, [numbers[place] for numbers in ALLOWED.values()])
    program = _Program(len(steps), steps)
    libc = ctypes.CDLL(None, use_errno=True)
    one = ctypes.c_ulong(1)
    for words in ((_NO_NEW_PRIVILEGES, one), (_SECCOMP, _FILTER, ctypes.byref(program))):
        if libc.prctl(*words, 0, 0, 0) != 0:
            raise ConfineError(
                ctypes.get_errno(),
                "confine: foreign pictures are opened behind a filter of system calls, and this kernel "
                "takes none; use a kernel with CONFIG_SECCOMP_FILTER",
            )


def _filter(architecture: int, numbers: Iterable[int]) -> ctypes.Array[_Step]:
    """Write the filter: another architecture fails, a listed number passes, everything else fails."""
    listed = sorted(numbers)
    steps = [
        _Step(_LOAD, 0, 0, _ARCH_AT),
        _Step(_EQUAL, 1, 0, architecture),
        _Step(_RETURN, 0, 0, _FAIL),
        _Step(_LOAD, 0, 0, _NUMBER_AT),
    ]
    steps += [_Step(_EQUAL, len(listed) - at, 0, number) for at, number in enumerate(listed)]
    steps += [_Step(_RETURN, 0, 0, _FAIL), _Step(_RETURN, 0, 0, _ALLOW)]
    return (_Step * len(steps))(*steps)
