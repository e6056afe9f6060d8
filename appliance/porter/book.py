"""The porter's book: what must outlive the process but not the start of the machine, and what stands refused now.

Both are whole files in a folder under /run, which is empty after every start. The second is for everybody to
read: sockets, reasons and sentences, no serial number and no name a device gives itself.
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hardware.usb.gate import Memory
from hardware.usb.reasons import SENTENCES, Verdict
from keeping.wholefile import write_durably

log = logging.getLogger("madobus.porter")
MEMORY: Final = "memory.json"
REFUSED: Final = "refused.json"


class Book:
    """The two files in `folder`; each is written when its content is new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, bytes] = {}

    def memory(self) -> Memory:
        """Read what is remembered of this start; a book that cannot be read takes the start as over."""
        path = self._folder / MEMORY
        try:
            return Memory.from_data(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return Memory()
        except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
            log.warning("porter.memory_broken cause=%s start=over", type(error).__name__)
            return Memory(closed=True)

    def keep(self, memory: Memory, refused: Sequence[Verdict]) -> None:
        """Write both where they changed; raises OSError."""
        self._write(MEMORY, memory.as_data(), 0o600)
        told = [
            {"port": one.port, "reason": one.reason.value, "ja": ja, "en": en}
            for one in refused
            for ja, en in (SENTENCES[one.reason],)
        ]
        self._write(REFUSED, told, 0o644)

    def _write(self, name: str, data: object, mode: int) -> None:
        written = json.dumps(data, ensure_ascii=False).encode()
        if self._written.get(name) != written:
            write_durably(self._folder / name, written, mode)
            self._written[name] = written
