"""The filing log as rows equals the agreement's tree, and remembers only what is committed."""

import hashlib

import pytest

from cityhall.mail import log
from cityhall.mail.store import HallMail
from sync.merkle import Tree
from sync.receipt import log_leaf
from tests.support.makers import make_envelope
from tests.support.shelf import OpenMail, file


def test_the_log_equals_the_agreements_tree(mail: HallMail) -> None:
    """Roots, inclusion and consistency proofs of every size are those of sync.merkle."""
    tree = Tree()
    for n in range(13):
        sealed = make_envelope(n, parts=[])
        number = file(mail, sealed).filing_no
        tree.append(log_leaf(hashlib.sha256(sealed.slip).digest(), number))
    for size in range(1, 14):
        assert mail.log_root(size) == tree.root(size)
        for index in range(size):
            assert mail.log_inclusion(index, size) == tree.inclusion(index, size)
        for old in range(size + 1):
            assert mail.log_consistency(old, size) == tree.consistency(old, size)


def test_fail__a_log_with_a_hole(mail: HallMail, open_mail: OpenMail) -> None:
    """A lost row is told, not guessed around."""
    for n in range(2):
        file(mail, make_envelope(n, parts=[]))
    with mail._database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM log WHERE level = 1")
    with pytest.raises(LookupError, match="misses subtree 1/0"):
        open_mail().log_root(2)


def test_a_log_remembers_no_more_than_its_limit(
    open_mail: OpenMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was forgotten is read again; a proof from memory alone is then not at hand, and never wrong."""
    monkeypatch.setattr(log, "NODES_LIMIT", 4)
    mail, fresh = open_mail(), open_mail()
    for n in range(9):
        file(mail, make_envelope(n, parts=[]))
    assert len(mail._log._nodes) <= 4
    assert mail.witness_at_hand(0, 1) is None
    assert mail.witness(3, 1).inclusion == fresh.witness(3, 1).inclusion
    assert mail.witness(3, 1).growth == fresh.witness(3, 1).growth


def test_what_was_just_filed_is_proven_without_reading(open_mail: OpenMail) -> None:
    """The same words as a shelf that reads everything; a head from another intake has to be read."""
    mail, other = open_mail(), open_mail()
    for n in range(5):
        file(mail, make_envelope(n, parts=[]))
    at_hand = mail.witness_at_hand(2, 4)
    assert at_hand is not None
    assert at_hand == other.witness(2, 4)
    file(other, make_envelope(5, parts=[]))
    assert mail.witness_at_hand(6, 4) is None
    assert mail.witness_at_hand(0, 5) is None
    assert mail.witness(6, 5).size == 6
