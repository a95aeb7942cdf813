"""The subtrees that a proof uses, all checked against the signed root before the proof uses any.

Otherwise one row damaged by the disk would produce a proof that fails, and an auditor would call an untouched
log tampered with. The root covers only the rows it is computed from, so every level is computed from the
lowest stored one.
"""

import logging
from collections.abc import Generator

from controller.errors import CorruptDatabase
from controller.journal.proof.merkle import LEVELS, whole_subtrees
from controller.journal.proof.note import Checkpoint
from controller.journal.proof.tree import LeafMissing, Subtrees, Tree
from controller.journal.query import JournalReader

log = logging.getLogger(__name__)

_LOWEST = LEVELS[0]
_A_STEP = {True: 256, False: 16}  # stored rows, or as many times 256 leaves


def proving_subtrees(reader: JournalReader, checkpoint: Checkpoint) -> Generator[None, None, Subtrees | None]:
    """Return the stored subtrees; if they don't give the checkpoint's root, compute them from the records.

    Yields after each step, one snapshot each. Returns None if the records don't give that root either; the
    verifier then names the damaged record.
    """
    for stored in (True, False):
        try:
            subtrees = yield from _load_subtrees(reader, checkpoint.size, stored)
            with reader.snapshot() as connection:
                if Tree(connection, subtrees=subtrees).root(checkpoint.size) != checkpoint.root:
                    continue
        except (LeafMissing, CorruptDatabase, TypeError):  # TypeError: a damaged row holds no hash
            continue
        if not stored:
            log.error("%s: a stored subtree is damaged; the proof uses the records instead", reader.file)
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
