"""The subtrees that a proof is made from: all of them held against the signed root before any is given out.

Otherwise one row that a disk changed makes a proof that does not verify, and an auditor calls an untouched
log tampered with. The root alone tells nothing of the rows below those it is made of, so all are made from
the lowest.
"""

import logging
from collections.abc import Generator

from controller.errors import CorruptDatabase
from controller.journal.merkle import LEVELS, whole_subtrees
from controller.journal.note import Checkpoint
from controller.journal.query import JournalReader
from controller.journal.tree import LeafMissing, Subtrees, Tree

log = logging.getLogger(__name__)

_LOWEST = LEVELS[0]
_A_STEP = {True: 256, False: 16}  # rows as they are stored, or 256 leaves for each


def proving_subtrees(reader: JournalReader, checkpoint: Checkpoint) -> Generator[None, None, Subtrees | None]:
    """As they are stored, or where those do not lead to the checkpoint's root, made from the records.

    A step each time, a snapshot each. None where the records do not lead there either: the verifier names the
    one that is damaged.
    """
    for stored in (True, False):
        try:
            subtrees = yield from _load_subtrees(reader, checkpoint.size, stored)
            with reader.snapshot() as connection:
                if Tree(connection, subtrees=subtrees).root(checkpoint.size) != checkpoint.root:
                    continue
        except (LeafMissing, CorruptDatabase, TypeError):  # TypeError: no hash any more
            continue
        if not stored:
            log.error("%s: a stored subtree is damaged; a proof is made from the records", reader.file)
        return subtrees
    return None


def _load_subtrees(reader: JournalReader, size: int, stored: bool) -> Generator[None, None, Subtrees]:
    lowest: list[bytes] = []
    whole, step = size >> _LOWEST, _A_STEP[stored]
    for first in range(0, whole, step):
        with reader.snapshot() as connection:
            tree = Tree(connection, stored)
            lowest += [tree.node(_LOWEST, place) for place in range(first, min(first + step, whole))]
        yield
    subtrees: dict[int, list[bytes]] = {level: [] for level in LEVELS}
    subtrees[_LOWEST] = lowest
    for level, _, hash in whole_subtrees(lowest):
        if level + _LOWEST in subtrees:
            subtrees[level + _LOWEST].append(hash)
    return subtrees
