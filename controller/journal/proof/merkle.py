"""The Merkle tree of RFC 6962 over the log's leaves: roots, proofs, and the state needed to append.

This module reads no file. Indexes count from 0: record number `seq` is leaf `seq - 1`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator

LEVELS = (8, 16, 24)  # the journal stores full subtrees of 256, 65,536 and 16,777,216 leaves
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int, bytes]  # level, place on that level counted from 0, hash
# The root of the full subtree at (level, place); level 0 holds the leaves.
NodeOf = Callable[[int, int], bytes]
Run = tuple[int, int]  # first and last index, both inclusive


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1; the prefix prevents an inner node from passing for a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the full subtrees that make up a tree of `size` leaves, largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self.peaks)}")

    def add(self, leaf: bytes) -> list[Node]:
        """Append a leaf; return the subtrees that it completed and that the journal stores."""
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
    """Yield every node that the journal stores for a log with these leaves."""
    frontier = Frontier()
    for leaf in leaves:
        yield from frontier.add(leaf)


def root_at(size: int, node: NodeOf) -> bytes:
    """The root of the tree's first `size` leaves."""
    return _root_of(0, size, node) if size else EMPTY_ROOT


def peaks_at(size: int, node: NodeOf) -> list[bytes]:
    """The peaks of a Frontier of this size."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [node(level, (size >> level) - 1) for level in levels]


def inclusion_proof(index: int, size: int, node: NodeOf) -> list[bytes]:
    """RFC 6962 section 2.1.1: the siblings on the path from the leaf up to the root of `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, count = 0, size
    while count > 1:
        split = _split(count)
        if index < start + split:
            path.append(_root_of(start + split, count - split, node))
            count = split
        else:
            path.append(_root_of(start, split, node))
            start, count = start + split, count - split
    return path[::-1]


def consistency_proof(old: int, new: int, node: NodeOf) -> list[bytes]:
    """RFC 6962 section 2.1.2; empty if `old` is 0 or equals `new`: then nothing needs proof."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not extend one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, count = 0, new
    while start + count != old:
        split = _split(count)
        if old <= start + split:
            path.append(_root_of(start + split, count - split, node))
            count = split
        else:
            path.append(_root_of(start, split, node))
            start, count = start + split, count - split
    if start:  # otherwise this is the old root, which the verifier already has
        path.append(_root_of(start, count, node))
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Iterable[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, hash = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hash = node_hash(sibling, hash)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            hash = node_hash(hash, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and hash == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Iterable[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2; every tree extends the empty tree, whose root is SHA-256 of nothing."""
    path = list(proof)
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if old == new:
        return not path and old_root == new_root
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_hash = new_hash = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_hash, new_hash = node_hash(sibling, old_hash), node_hash(sibling, new_hash)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new_hash = node_hash(new_hash, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_hash == old_root and new_hash == new_root


def cover(size: int, included: Iterable[Run], node: NodeOf) -> Iterator[bytes]:
    """Yield, left to right, the root of each largest subtree without an included leaf.

    With the included leaves these roots give the tree's root. `included` are runs of indexes that rise and
    don't touch; memory stays flat for any number of them.
    """
    runs = iter(included)
    first, last = next(runs, (size, size))
    open_parts = [(0, size)] if size else []
    while open_parts:
        start, count = open_parts.pop()
        while last < start:
            first, last = next(runs, (size, size))
        if first >= start + count:
            yield _root_of(start, count, node)
        elif not (first <= start and start + count - 1 <= last):
            split = _split(count)
            open_parts.append((start + split, count - split))
            open_parts.append((start, split))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _root_of(start: int, count: int, node: NodeOf) -> bytes:
    """The root of `count` leaves from `start`, where a subtree of that size may begin."""
    parts: list[bytes] = []
    while count:
        level = count.bit_length() - 1
        parts.append(node(level, start >> level))
        start, count = start + (1 << level), count - (1 << level)
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root
