"""The tree against RFC 6962: known answers and a slow reference written from section 2.1."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from controller.journal.merkle import EMPTY_ROOT, Frontier, whole_subtrees

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
