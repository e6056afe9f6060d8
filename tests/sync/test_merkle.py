"""sync.merkle: one root for many leaves, short proofs for each."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merkle
from sync.merkle import CompactRange, Tree

SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 21, 33]
# The eight inputs and roots that Certificate Transparency's own implementations test with.
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60616263646566676869"]
CT_LEAVES[-1] += "6a6b6c6d6e6f"
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(size: int) -> list[bytes]:
    """Return this many different leaf hashes."""
    return [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(size)]


def slow_root(hashes: list[bytes]) -> bytes:
    """Compute the root by the definition of RFC 6962 section 2.1, word by word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = slow_root(hashes[:split]), slow_root(hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_ok__roots_are_those_of_certificate_transparency(size: int) -> None:
    """The published roots come out for the published leaves."""
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES[:size]]
    assert merkle.root(hashes).hex() == CT_ROOTS[size - 1]


@pytest.mark.parametrize("size", SIZES)
def test_ok__the_root_is_that_of_the_definition(size: int) -> None:
    """Tree, compact range and definition agree."""
    compact = CompactRange()
    for leaf in leaves(size):
        compact.append(leaf)
    assert merkle.root(leaves(size)) == slow_root(leaves(size)) == compact.root()


@pytest.mark.parametrize("size", SIZES)
def test_ok__every_leaf_proves_itself(size: int) -> None:
    """Each leaf's proof holds under the root, and for no other index, leaf, size or root."""
    hashes = leaves(size)
    root = merkle.root(hashes)
    for index, leaf in enumerate(hashes):
        proof = merkle.inclusion_proof(index, hashes)
        assert merkle.verify_inclusion(leaf, index, size, proof, root)
        assert not merkle.verify_inclusion(bytes(32), index, size, proof, root)
        assert not merkle.verify_inclusion(leaf, index, size, proof, bytes(32))
        assert not merkle.verify_inclusion(leaf, index, size, [*proof, bytes(32)], root)
        assert not merkle.verify_inclusion(leaf, index ^ 1, size, proof, root) or size == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("old", SIZES)
def test_ok__every_growth_proves_itself(old: int, size: int) -> None:
    """A longer tree extends each shorter one, and no other."""
    if old > size:
        return
    hashes = leaves(size)
    proof = merkle.consistency_proof(old, hashes)
    roots = merkle.root(hashes[:old]), merkle.root(hashes)
    assert merkle.verify_consistency(old, size, proof, *roots)
    assert not merkle.verify_consistency(old, size, proof, bytes(32), roots[1])
    assert not merkle.verify_consistency(old, size, [*proof, bytes(32)], *roots)
    if old:
        assert not merkle.verify_consistency(old, size, proof, roots[0], bytes(32))
    if proof:
        assert not merkle.verify_consistency(old, size, proof[:-1], *roots)
        assert not merkle.verify_consistency(old, size, [], *roots)


@given(st.integers(1, 300), st.data())
def test_ok__a_tree_proves_its_past(size: int, data: st.DataObject) -> None:
    """A tree that has grown on still proves leaves and growth as of an earlier size."""
    tree = Tree(leaves(size))
    middle = data.draw(st.integers(1, size))
    old = data.draw(st.integers(0, middle))
    index = data.draw(st.integers(0, middle - 1))
    inclusion, growth = tree.inclusion(index, middle), tree.consistency(old, middle)
    root = tree.root(middle)
    assert merkle.verify_inclusion(leaves(size)[index], index, middle, inclusion, root)
    assert merkle.verify_consistency(old, middle, growth, tree.root(old), root)


@given(
    st.integers(-1, 9),
    st.integers(-1, 9),
    st.lists(st.binary(min_size=31, max_size=32), max_size=6),
)
def test_fail__rubbish_proves_nothing(index: int, size: int, proof: list[bytes]) -> None:
    """No made-up proof holds, and none gives an exception."""
    assert not merkle.verify_inclusion(bytes(32), index, size, proof, bytes(32)) or (
        (index, size, proof) == (0, 1, [])
    )
    assert not merkle.verify_consistency(index, size, proof, b"old", b"new")


def test_fail__a_tree_from_nothing_has_the_empty_root() -> None:
    """From size 0 only the empty root grows, and without steps."""
    some = bytes(32)
    assert merkle.verify_consistency(0, 3, [], merkle.EMPTY_ROOT, some)
    assert not merkle.verify_consistency(0, 3, [], some, some)
    assert not merkle.verify_consistency(0, 0, [], some, some)
    assert not merkle.verify_consistency(0, 3, [some], merkle.EMPTY_ROOT, some)


def test_fail__what_is_no_hash_is_never_proven() -> None:
    """An empty leaf under an empty root, or two equal words that are no roots, show nothing."""
    assert not merkle.verify_inclusion(b"", 0, 1, [], b"")
    assert not merkle.verify_consistency(1, 1, [], b"root", b"root")


def test_fail__proofs_have_a_limit() -> None:
    """Sixty-five steps are more than any tree has."""
    assert not merkle.verify_inclusion(bytes(32), 0, 2, [bytes(32)] * 65, bytes(32))
    assert not merkle.verify_inclusion(bytes(32), 0, merkle.SIZE_MAX + 1, [], bytes(32))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: merkle.inclusion_proof(2, leaves(2)),
        lambda: merkle.inclusion_proof(-1, leaves(2)),
        lambda: merkle.consistency_proof(3, leaves(2)),
        lambda: Tree(leaves(2)).root(3),
        lambda: Tree([b"short"]),
        lambda: CompactRange().append(b"short"),
    ],
)
def test_fail__what_is_not_there_cannot_be_proven(ask: Any) -> None:
    """A wrong index, size or leaf is a ValueError."""
    with pytest.raises(ValueError, match="merkle"):
        ask()


@given(st.integers(0, 70), st.integers(0, 10))
def test_ok__a_compact_range_goes_on_where_it_was_kept(size: int, more: int) -> None:
    """Kept as plain values and read again, it grows as if it had never stopped."""
    first = CompactRange()
    for leaf in leaves(size):
        first.append(leaf)
    second = CompactRange.from_list(first.to_list())
    for leaf in leaves(size + more)[size:]:
        second.append(leaf)
    assert second.root() == merkle.root(leaves(size + more))
    assert second.size == size + more


@pytest.mark.parametrize(
    "values",
    [[], [b"x"], [True], [-1], [1], [1, b"short"], [2, bytes(32), bytes(32)], [1, 5], [1 << 63]],
)
def test_fail__a_range_of_another_shape_is_refused(values: Any) -> None:
    """Size and number of hashes must fit each other."""
    with pytest.raises(ValueError, match="merkle"):
        CompactRange.from_list(values)


@pytest.mark.parametrize("old", range(18))
def test_ok__an_edge_proves_its_own_growth(old: int) -> None:
    """With the right edge and the new leaves alone the proof is the whole tree's own."""
    leaves = [merkle.leaf_hash(bytes((number,))) for number in range(40)]
    for size in range(old, 40):
        edge = CompactRange()
        for leaf in leaves[:old]:
            edge.append(leaf)
        assert edge.grown(leaves[old:size]) == merkle.consistency_proof(old, leaves[:size])
