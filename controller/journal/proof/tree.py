"""The log's Merkle tree on disk: leaves of `events` and `removed`, and the stored subtrees.

The stored levels (every eighth) only save work; a missing row is computed from the level below.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from controller.journal.proof.merkle import LEVELS, Frontier, node_hash, peaks_at, root_at

_BITS = 8  # levels from one stored level to the next
_LEAVES = (
    "SELECT seq - 1, leaf FROM events WHERE seq BETWEEN ?1 + 1 AND ?2 "
    "UNION ALL SELECT seq - 1, leaf FROM removed WHERE seq BETWEEN ?1 + 1 AND ?2"
)
_NODES = "SELECT place, hash FROM nodes WHERE level = ? AND place >= ? AND place < ?"

Block = list[list[bytes | None]]
Subtrees = Mapping[int, Sequence[bytes]]  # for each stored level, its hashes from place 0 on


class LeafMissing(LookupError):
    """A record and its leaf are missing from the file, so no proof can span it."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"the leaf of record {seq} is missing")
        self.seq = seq


class Tree:
    """The tree of one snapshot of the journal. Caches the last block of 256 nodes read on each stored level.

    Every method raises LeafMissing for a leaf that the file does not hold.
    """

    def __init__(
        self, connection: sqlite3.Connection, stored: bool = True, subtrees: Subtrees | None = None
    ) -> None:
        """Without `stored`, compute everything from the leaves; `subtrees` replace the stored rows."""
        self._connection = connection
        self._stored = stored
        self._subtrees = subtrees
        self._blocks: dict[int, tuple[int, Block]] = {}

    def node(self, level: int, place: int) -> bytes:
        """The root of the full subtree; level 0 holds the leaves by index (record number less 1)."""
        base = min(level // _BITS * _BITS, LEVELS[-1])
        block = self._block(base, place >> (_BITS - level + base))
        return self._in_block(block, base, level, place)

    def root(self, size: int) -> bytes:
        return root_at(size, self.node)

    def frontier(self, size: int) -> Frontier:
        """Read at most 255 leaves and as many nodes of each stored level."""
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
        """Load 256 neighbours of stored level `base`, with space for the levels computed above them."""
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
