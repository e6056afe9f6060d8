"""An enrolment that no network carries: a file from the box to the city, a file back, words for each way.

The box's keys are made on the box here, too. A stick can be swapped on its way, and whoever swaps it has
days to try keys; so each file has six words, of a hash that is slow to make, and both ends compare them.
"""

from typing import Final

from provisioning.boxkeys import Wish
from provisioning.enrol import Admission
from provisioning.joining.answer import LINE_MAX as REPLY_MAX
from provisioning.joining.answer import HallAddress, read_admission
from provisioning.joining.code import slow_hash
from provisioning.joining.wish_line import LINE_MAX, content_of, signed_wish
from provisioning.joining.words import words_of
from sync import signedjson
from sync.keys import Signer

FORMAT: Final = "madobus-ask-1"
LABEL: Final = "enrol-ask/v1"
WORDS: Final = 6
_SALT: Final = b"madobus/enrol-carried/v1\x00"
_TOP: Final = frozenset({"signature", "signed"})
_CONTENT: Final = frozenset({"device", "format", "reading", "requests", "verify"})


def write_ask(wish: Wish, signer: Signer) -> str:
    """Return the file a box sends: public keys, signed by its own."""
    content = content_of(wish) | {"format": FORMAT}
    return signedjson.dumps(
        {"signed": content, "signature": signedjson.signature(signer, LABEL, content)}
    )


def read_ask(text: str) -> tuple[Wish, tuple[str, ...]]:
    """Return what a box asks for, and the words its screen showed; raises ValueError for what is no such file."""
    told = signedjson.fields(signedjson.loads(text, LINE_MAX, "ask"), _TOP, "ask")
    content = signedjson.fields(told["signed"], _CONTENT, "ask")
    if content["format"] != FORMAT:
        raise ValueError(f"ask: its format must be {FORMAT}; use the same version on both")
    wish = signed_wish(content, told["signature"], LABEL)
    return wish, _words(signedjson.canonical(content))


def read_reply(text: str) -> tuple[Admission, HallAddress, tuple[str, ...]]:
    """Return what the city answers, and the words its screen shows of it; raises FalseDepotError, ValueError.

    They are of the whole file: its authority and city hall's address hang on no signature of the root.
    """
    told = signedjson.loads(text, REPLY_MAX, "reply")
    root = told.get("root") if isinstance(told, dict) else None
    if not isinstance(root, str):
        raise ValueError("reply: is no admission; carry the file of `provision admit`")  # noqa: TRY004 - a file of any shape
    admission, hall = read_admission(text, root)
    return admission, hall, reply_words(text)


def reply_words(text: str) -> tuple[str, ...]:
    """Return the words of a city's answer."""
    return _words(text.encode())


def _words(content: bytes) -> tuple[str, ...]:
    return words_of(slow_hash(content, _SALT), WORDS)
