"""sync.proof: the log's proof beside a hall receipt."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merkle
from sync.ids import filing_number
from sync.proof import Proof, decode_proof, encode_proof, log_leaf, whole_leaf
from sync.receipt import HallReceipt, proof_holds
from tests.support.garbage import damaged
from tests.support.makers import COUNTERSIGNER, EPOCH, make_id, make_signer

DIGEST = bytes(range(32))


def a_proof(index: int = 2) -> tuple[HallReceipt, Proof]:
    """Return a receipt and its proof in a log of five filings."""
    numbers = [filing_number(8, n) for n in range(5)]
    leaves = [log_leaf(DIGEST, number) for number in numbers]
    receipt = HallReceipt(
        env_id=make_id(1),
        envelope_sha256=DIGEST,
        procedure="care-renewal",
        filing_no=numbers[index],
        filed=EPOCH,
        not_before=EPOCH,
        received=EPOCH,
        log_index=index,
        stage=2,
        key_id=make_signer(COUNTERSIGNER).key_id,
    )
    path = tuple(merkle.inclusion_proof(index, leaves))
    return receipt, Proof(5, merkle.root(leaves), path, "note\n")


@pytest.mark.parametrize("index", range(5))
def test_ok__a_filing_proves_that_it_stands_in_the_log(index: int) -> None:
    """Receipt and proof fit each other after the way through bytes."""
    receipt, proof = a_proof(index)
    assert decode_proof(encode_proof(proof)) == proof
    assert proof_holds(receipt, proof)


def test_ok__a_completion_is_another_leaf_than_its_filing() -> None:
    """The log tells by its bytes alone what was filed and what became whole."""
    number = filing_number(8, 1)
    assert whole_leaf(DIGEST, number) != log_leaf(DIGEST, number)


def test_fail__a_proof_of_another_filing_proves_nothing() -> None:
    """Number, envelope, index, size and root all count."""
    receipt, proof = a_proof()
    assert not proof_holds(replace(receipt, filing_no=filing_number(8, 99)), proof)
    assert not proof_holds(replace(receipt, envelope_sha256=bytes(32)), proof)
    assert not proof_holds(replace(receipt, log_index=3), proof)
    assert not proof_holds(receipt, replace(proof, size=9))
    assert not proof_holds(receipt, replace(proof, root=bytes(32)))
    assert not proof_holds(receipt, replace(proof, path=()))


@pytest.mark.parametrize(
    "change",
    [
        {"size": 0},
        {"root": b""},
        {"path": (b"x",)},
        {"path": (DIGEST,) * 65},
        {"checkpoint": "x" * 1025},
    ],
)
def test_fail__a_proof_beyond_a_rule_is_not_written(change: dict[str, Any]) -> None:
    """What a reader would refuse, the writer refuses first."""
    with pytest.raises(ValueError, match="must"):
        encode_proof(replace(a_proof()[1], **change))


@given(st.one_of(st.binary(max_size=80), damaged(encode_proof(a_proof()[1]))))
def test_fail__a_garbage_proof_is_a_value_error(data: bytes) -> None:
    """Rubbish and damaged proofs are refused or mean something that is written the same way."""
    try:
        proof = decode_proof(data)
    except ValueError:
        return
    assert encode_proof(proof) == data
