"""Letters from city hall: opened with the desk's reading key, believed only under the city's bundle."""

import logging
from dataclasses import dataclass

from appliance.mail.models import Letter
from appliance.mail.store import MailStore
from sync.bundle import KeyBundle
from sync.errors import FailureKind, SealError
from sync.keys import OpeningKey
from sync.letters import Answer, Content, CorrectionRequest, VisitPack, decode_letter
from sync.seal import open_record
from sync.verify import read_header

log = logging.getLogger(__name__)

VISIT_PACK = "visit_pack"
CORRECTION = "correction"
ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Pack:
    """A visit pack with the id (hex) of the letter it came in."""

    letter_id: str
    content: VisitPack


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction request (補正) with the id (hex) of its letter; `done` once it was answered."""

    letter_id: str
    content: CorrectionRequest
    done: bool


def open_letter(
    letter: Letter,
    bundle: KeyBundle,
    key: OpeningKey,
) -> Content:
    """Open one letter; raises SealError unless this city's office wrote it to this box."""
    sender = bundle.office_key(read_header(letter.body).sender_key_id)
    if sender is None:
        raise SealError(FailureKind.SIGNATURE, "letter: not signed by this city's office")
    return decode_letter(open_record(letter.body, key, sender))


def visit_packs(mail: MailStore, bundle: KeyBundle, key: OpeningKey) -> list[Pack]:
    """Return the stops city hall sent, soonest first; a newer pack of the same stop replaces it."""
    found: dict[tuple[str, str], Pack] = {}
    for letter in mail.letters(VISIT_PACK):
        content = _opened(letter, bundle, key)
        if isinstance(content, VisitPack):
            found[content.run, content.stop] = Pack(letter.letter_id.hex(), content)
    return sorted(found.values(), key=lambda pack: pack.content.starts_at)


def corrections(mail: MailStore, bundle: KeyBundle, key: OpeningKey) -> list[Correction]:
    """Return what the division asked to be completed, the most urgent first."""
    found: dict[bytes, Correction] = {}
    for letter in mail.letters(CORRECTION):
        content = _opened(letter, bundle, key)
        if isinstance(content, CorrectionRequest):
            entry = Correction(letter.letter_id.hex(), content, letter.read)
            found[content.request_id] = entry
    return sorted(found.values(), key=lambda entry: entry.content.answer_by)


def answers(mail: MailStore, bundle: KeyBundle, key: OpeningKey) -> list[Answer]:
    """Return city hall's answers to questions, the newest first."""
    opened = (_opened(letter, bundle, key) for letter in mail.letters(ANSWER))
    found = {one.answer_id: one for one in opened if isinstance(one, Answer)}
    return sorted(found.values(), key=lambda one: one.answered_at, reverse=True)


def _opened(
    letter: Letter,
    bundle: KeyBundle,
    key: OpeningKey,
) -> Content | None:
    try:
        return open_letter(letter, bundle, key)
    except (SealError, ValueError) as error:
        # It stays on the shelf: a newer key bundle may still open it.
        log.warning(
            "letter.unopened letter=%s cause=%s", letter.letter_id.hex(), type(error).__name__
        )
        return None
