"""The Merkle tree of RFC 6962 over the log's leaves: roots, proofs, and what must be kept to go on appending.

Nothing here reads a file. Indexes count from 0: record number `seq` is leaf `seq - 1`.
"""

import hashlib
from collections.abc import Iterable, Iterator

LEVELS = (8, 16, 24)  # whole subtrees of 256, 65,536 and 16,777,216 leaves are stored
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int, bytes]  # level, place on that level counted from 0, hash


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1; the prefix keeps an inner node from ever passing for a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the whole subtrees that a tree of `size` leaves is made of, largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self.peaks)}")

    def add(self, leaf: bytes) -> list[Node]:
        """Append; return the subtrees that became whole and are to be stored."""
        stored: list[Node] = []
        index, hash, level = self.size, leaf, 0
        while index & 1:
            hash = node_hash(self.peaks.pop(), hash)
            index >>= 1
            level += 1
            if level in LEVELS:
                stored.append((level, index, hash))
        self.peaks.append(hash)
        self.size += 1
        return stored

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> "Frontier":
        return Frontier(self.size, self.peaks)


def whole_subtrees(leaves: Iterable[bytes]) -> Iterator[Node]:
    """Every node that is stored for a log with these leaves."""
    frontier = Frontier()
    for leaf in leaves:
        yield from frontier.add(leaf)
