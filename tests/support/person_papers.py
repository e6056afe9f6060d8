"""The papers a test person brings: on city hall's list with a code on the form, or unknown to it and read."""

from dataclasses import dataclass

from sync.letters import DueEntry
from tests.support.madeup_papers import back, card, due, front, paper, person

SURE = 0.95
ON_CARD = ("insurer_no", "insured_no", "name", "birth_date", "prev_result", "prev_valid_to")


@dataclass(frozen=True, slots=True)
class Papers:
    """One person's sheets in feeding order, and the due list's entry for somebody who is expected."""

    front: bytes
    back: bytes
    card: bytes
    due: tuple[DueEntry, ...] = ()

    @property
    def sheets(self) -> tuple[bytes, bytes, bytes]:
        """The usual three."""
        return self.front, self.back, self.card


def expected(number: int = 1, /, **changed: str) -> Papers:
    """Return the papers of somebody on the list; what differs from the usual person stands in the list."""
    certificate = _card(person(number, **changed)) if changed else card(number)
    return Papers(front(number), back(number), certificate, (due(number, **changed),))


def unexpected(
    number: int = 2, /, certificate: dict[str, str] | None = None, **changed: str
) -> Papers:
    """Return the papers of somebody nobody expects: the form is read; the certificate may say otherwise."""
    answers = person(number, **changed)
    own = [("insured_no", answers["insured_no"], SURE)] if answers["insured_no"] else []
    return Papers(
        paper("form_front", fields=[(k, v, SURE) for k, v in answers.items() if v]),
        paper("form_back", fields=own),
        _card({**answers, **(certificate or {})}),
    )


def other(word: str) -> bytes:
    """Return a paper whose kind the reader does not know."""
    return paper("other", word=word)


def _card(answers: dict[str, str]) -> bytes:
    return paper("insurance_card", fields=[(key, answers[key], 0.99) for key in ON_CARD])
