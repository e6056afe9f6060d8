"""Letters to a bus: visit packs, correction requests (補正依頼), answers and forms (様式), signed by the office."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from cityhall.office.keyring import device_of
from cityhall.office.models import CaseRow
from cityhall.office.names import masked_name
from sync.bundle import KeyBundle
from sync.clock import Clock, Instant
from sync.ids import new_id
from sync.journal import GENESIS
from sync.keys import Signer
from sync.letters import Answer, CorrectionRequest, VisitPack, encode_letter
from sync.seal import seal

SENDER = "office"
DESK = 3
"""The recipient role of a bus's desk (sync.envelope.Recipient)."""

# Codes of why a correction is asked for; their sentences stand in texts.toml as "reason-CODE".
REASONS = (
    "page_missing",
    "page_unreadable",
    "card_missing",
    "physician_blank",
    "number_mismatch",
    "filer_blank",
    "consent_missing",
    "survey_contact",
    "other",
)
LONGEST_SENTENCE = 500
MOST_NAMED = 40


class Letters(Protocol):
    """The tray for the buses on the shelf."""

    def post_letter(self, device: str, kind: str, body: bytes, letter_id: bytes) -> object:
        """Put a sealed letter into the tray; the same id twice is one letter."""


class CorrectionError(ValueError):
    """A correction request says too much or too little to be sent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caseworker asks for: a reason code, a sentence, page kinds and field keys, the day of the answer."""

    reason: str
    sentence: str
    missing: tuple[str, ...]
    fields: tuple[str, ...]
    answer_by: date

    def check(self) -> None:
        """Raise CorrectionError unless the filer can understand what is asked for."""
        if self.reason not in REASONS:
            raise CorrectionError(
                f"correction: the reason is one of {', '.join(REASONS)}; choose one"
            )
        if not self.sentence.strip() or len(self.sentence) > LONGEST_SENTENCE:
            raise CorrectionError(
                f"correction: the sentence has 1 to {LONGEST_SENTENCE} signs; mend it"
            )
        if len(self.missing) + len(self.fields) > MOST_NAMED:
            raise CorrectionError(f"correction: at most {MOST_NAMED} pages and fields; name fewer")


@dataclass(frozen=True, slots=True)
class Post:
    """The office as a sender: its signing key, the city's bundle, time and randomness."""

    signer: Signer
    bundle: Callable[[], KeyBundle]
    clock: Clock
    random: Callable[[int], bytes]

    def seal_letter(self, kind: str, body: bytes, device: str, visit: bytes) -> tuple[bytes, bytes]:
        """Return letter id and sealed letter for the desk of `device`."""
        letter_id, bundle = new_id(self.random), self.bundle()
        envelope = seal(
            env_id=letter_id,
            sender=SENDER,
            kind=kind,
            visit=visit,
            signer=self.signer,
            recipients=[(device_of(bundle, device).reading, DESK)],
            record=body,
            parts=[],
            at=self.clock.now(),
            journal=GENESIS,
            beacon=b"",
            bundle_version=bundle.version,
            random=self.random,
        )
        return letter_id, envelope.slip


def correction_request(
    case: CaseRow, record_id: bytes, wanted: Wanted, asked_at: Instant, request_id: bytes
) -> CorrectionRequest:
    """Return the letter that asks a provider for what is missing; the insured person's name is masked."""
    wanted.check()
    return CorrectionRequest(
        request_id=request_id,
        case_id=bytes.fromhex(case.case_id),
        record_id=record_id,
        receipt_no=case.filing_no,
        provider_no=case.provider_no,
        reason=wanted.reason,
        sentence=wanted.sentence.strip(),
        missing=wanted.missing,
        fields=wanted.fields,
        answer_by=wanted.answer_by,
        asked_at=asked_at.wall,
        insured_no=case.insured_no,
        masked_name=masked_name(case.name),
        procedure=case.procedure,
    )


def post_visit_pack(  # noqa: PLR0917 - provisioning calls it in this order
    mail: Letters,
    pack: VisitPack,
    bundle: KeyBundle,
    signer: Signer,
    device: str,
    clock: Clock,
    random: Callable[[int], bytes],
) -> bytes:
    """Seal a visit pack (停留の準備) for a bus's desk, put it into its tray and return the letter's id."""
    post = Post(signer, lambda: bundle, clock, random)
    letter_id, body = post.seal_letter("visit_pack", encode_letter(pack), device, pack.pack_id)
    mail.post_letter(device, "visit_pack", body, letter_id)
    return letter_id


def post_answer(mail: Letters, answer: Answer, post: Post, device: str) -> bytes:
    """Seal the division's answer to a question for a bus's desk, put it into its tray, return the letter's id."""
    if not answer.question.strip() or not answer.text.strip():
        raise ValueError("answer: it names the question and says something; write both")
    letter_id, body = post.seal_letter("answer", encode_letter(answer), device, answer.answer_id)
    mail.post_letter(device, "answer", body, letter_id)
    return letter_id
