"""The refusals of the standards door in words: place, rule, fact, remedy."""

from cityhall.intake.problem import INCONSISTENT_LENGTH, MISMATCHING_OFFSET, ProblemError
from sync.incoming import MISMATCH_LIMIT
from sync.refusals import Refused


def mismatching_offset(place: str, durable: int, told: int) -> ProblemError:
    """Return the refusal of a body that does not begin where the durable bytes end."""
    return ProblemError(
        Refused.OUT_OF_ORDER,
        place,
        "a body begins where the durable bytes end",
        f"{durable} bytes are durable, the request begins at {told}",
        f"send from byte {durable}",
        kind=MISMATCHING_OFFSET,
        more={"expected-offset": durable, "provided-offset": told},
        offset=durable,
    )


def inconsistent_length(place: str, told: int, known: int) -> ProblemError:
    """Return the refusal of a length that is not the one told or known before."""
    return ProblemError(
        Refused.OTHER_BYTES,
        place,
        "the length of an item does not change",
        f"it has {known} bytes, the request speaks of {told}",
        "send the item as it was sealed, or make a new envelope id",
        status=400,
        kind=INCONSISTENT_LENGTH,
    )


def gone(place: str) -> ProblemError:
    """Return the refusal of an upload that is not open."""
    return ProblemError(
        Refused.NOT_OFFERED,
        place,
        "an upload is created before it is used",
        "no upload of this name is open; it was finished badly, cancelled, or is too old",
        "create it again; the bytes that are here still count",
        status=404,
    )


def moved(place: str, held: int) -> ProblemError:
    """Return the refusal of bytes that another road carried meanwhile."""
    return ProblemError(
        Refused.NEWER_SESSION,
        place,
        "one road at a time carries an item",
        f"another request or the box's own session went on with it; {held} bytes are durable",
        f"ask for the offset and send from byte {held}",
        offset=held,
    )


def too_slow(place: str, held: int) -> ProblemError:
    """Return the refusal of a body that stopped or dripped; what came is kept."""
    return ProblemError(
        Refused.SILENT,
        place,
        "a body keeps the door's pace to its end",
        f"it stopped or came too slowly; {held} bytes are durable",
        f"send again from byte {held}",
        offset=held,
    )


def full(place: str, fact: str) -> ProblemError:
    """Return the refusal while the shelf takes nothing."""
    return ProblemError(
        Refused.HALL_FULL,
        place,
        "city hall confirms only what is durable",
        fact,
        "keep everything and try again later; call the city's operations",
        headers={"Retry-After": "60"},
    )


def too_much(place: str, fact: str) -> ProblemError:
    """Return the refusal of a box that began too much."""
    return ProblemError(
        Refused.TOO_MUCH,
        place,
        "a box has a bounded number of things half sent",
        fact,
        "finish or cancel what was begun",
        headers={"Retry-After": "5"},
    )


def slip_first(place: str) -> ProblemError:
    """Return the refusal of a part whose slip is not filed."""
    return ProblemError(
        Refused.NOT_OFFERED,
        place,
        "the slip comes first",
        "city hall has not filed this envelope's slip",
        "upload item 0 to its end, then this one",
    )


def no_such_item(place: str, parts: int) -> ProblemError:
    """Return the refusal of an item that the header does not have."""
    return ProblemError(
        Refused.NO_SUCH_ITEM,
        place,
        "an item stands in the envelope's header",
        f"the header has {parts} parts",
        "upload the slip as item 0 and part n as item n + 1",
    )


def too_large(place: str, longest: int, told: int) -> ProblemError:
    """Return the refusal of a length that no item of this kind has."""
    return ProblemError(
        Refused.TOO_LARGE,
        place,
        f"an item of this kind has 1 to {longest} bytes",
        f"the request speaks of {told} or more",
        "send the item as it was sealed",
    )


def overlong(place: str, length: int, end: int) -> ProblemError:
    """Return the refusal of a body that goes on after the item's end."""
    return ProblemError(
        Refused.TOO_LARGE,
        place,
        f"it has {length} bytes",
        f"the request goes on to byte {end}; what was here is dropped",
        "create the upload again and send the item as it was sealed",
        status=400,
    )


def other_digest(place: str) -> ProblemError:
    """Return the refusal of a body that is not what its Content-Digest says."""
    return ProblemError(
        Refused.OTHER_BYTES,
        place,
        "a body has the digest that its head announces",
        "it has another one; what was here of the item is dropped",
        "create the upload again and send the item from its first byte",
        status=400,
    )


def mismatched(place: str, times: int) -> ProblemError:
    """Return the refusal of a part that came whole and does not match its root."""
    again = "create the upload again and send the item from its first byte"
    return ProblemError(
        Refused.PART_MISMATCH,
        place,
        "an item has the root that its header promises",
        f"it came whole and does not match, time {times} of {MISMATCH_LIMIT}; it was dropped",
        again if times < MISMATCH_LIMIT else "seal the application again under a new id",
        final=True,
    )


def used_up(place: str, times: int) -> ProblemError:
    """Return the refusal of an item that came whole and wrong too often."""
    return ProblemError(
        Refused.PART_MISMATCH,
        place,
        f"an item may come whole and wrong {MISMATCH_LIMIT} times",
        f"this one did {times} times",
        "seal the application again; DELETE /uploads/ENVELOPE/ITEM forgets the count",
    )
