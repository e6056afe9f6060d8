"""The process that opens foreign pictures: bounded in memory, time and files, and without any key or network need.

Started by the reader as `python -m appliance.desk.pages.worker FD`. It opens the recognition models and the known
blank forms, then splits off one process for each socket that comes through FD: a lane that reads one sheet at a time.
What was opened before stands in memory once for all of them.
"""

import argparse
import gc
import os
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from appliance.desk.pages import exchange
from appliance.desk.pages.forms import read_forms
from appliance.desk.pages.freed import give_back
from appliance.desk.pages.page import PageDesk
from appliance.desk.pages.sheet import QrCode
from appliance.desk.pages.turn import Turn
from papers.register import make_ready

MEMORY_LIMIT = 3 << 30
"""Address space in bytes: a 50-megapixel picture, the models and the libraries' mappings."""
CPU_LIMIT_S = 60
"""Processor seconds for one sheet."""
FILES_LIMIT = 64
NICE = 5
"""Reading gives way: the scanner and the screen come first."""


def limit_process() -> None:
    """Take from this process what it does not need; the reader's caps stand in front of these."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_LIMIT, FILES_LIMIT))


def limit_sheet() -> None:
    """Give the next sheet its processor seconds; the kernel ends the process that does not keep to them."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_LIMIT_S, hard))


def serve(source: BinaryIO, sink: BinaryIO, desk: PageDesk) -> None:
    """Read sheets until the other end closes."""
    while (message := _receive(source)) is not None:
        head, data = message
        limit_sheet()
        sheet = desk.read(
            data,
            _asker(source, sink),
            int(head.get("dpi", 300)),
            original=bool(head.get("original")),
        )
        sink.write(exchange.write_sheet(sheet))
        sink.flush()
        del data, sheet, message
        give_back()


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


def _end_when_hung_up(line: socket.socket) -> None:
    """Wait beside the reading; nobody wants a sheet any more whose reader is gone."""
    watch = select.poll()
    watch.register(line, select.POLLRDHUP)
    watch.poll()
    os._exit(0)


def _work(line: socket.socket, desk: PageDesk) -> None:
    """Read sheets in a process of its own; it ends here, whatever happens."""
    code = 1
    os.nice(NICE)
    try:
        threading.Thread(target=_end_when_hung_up, args=(line,), daemon=True).start()
        with line.makefile("rwb") as both:
            both.write(exchange.pack({"pid": os.getpid()}))
            both.flush()
            serve(both, both, desk)  # type: ignore[arg-type]  # a BufferedRWPair reads and writes bytes
        code = 0
    except (BrokenPipeError, ConnectionResetError):
        code = 0
    except BaseException:  # noqa: BLE001 - told on stderr, and never back into the parent's loop
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def main(argv: list[str]) -> int:
    """Open what all lanes need, then split off a lane for each socket until the reader hangs up."""
    parser = argparse.ArgumentParser(description="Reads sheets for a page reader.")
    parser.add_argument(
        "control", type=int, help="the socket that sockets come through, one a lane"
    )
    parser.add_argument("--blanks", type=Path, action="append", default=[], help="a folder")
    parser.add_argument("--no-forms", action="store_true", help="know no blank forms")
    asked = parser.parse_args(argv)
    control = socket.socket(fileno=asked.control)
    limit_process()
    blanks = () if asked.no_forms else read_forms(asked.blanks)
    desk = PageDesk(date.today(), blanks, Turn())  # noqa: DTZ011 - the day of the desk is the day here
    desk.open_models()
    make_ready(blanks)
    give_back()
    # Collecting would write to what the lanes share, and so copy it.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        _, lines, _, _ = socket.recv_fds(control, 1, 1)
        if not lines:
            return 0
        with socket.socket(fileno=lines[0]) as line:
            if os.fork() == 0:
                control.close()
                _work(line, desk)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
