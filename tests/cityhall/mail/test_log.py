"""The filing log as rows equals the agreement's tree, and remembers only what is committed."""

import hashlib

import pytest

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
