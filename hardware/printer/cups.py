"""A printer behind the machine's own CUPS: documents go over its local socket, states come back in words.

Settings: the queue, the socket, and the sheet's size where the queue's own is not the right one. Nothing of a
person is in a job's name. The service drops each document with its job (`systemd/cupsd.conf`).
"""

import logging
import os
import pwd
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import aiohttp

from hardware.errors import DeviceFault, DeviceMissing
from hardware.printer import ipp
from hardware.printer.document import checked
from hardware.printer.reasons import job_state, printer_state
from hardware.protocols import JobState, PrinterState

log = logging.getLogger(__name__)

SOCKET = Path("/run/cups/cups.sock")
JOB_NAME = "receipt"
ANSWER_S = 5.0
SEND_S = 30.0
"""Seconds a question may take, and a document; a local service needs milliseconds."""

PRINT_JOB, CANCEL_JOB, ASK_JOB, ASK_PRINTER = 0x0002, 0x0008, 0x0009, 0x000B
NOT_POSSIBLE, NOT_FOUND = 0x0404, 0x0406
"""Answers (RFC 8011, appendix B): the job is over already; there is no such queue or job."""
OK = 200


class CupsPrinter:
    """One queue of the local print service."""

    def __init__(self, queue: str, *, socket: Path = SOCKET, media: str = "") -> None:
        self._queue = queue
        self._socket = socket
        self._media = media
        self._numbers = count(1)
        self._user = pwd.getpwuid(os.getuid()).pw_name

    @property
    def name(self) -> str:
        """Say which queue this is."""
        return f"cups {self._queue}"

    @property
    def simulated(self) -> bool:
        """Say that paper comes out."""
        return False

    async def state(self) -> PrinterState:
        """Ask the service for the queue; ABSENT when either is not there."""
        wanted = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")
        try:
            answer = await self._ask(ASK_PRINTER, [_wanted(*wanted)])
        except DeviceMissing:
            return PrinterState.ABSENT
        return printer_state(answer.first(ipp.PRINTER)) if answer.ok else PrinterState.ABSENT

    async def print(self, document: bytes) -> str:
        """Hand one PDF to the queue and give its job's number."""
        checked(document, self.name)
        attributes: list[ipp.Attribute] = [
            (ipp.OPERATION, ipp.NAME, "job-name", (JOB_NAME,)),
            (ipp.OPERATION, ipp.MEDIA_TYPE, "document-format", ("application/pdf",)),
            (ipp.JOB, ipp.KEYWORD, "print-scaling", ("none",)),
        ]
        if self._media:
            attributes.append((ipp.JOB, ipp.KEYWORD, "media", (self._media,)))
        answer = await self._ask(PRINT_JOB, attributes, document, seconds=SEND_S)
        if answer.status == NOT_FOUND:
            raise self._missing(f"the print service has no queue {self._queue!r}")
        number = answer.first(ipp.JOB).get("job-id", ())
        if not answer.ok or not number:
            raise DeviceFault(
                f"printer {self.name}",
                "refused",
                f"the queue took no job, status {answer.status:#06x}",
                "wait until the jobs before it are through, or look at the queue with lpstat -t",
                ja="プリンターが印刷を受け付けません。前の印刷が終わってから、もう一度押してください。",
                en="The printer takes no more jobs. Wait for those before, then press again.",
            )
        return str(number[0])

    async def job(self, job: str) -> JobState:
        """Ask for one job; one the service dropped without telling its end counts as failed."""
        answer = await self._ask(ASK_JOB, [_number(job), _wanted("job-state")])
        if answer.status == NOT_FOUND:
            return JobState.FAILED
        if not answer.ok:
            raise self._missing(f"the print service said {answer.status:#06x} of a job")
        return job_state(answer.first(ipp.JOB))

    async def cancel(self, job: str) -> None:
        """Take one job and its document out of the queue."""
        answer = await self._ask(CANCEL_JOB, [_number(job)])
        if not answer.ok and answer.status not in (NOT_POSSIBLE, NOT_FOUND):
            raise self._missing(f"the print service did not cancel a job, {answer.status:#06x}")

    async def _ask(
        self,
        operation: int,
        attributes: Iterable[ipp.Attribute],
        document: bytes = b"",
        *,
        seconds: float = ANSWER_S,
    ) -> ipp.Answer:
        """Send one request and read its answer; every way in which there is none is DeviceMissing."""
        head: list[ipp.Attribute] = [
            (ipp.OPERATION, ipp.URI, "printer-uri", (f"ipp://localhost/printers/{self._queue}",)),
            (ipp.OPERATION, ipp.NAME, "requesting-user-name", (self._user,)),
        ]
        body = ipp.request(operation, next(self._numbers), [*head, *attributes]) + document
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.UnixConnector(str(self._socket)),
                    timeout=aiohttp.ClientTimeout(total=seconds),
                ) as session,
                session.post(
                    f"http://localhost/printers/{self._queue}",
                    data=body,
                    # The service knows the other end of its socket; the name only has to be the right one.
                    headers={
                        "Content-Type": "application/ipp",
                        "Authorization": f"PeerCred {self._user}",
                    },
                ) as answer,
            ):
                data = await answer.content.read(ipp.MAX_ANSWER + 1)
                if answer.status != OK:
                    raise self._missing(f"the print service answered HTTP {answer.status}")
                return ipp.read(data)
        except (TimeoutError, aiohttp.ClientError, OSError, ipp.IppBroken) as error:
            log.warning("printer.silent cause=%s", type(error).__name__)
            raise self._missing(f"the print service does not answer ({error})") from error

    def _missing(self, fact: str) -> DeviceMissing:
        return DeviceMissing(
            f"printer {self.name}",
            "absent",
            fact,
            "look whether cups.service runs and lpstat -t names the queue",
            ja="プリンターの準備ができていません。保守の担当に連絡してください。受付はこのまま続けられます。",
            en="The printer is not set up: call maintenance. The counter goes on.",
        )


def _wanted(*names: str) -> ipp.Attribute:
    return (ipp.OPERATION, ipp.KEYWORD, "requested-attributes", names)


def _number(job: str) -> ipp.Attribute:
    return (ipp.OPERATION, ipp.INTEGER, "job-id", (int(job),))
