"""The tree against RFC 6962: known answers and a slow reference written from section 2.1."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.journal.proof.merkle import (
    EMPTY_ROOT,
    Frontier,
    NodeOf,
    consistency_proof,
    cover,
    inclusion_proof,
    node_hash,
    peaks_at,
    root_at,
    verify_consistency,
    verify_inclusion,
    whole_subtrees,
)

# The inputs and roots that implementations of Certificate Transparency publish for sizes 1 to 8.
# fmt: off
INPUTS = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Proofs published beside them: (leaf counted from 1, size) and (old size, new size).
INCLUSION = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
# fmt: on


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def slow_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def test_roots_are_the_published_ones() -> None:
    assert Frontier().root() == EMPTY_ROOT
    frontier = Frontier()
    for data, root in zip(INPUTS, ROOTS, strict=True):
        frontier.add(leaf(data))
        assert frontier.root().hex() == root


@given(st.integers(0, 700))
def test_root_is_that_of_the_slow_reference(size: int) -> None:
    leaves = [leaf(str(number).encode()) for number in range(size)]
    frontier = Frontier()
    for one in leaves:
        frontier.add(one)
    assert frontier.root() == slow_root(leaves)
    assert Frontier(size, frontier.peaks).root() == frontier.root()


def test_whole_subtrees_are_roots_of_their_own_leaves() -> None:
    leaves = [leaf(str(number).encode()) for number in range(700)]
    found = list(whole_subtrees(leaves))
    assert found == [(8, 0, slow_root(leaves[:256])), (8, 1, slow_root(leaves[256:512]))]


def leaves_of(size: int) -> list[bytes]:
    return [leaf(str(number).encode()) for number in range(size)]


def node_of(leaves: list[bytes]) -> NodeOf:
    """Whole subtrees only, as a tree on a disk has them."""

    def node(level: int, place: int) -> bytes:
        part = leaves[place << level : (place + 1) << level]
        assert len(part) == 1 << level, (level, place)
        return slow_root(part)

    return node


def slow_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*slow_path(index, leaves[:split]), slow_root(leaves[split:])]
    return [*slow_path(index - split, leaves[split:]), slow_root(leaves[:split])]


def slow_subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [slow_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*slow_subproof(old, leaves[:split], whole), slow_root(leaves[split:])]
    return [*slow_subproof(old - split, leaves[split:], False), slow_root(leaves[:split])]


def test_proofs_are_the_published_ones() -> None:
    node = node_of([leaf(data) for data in INPUTS])
    for (number, size), proof in INCLUSION.items():
        assert [hash.hex() for hash in inclusion_proof(number - 1, size, node)] == proof
    for (old, new), proof in CONSISTENCY.items():
        assert [hash.hex() for hash in consistency_proof(old, new, node)] == proof


def test_published_proofs_are_accepted() -> None:
    root = [bytes.fromhex(text) for text in ROOTS]
    for (number, size), proof in INCLUSION.items():
        path = [bytes.fromhex(text) for text in proof]
        assert verify_inclusion(number - 1, size, leaf(INPUTS[number - 1]), path, root[size - 1])
    for (old, new), proof in CONSISTENCY.items():
        path = [bytes.fromhex(text) for text in proof]
        assert verify_consistency(old, new, root[old - 1], root[new - 1], path)


@given(st.integers(1, 300), st.data())
def test_inclusion_proof_is_that_of_the_slow_reference_and_proves_its_leaf_alone(
    size: int, data: st.DataObject
) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node_of(leaves))
    root = slow_root(leaves)
    assert proof == slow_path(index, leaves)
    assert verify_inclusion(index, size, leaves[index], proof, root)
    assert not verify_inclusion(index, size, leaf(b"other"), proof, root)
    assert not verify_inclusion(index, size, leaves[index], [*proof, root], root)
    assert not verify_inclusion(index, size, leaves[index], proof[:-1], root) or not proof
    assert size == 1 or not verify_inclusion((index + 1) % size, size, leaves[index], proof, root)


@given(st.integers(0, 300), st.integers(0, 300))
def test_consistency_proof_is_that_of_the_slow_reference_and_fits_no_other_tree(a: int, b: int) -> None:
    old, new = sorted((a, b))
    leaves = leaves_of(new)
    proof = consistency_proof(old, new, node_of(leaves))
    old_root, new_root = slow_root(leaves[:old]), slow_root(leaves)
    if old:
        assert proof == slow_subproof(old, leaves, True)
    assert verify_consistency(old, new, old_root, new_root, proof)
    assert not verify_consistency(old, new, leaf(b"other"), new_root, proof)
    assert not verify_consistency(old, new, old_root, new_root, [*proof, old_root])
    if old not in (0, new):
        assert not verify_consistency(old, new, old_root, leaf(b"other"), proof)
        assert not verify_consistency(old, new, old_root, new_root, proof[:-1])


def test_proof_of_what_is_not_in_the_tree_is_refused() -> None:
    node = node_of(leaves_of(4))
    for index in (-1, 4):
        with pytest.raises(ValueError):
            inclusion_proof(index, 4, node)
        assert not verify_inclusion(index, 4, leaf(b""), [], leaf(b""))
    with pytest.raises(ValueError):
        consistency_proof(5, 4, node)
    assert not verify_consistency(5, 4, leaf(b""), leaf(b""), [])


@given(st.integers(0, 700))
def test_root_and_peaks_at_any_size_are_those_of_the_frontier(size: int) -> None:
    leaves = leaves_of(size)
    frontier = Frontier()
    for one in leaves:
        frontier.add(one)
    assert root_at(size, node_of(leaves)) == frontier.root()
    assert peaks_at(size, node_of(leaves)) == frontier.peaks


def runs_of(included: set[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in sorted(included):
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def rebuilt(start: int, leaves: list[bytes], included: set[int], hashes: Iterator[bytes]) -> bytes:
    """As a verifier does that has the shown leaves and the cover."""
    if not any(start + place in included for place in range(len(leaves))):
        return next(hashes)
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left = rebuilt(start, leaves[:split], included, hashes)
    return node_hash(left, rebuilt(start + split, leaves[split:], included, hashes))


@given(st.integers(1, 200), st.data())
def test_cover_and_the_shown_leaves_give_the_root(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    included = data.draw(st.sets(st.integers(0, size - 1)))
    hashes = list(cover(size, runs_of(included), node_of(leaves)))
    rest = iter(hashes)
    assert rebuilt(0, leaves, included, rest) == slow_root(leaves)
    assert next(rest, None) is None
    assert hashes == list(cover(size, [(index, index) for index in sorted(included)], node_of(leaves)))


def test_cover_of_everything_is_empty_and_of_nothing_is_the_root() -> None:
    leaves = leaves_of(100)
    assert list(cover(100, [(0, 99)], node_of(leaves))) == []
    assert list(cover(100, [], node_of(leaves))) == [slow_root(leaves)]
    assert list(cover(0, [], node_of(leaves))) == []
