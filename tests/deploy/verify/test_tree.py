"""The tree is put together from pieces of any length; it equals the tree of all leaves together."""

import hashlib
import random

import pytest

from deploy.verify.genkan_verify import MerkleTree
from tests.deploy.verify.reference import mth

LEAVES = [hashlib.sha256(b"%d" % number).digest() for number in range(200)]


@pytest.mark.parametrize("size", range(66))
def test_tree_of_any_size_put_together_in_any_way_has_the_root_of_the_rfc(size: int) -> None:
    chance = random.Random(size)
    for _ in range(20):
        tree = MerkleTree()
        while tree.size < size:
            tree.extend(LEAVES[tree.size : min(size, tree.size + chance.randrange(40))])
            assert tree.root() == mth(LEAVES[: tree.size])
        assert tree.size == size
