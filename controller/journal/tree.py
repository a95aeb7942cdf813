"""The log's Merkle tree as it stands on the disk: leaves of `events` and `removed`, and the stored subtrees.

What is stored (every eighth level) only saves work; where a row is missing it is made from what lies below.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from controller.journal.merkle import LEVELS, Frontier, node_hash, peaks_at, root_at

_BITS = 8  # levels between two stored ones
_LEAVES = (
    "SELECT seq - 1, leaf FROM events WHERE seq BETWEEN ?1 + 1 AND ?2 "
    "UNION ALL SELECT seq - 1, leaf FROM removed WHERE seq BETWEEN ?1 + 1 AND ?2"
)
_NODES = "SELECT place, hash FROM nodes WHERE level = ? AND place >= ? AND place < ?"

Block = list[list[bytes | None]]
Subtrees = Mapping[int, Sequence[bytes]]  # of each stored level, from place 0 on


class LeafMissing(LookupError):
    """A record is gone from the file, and its leaf with it; nothing can be proven over the hole."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"the leaf of record {seq} is missing")
        self.seq = seq


class Tree:
    """For one snapshot of the journal. It keeps the last block of 256 it has read on each stored level.

    Every method raises LeafMissing for a leaf the file does not hold.
    """

    def __init__(
        self, connection: sqlite3.Connection, stored: bool = True, subtrees: Subtrees | None = None
    ) -> None:
        """Without `stored` everything is made from the leaves; `made` stand for what is stored."""
        self._connection = connection
        self._stored = stored
        self._subtrees = subtrees
        self._blocks: dict[int, tuple[int, Block]] = {}

    def node(self, level: int, place: int) -> bytes:
        """The root of the whole subtree; level 0 are the leaves, by index (number of the record less 1)."""
        base = min(level // _BITS * _BITS, LEVELS[-1])
        block = self._block(base, place >> (_BITS - level + base))
        return self._in_block(block, base, level, place)

    def root(self, size: int) -> bytes:
        return root_at(size, self.node)

    def frontier(self, size: int) -> Frontier:
        """Reads no more than 255 leaves and as many nodes of each stored level."""
        return Frontier(size, peaks_at(size, self.node))

    def _in_block(self, block: Block, base: int, level: int, place: int) -> bytes:
        row = block[level - base]
        inside = place & (len(row) - 1)
        hash = row[inside]
        if hash is not None:
            return hash
        if level == base:
            if level == 0:
                raise LeafMissing(place + 1)
            left, right = self.node(level - 1, 2 * place), self.node(level - 1, 2 * place + 1)
        else:
            left = self._in_block(block, base, level - 1, 2 * place)
            right = self._in_block(block, base, level - 1, 2 * place + 1)
        hash = row[inside] = node_hash(left, right)
        return hash

    def _block(self, base: int, place: int) -> Block:
        """256 neighbours of level `base` as they are stored, and room for what lies above them."""
        kept = self._blocks.get(base)
        if kept is not None and kept[0] == place:
            return kept[1]
        block: Block = [[None] * (1 << (_BITS - above)) for above in range(_BITS)]
        first, end = place << _BITS, (place + 1) << _BITS
        rows: Iterable[tuple[int, bytes]]
        if base == 0:
            rows = self._connection.execute(_LEAVES, (first, end))
        elif self._subtrees is not None:
            rows = enumerate(self._subtrees[base][first:end], first)
        elif not self._stored:
            rows = ()
        else:
            rows = self._connection.execute(_NODES, (base, first, end))
        for at, hash in rows:
            block[0][at - first] = hash
        self._blocks[base] = (place, block)
        return block
