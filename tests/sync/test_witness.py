"""City hall as witness of a box's journal: what it signs under a head, and which heads it does not believe."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import FailureKind, SealError
from sync.journal import Checkpoint, checkpoint
from sync.keys import VerifyKey
from sync.merkle import CompactRange, consistency_proof, leaf_hash, root
from sync.witness import (
    NOTHING,
    WITNESS,
    Verdict,
    cosign,
    journal_leaf,
    journal_note,
    judge,
    read_cosigned,
    read_note,
)
from tests.support.makers import BOX, COUNTERSIGNER, EPOCH, OFFICE, make_signer

LEAVES = [journal_leaf(bytes((number,)) * 32) for number in range(20)]
OTHERS = [*LEAVES[:7], *(leaf_hash(bytes((number,))) for number in range(13))]
SIGNER = make_signer(BOX)
HALL = make_signer(COUNTERSIGNER)
NOTE = journal_note("bus-07", 5, root(LEAVES[:5]), SIGNER)
COSIGNED = cosign(NOTE, HALL, EPOCH)


def head(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    """Return the head over the first leaves."""
    return Checkpoint("", size, root(leaves[:size]))


def kind_of(text: str, device: str = "bus-07", *keys: VerifyKey) -> FailureKind:
    """Return why a cosigned head is refused."""
    with pytest.raises(SealError) as caught:
        read_cosigned(text, device, SIGNER.public, keys or (HALL.public,))
    return caught.value.kind


def test_ok__a_cosigned_head_says_size_root_and_when() -> None:
    """It is the box's own note with one more line, as C2SP's cosignature/v1 writes it."""
    found, at = read_cosigned(COSIGNED, "bus-07", SIGNER.public, (SIGNER.public, HALL.public))
    assert (found.size, found.root, at) == (5, root(LEAVES[:5]), EPOCH)
    assert COSIGNED.startswith(NOTE)
    line = COSIGNED.splitlines()[-1]
    assert line.startswith(f"— {WITNESS} ")
    written = base64.b64decode(line.rsplit(" ", 1)[1])
    said = f"cosignature/v1\ntime {int(EPOCH.timestamp())}\n" + NOTE.partition("\n\n")[0] + "\n"
    HALL.public.verify_note(said.encode(), written[12:])


def test_fail__what_is_no_cosigned_head() -> None:
    """No line, another witness, another box, another time, rubbish in the line."""
    assert kind_of(NOTE) is FailureKind.HEADER
    assert kind_of("") is FailureKind.HEADER
    assert kind_of(COSIGNED + "\n") is FailureKind.HEADER
    assert kind_of(COSIGNED[:-1]) is FailureKind.HEADER
    assert kind_of(COSIGNED[:-3] + "é=\n") is FailureKind.HEADER
    assert kind_of(COSIGNED, "bus-07", make_signer(OFFICE).public) is FailureKind.NO_MATCH
    assert kind_of(COSIGNED, "bus-08") is FailureKind.NO_MATCH
    with pytest.raises(SealError, match="another key"):
        read_cosigned(COSIGNED, "bus-07", HALL.public, (HALL.public,))


def test_fail__a_time_that_cannot_be() -> None:
    """After the year 2999: signed all the same, refused."""
    said = f"cosignature/v1\ntime {1 << 40}\n" + NOTE.partition("\n\n")[0] + "\n"
    written = base64.b64decode(COSIGNED.rsplit(" ", 1)[1])
    forged = written[:4] + (1 << 40).to_bytes(8, "big") + HALL.sign_note(said.encode())
    assert kind_of(f"{NOTE}— {WITNESS} {base64.b64encode(forged).decode()}\n") is FailureKind.HEADER


@given(st.integers(0, len(COSIGNED) - 1), st.characters(codec="ascii"))
def test_fail__any_changed_sign_is_refused(place: int, sign: str) -> None:
    """Also in the line that only city hall wrote."""
    changed = COSIGNED[:place] + sign + COSIGNED[place + 1 :]
    if changed != COSIGNED:
        assert kind_of(changed) in FailureKind


def test_fail__a_note_of_another_log() -> None:
    """The same key signs other notes too."""
    with pytest.raises(SealError, match="another box's journal"):
        read_note(checkpoint("madobus/filings", 5, bytes(32), SIGNER), "bus-07", SIGNER.public)


@pytest.mark.parametrize("known", range(9))
def test_ok__a_head_that_grew_is_taken(known: int) -> None:
    """From nothing, from any size, and the same head again."""
    edge = CompactRange()
    for leaf in LEAVES[:known]:
        edge.append(leaf)
    for size in range(known, 20):
        path = tuple(edge.grown(LEAVES[known:size]))
        ground = head(known) if known else NOTHING
        assert judge(ground, ground, head(size), path) is Verdict.GROWN


def test_fail__smaller_forked_and_unproven_heads_are_broken() -> None:
    """An old card, two journals of one size, a longer one over another past, a longer one without proof."""
    path = tuple(consistency_proof(9, LEAVES[:14]))
    assert judge(head(9), head(9), head(8), ()) is Verdict.BROKEN
    assert judge(head(9), head(9), head(9, OTHERS), ()) is Verdict.BROKEN
    assert judge(head(9), head(9), head(14, OTHERS), path) is Verdict.BROKEN
    assert judge(head(9), head(9), head(14), ()) is Verdict.BROKEN
    assert judge(head(9), head(9, OTHERS), head(14), path) is Verdict.BROKEN


def test_ok__an_older_ground_is_told_the_newer_one() -> None:
    """City hall's answer was lost: that alone is no alarm."""
    path = tuple(consistency_proof(5, LEAVES[:14]))
    assert judge(head(9), head(5), head(14), path) is Verdict.OTHER_GROUND
    assert judge(head(9), NOTHING, head(14), ()) is Verdict.OTHER_GROUND


def test_ok__the_cosignature_moves_with_its_time() -> None:
    """The same head seen later is another line, and the box's own line stays."""
    later = cosign(NOTE, HALL, EPOCH + timedelta(days=1))
    assert later != COSIGNED
    assert read_cosigned(later, "bus-07", SIGNER.public, (HALL.public,))[1] > EPOCH
