"""A letter that came: kept durably, or refused with a number. The uplink reads only what is no secret."""

from typing import TYPE_CHECKING

from appliance.mail.rows import InboxFullError
from appliance.uplink.trust import KEY_BUNDLE, PROCEDURE, FormRefusedError, Trust
from sync.clock import Instant
from sync.events import LetterCame
from sync.refusals import Refused

if TYPE_CHECKING:
    from appliance.mail.store import MailStore


class LetterRefusedError(Exception):
    """A letter is not kept; `code` and the sentence go to city hall."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def keep_letter(mail: "MailStore", trust: Trust, letter: LetterCame, at: Instant) -> bool:
    """Return once a letter is durable, False when it was here already; raises LetterRefusedError.

    A key bundle counts from now on.
    """
    try:
        if letter.kind == PROCEDURE:
            others = mail.letters(PROCEDURE)
            trust.check_form(
                letter.body, [one.body for one in others if one.letter_id != letter.letter_id]
            )
        fresh = mail.put_letter(letter.letter_id, letter.kind, letter.body, at)
    except FormRefusedError as error:
        raise LetterRefusedError(error.code, str(error)) from error
    except (ValueError, InboxFullError) as error:
        raise LetterRefusedError(Refused.LETTER_SHAPE, str(error)) from error
    if letter.kind == KEY_BUNDLE:
        trust.offer(letter.body)
    return fresh
