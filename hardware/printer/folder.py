"""A printer that lays each PDF into a folder: for tests, and where paper comes from another machine.

Settings: the folder. Each job is one file, `0001.pdf` and so on, whole or not there at all.
"""

import asyncio
import contextlib
import secrets
from pathlib import Path

from hardware.errors import DeviceFault

MAX_JOBS = 1000
MAX_DOCUMENT = 32 * 1024 * 1024
PDF_MAGIC = b"%PDF-"


class FolderPrinter:
    """Writes jobs into its folder; `paper` can be taken away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.paper = True

    @property
    def name(self) -> str:
        """Say where the sheets go."""
        return "folder"

    @property
    def simulated(self) -> bool:
        """Say that no paper comes out here."""
        return True

    async def print(self, document: bytes, title: str) -> str:
        """Lay one PDF into the folder; the title is the citizen's business and is not kept."""
        del title
        if not self.paper:
            raise self._fault(
                "no_paper",
                "the printer is out of paper",
                "put paper in and print again",
                ja="プリンターに用紙がありません。補給して、もう一度印刷してください。",
                en="The printer is out of paper. Put some in and print again.",
            )
        if not document.startswith(PDF_MAGIC) or len(document) > MAX_DOCUMENT:
            raise self._fault(
                "document",
                f"the document is no PDF of {MAX_DOCUMENT} bytes at most",
                "make the receipt again",
                ja="印刷データが正しくありません。受付票を作り直してください。",
                en="The print data is not right. Make the receipt again.",
            )
        return await asyncio.to_thread(self._lay_in, document)

    def _lay_in(self, document: bytes) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{secrets.token_hex(8)}.part"
        part.write_bytes(document)
        try:
            for number in range(1, MAX_JOBS + 1):
                place = self._folder / f"{number:04d}.pdf"
                with contextlib.suppress(FileExistsError):
                    place.hardlink_to(part)  # whole under its name, and never over another job
                    return place.stem
        finally:
            part.unlink()
        raise self._fault(
            "full",
            f"the folder holds {MAX_JOBS} jobs",
            "empty it",
            ja="印刷の出力先がいっぱいです。担当の技術者に連絡してください。",
            en="The print folder is full. Please call the technician.",
        )

    def _fault(self, cause: str, fact: str, remedy: str, *, ja: str, en: str) -> DeviceFault:
        return DeviceFault(f"printer {self.name}", cause, fact, remedy, ja=ja, en=en)
