"""The log is looked at in ranges side by side; put together they are the tree of all records."""

import hashlib

import pytest

from deploy.verify.genkan_verify import Tree

WIDTH = 8


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest() for number in range(count)]


def tree_of(some: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in some:
        tree.add(leaf)
    return tree


@pytest.mark.parametrize("ranges", range(9))
def test_last_range_of_any_length_is_put_after_whole_ones(ranges: int) -> None:
    """Also one longer than the others, as the last is."""
    for length in range(2 * WIDTH):
        known = leaves(ranges * WIDTH + length)
        put = Tree()
        for start in range(0, ranges * WIDTH, WIDTH):
            put.graft(tree_of(known[start : start + WIDTH]))
        last = tree_of(known[ranges * WIDTH :])
        whole = tree_of(known)
        assert put.with_later(last.size, last.peaks) == whole.peaks
        put.graft(last)
        assert (put.root(), put.size) == (whole.root(), whole.size)
