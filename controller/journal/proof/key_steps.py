"""The next step for the log's keys, decided from the journal and the key folder.

A power cut may interrupt any step; the same decision then finds it again. None of the states in between
counts as tampering:
- The key is recorded, not covered, and its private file exists: the key in force signs a checkpoint over it.
- The key is recorded, not covered, and its file is gone: a newer key supersedes it.
- The key is covered: the old private key is destroyed.
- A file exists whose key was never recorded: it is destroyed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from controller.journal.proof.key_records import LogKey
from controller.journal.proof.log_keys import KeyFile
from controller.model.moment import Moment

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class Begin:
    """The log has no key yet: create one and record it."""


@dataclass(frozen=True)
class Destroy:
    """Overwrite and delete a private key that signs nothing any more."""

    file: KeyFile


@dataclass(frozen=True)
class Add:
    """Create a key and record it; `cause` is boot, day, or lost if the private key in force is gone."""

    cause: str


@dataclass(frozen=True)
class Cover:
    """Sign a checkpoint of the whole log with `signer`; this puts the newest recorded key into force."""

    signer: LogKey


Step = Begin | Destroy | Add | Cover


def file_of(key: LogKey) -> KeyFile:
    return KeyFile(key.number, key.verifier_key.id.hex())


def in_force(keys: Sequence[LogKey]) -> LogKey | None:
    return next((key for key in reversed(keys) if key.starts_log or key.note is not None), None)


def pending_step(keys: Sequence[LogKey], sealed: int, files: Collection[KeyFile]) -> Step | None:
    """The step required before any other signature; None if the key in force may sign.

    `keys` are all key records in order, `sealed` is the size of the newest checkpoint.
    """
    current = in_force(keys)
    if current is None:
        stray = next(iter(files), None)
        return Begin() if stray is None else Destroy(stray)
    newest = keys[-1]
    live = {file_of(current), file_of(newest)}
    for file in files:
        if file not in live:
            return Destroy(file)
    waits = newest is not current
    if waits and file_of(newest) in files:
        if newest.cause == "lost":
            return Cover(newest)
        return Cover(current) if file_of(current) in files else Add("lost")
    if file_of(current) not in files:
        return Add("lost")
    if waits:  # a checkpoint now would put a key without a private file into force
        return Add(newest.cause if newest.cause in ("boot", "day") else "boot")
    return Cover(current) if sealed < current.seq else None


def replacement_due(keys: Sequence[LogKey], now: Moment) -> Add | None:
    """Replace the key at each boot and after 24 h of monotonic time; wall time plays no part."""
    newest = keys[-1]
    if newest.boot != now.boot:
        return Add("boot")
    return Add("day") if now.mono_ms - newest.mono_ms >= DAY_MS else None
