"""The depot's first word: what a box believes before it says anything."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from provisioning.enrol import Admission
from provisioning.joining.answer import HallAddress, encode_admission, read_admission, read_reveal
from provisioning.joining.code import make_code
from provisioning.joining.errors import FalseDepotError, RefusedError
from provisioning.joining.hello import FORMAT, Hello, believe_hello, commit, encode_hello
from sync.root import encode_root
from tests.support.makers import make_signer
from tests.support.roots import make_root, publisher_of, root_holders, root_of, root_text

CERTIFICATE = b"a certificate"
HELLO = Hello("bus-07", hashlib.sha256(CERTIFICATE).digest(), commit(bytes(32)), root_text())
CODE = make_code("192.0.2.10:8445", root_text())
HALL = HallAddress("hall.example.jp", 8443, 8444)
TOLD = Admission((b"one", b"two"), b"authority", "{}", root_text())


def test_ok__the_depot_of_the_code_is_believed() -> None:
    """Over the connection whose certificate its publisher signed."""
    line = encode_hello(HELLO, (publisher_of(),))
    assert believe_hello(line, CODE, CERTIFICATE) == (HELLO, root_of())


def test_fail__another_certificate() -> None:
    """The words are true and come from somebody else's connection."""
    line = encode_hello(HELLO, (publisher_of(),))
    with pytest.raises(FalseDepotError, match="stands between"):
        believe_hello(line, CODE, b"another")


@pytest.mark.parametrize("signers", [(), (make_signer(77),), root_holders()])
def test_fail__the_publisher_did_not_sign(signers: tuple[Any, ...]) -> None:
    """Nobody, a stranger, and the root's own holders: none of them enrols."""
    with pytest.raises(FalseDepotError, match="publisher"):
        believe_hello(encode_hello(HELLO, signers), CODE, CERTIFICATE)


def test_fail__a_root_that_too_few_signed() -> None:
    """A code that names it helps nothing."""
    weak = encode_root(make_root(), root_holders()[:1])
    line = encode_hello(replace(HELLO, root=weak), (publisher_of(),))
    with pytest.raises(FalseDepotError, match="1 of the 2"):
        believe_hello(line, make_code("192.0.2.10:8445", weak), CERTIFICATE)


@pytest.mark.parametrize(
    "change",
    [
        {"device": "bus-08"},
        {"commitment": "00" * 32},
        {"format": FORMAT + "0"},
        {"certificate": "zz"},
        {"device": 7},
        {"more": ""},
    ],
)
def test_fail__what_was_changed_on_the_way(change: dict[str, Any]) -> None:
    """Every word is signed, and none may be added."""
    told = json.loads(encode_hello(HELLO, (publisher_of(),)))
    line = json.dumps(told | {"signed": told["signed"] | change})
    with pytest.raises(FalseDepotError):
        believe_hello(line, CODE, CERTIFICATE)


def test_fail__a_root_changed_between_greeting_and_admission() -> None:
    """A bundle under another root is not what the code stands for."""
    line = encode_admission(replace(TOLD, root="another"), HALL)
    with pytest.raises(FalseDepotError, match="changed its root"):
        read_admission(line, root_text())


def test_ok__an_admission_is_read_back() -> None:
    """With where city hall is."""
    assert read_admission(encode_admission(TOLD, HALL), root_text()) == (TOLD, HALL)


@pytest.mark.parametrize(
    "change",
    [
        {"intake": 0},
        {"switchboard": 65536},
        {"host": 7},
        {"certificates": ["a", "b", "c"]},
        {"x": 1},
    ],
)
def test_fail__an_admission_of_another_shape(change: dict[str, Any]) -> None:
    """Nothing of it is taken."""
    told = json.loads(encode_admission(TOLD, HALL))
    with pytest.raises(FalseDepotError, match="damaged"):
        read_admission(json.dumps(told | change), root_text())


def test_fail__a_refusal_is_told_with_its_number() -> None:
    """Wherever an answer is waited for."""
    with pytest.raises(RefusedError, match="no more") as refusal:
        read_reveal('{"kind":"refusal","number":502,"sentence":"no more"}', bytes(32))
    assert refusal.value.code == 502
