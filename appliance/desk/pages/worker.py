"""The process that opens foreign pictures: bounded in memory, time and files, and without any key or network need.

Started by the reader as `python -m appliance.desk.pages.worker FD...`: one lane, a thread, for each socket it is
given. The lanes share the recognition models, which are most of its memory, and the blank forms that are known.
"""

import argparse
import ctypes
import os
import resource
import socket
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from appliance.desk.pages import exchange
from appliance.desk.pages.forms import read_forms
from appliance.desk.pages.page import PageDesk
from appliance.desk.pages.sheet import QrCode

MEMORY_LIMIT = 4 << 30
"""Address space in bytes: a 50-megapixel picture in every lane, the models and the libraries' mappings."""
CPU_LIMIT_S = 60
"""Processor seconds for one sheet in each lane."""
FILES_LIMIT = 64
NICE = 5
"""Reading gives way: the scanner and the screen come first."""


def limit_process() -> None:
    """Take from this process what it does not need; the reader's caps stand in front of these."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_LIMIT, FILES_LIMIT))
    os.nice(NICE)


def limit_sheet(lanes: int) -> None:
    """Give the next sheet its processor seconds; the kernel ends the process when no lane keeps to them."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_LIMIT_S * lanes, hard))


def serve(source: BinaryIO, sink: BinaryIO, desk: PageDesk, lanes: int = 1) -> None:
    """Read sheets until the other end closes."""
    while (message := _receive(source)) is not None:
        head, data = message
        limit_sheet(lanes)
        sheet = desk.read(
            data,
            _asker(source, sink),
            int(head.get("dpi", 300)),
            original=bool(head.get("original")),
        )
        sink.write(exchange.write_sheet(sheet))
        sink.flush()
        del data, sheet, message
        _give_back()


def _give_back() -> None:
    """Hand freed memory back to the system, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _asker(source: BinaryIO, sink: BinaryIO) -> Callable[[QrCode | None], bool]:
    def ask(code: QrCode | None) -> bool:
        told = None if code is None else {field: getattr(code, field) for field in QrCode.__slots__}
        sink.write(exchange.pack({"ask": told}))
        sink.flush()
        answer = _receive(source)
        return answer is not None and bool(answer[0].get("deep"))

    return ask


def _receive(source: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    prefix = source.read(exchange.PREFIX)
    if len(prefix) < exchange.PREFIX:
        return None
    text_length, blob_length = exchange.lengths(prefix)
    return exchange.read_head(source.read(text_length)), source.read(blob_length)


def _lane(line: socket.socket, desk: PageDesk, lanes: int) -> None:
    with line, line.makefile("rwb") as both:
        serve(both, both, desk, lanes)  # type: ignore[arg-type]  # a BufferedRWPair reads and writes bytes


def main(argv: list[str]) -> int:
    """Run one worker until its reader has hung up on every lane."""
    parser = argparse.ArgumentParser(description="Reads sheets for a page reader.")
    parser.add_argument("lines", type=int, nargs="+", help="sockets, one a lane")
    parser.add_argument("--blanks", type=Path, action="append", default=[], help="a folder")
    parser.add_argument("--no-forms", action="store_true", help="know no blank forms")
    asked = parser.parse_args(argv)
    lines = [socket.socket(fileno=number) for number in asked.lines]
    limit_process()
    blanks = () if asked.no_forms else read_forms(asked.blanks)
    desk = PageDesk(date.today(), blanks)  # noqa: DTZ011 - the day of the desk is the day here
    lanes = [
        threading.Thread(target=_lane, args=(line, desk, len(lines)), daemon=True) for line in lines
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
