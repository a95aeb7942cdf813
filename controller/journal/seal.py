"""Signing the log: when a checkpoint is due, and the keys that sign it.

At most 100 events in a row lack a checkpoint: `Journal.batch_limit` ends a batch where one is due.
"""

import base64
import logging
import os
from collections.abc import Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from controller.durable import sync_folder
from controller.errors import CannotSeal
from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.proof.key_records import LogKey, log_keys, newest_checkpoint
from controller.journal.proof.key_steps import (
    Add,
    Begin,
    Cover,
    Destroy,
    Step,
    file_of,
    in_force,
    pending_step,
    replacement_due,
)
from controller.journal.proof.log_keys import KeyGone, LogKeyFiles
from controller.journal.proof.note import VerifierKey, checkpoint_body, parse_checkpoint, sign_note
from controller.journal.record import utc_text
from controller.journal.writing import translate_journal_errors
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment

log = logging.getLogger(__name__)

_CHECKPOINT = "INSERT INTO checkpoints (size, note) VALUES (?, ?)"
HOUR_MS = 60 * 60 * 1000
_ORIGIN_BYTES = 16


class CheckpointCause(StrEnum):
    """Why a checkpoint was signed, as in its `genkan-cause` line."""

    EVENTS = "events"
    HOUR = "hour"
    STOP = "stop"
    MONTH = "month"
    KEY = "key"
    REQUESTED = "asked"


class _LastCheckpoint(NamedTuple):
    """When the newest checkpoint was signed."""

    utc: datetime
    boot: str
    mono_ms: int


def log_key_file(keys: Path) -> Path:
    """The file with the log's first public key, for verifiers; `keys` is DATA/keys."""
    return keys / "shared" / "log.vkey"


def publish_first_key(log_keys: Sequence[LogKey], keys: Path) -> str | None:
    """Write the log's first public key to its file and return it; None before the log has a key.

    On a hardened box the door may not write there; then the next `genkan init` does it.
    """
    if not log_keys:
        return None
    file, vkey = log_key_file(keys), _first_key(log_keys).key
    part = file.with_suffix(".part")
    try:
        with part.open("w", encoding="ascii") as target:
            target.write(f"{vkey}\n")
            target.flush()
            os.fsync(target.fileno())
        part.chmod(0o644)
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        log.warning("%s cannot be written (%s); run `genkan init` once", file, error.strerror)
    return vkey


def _read_published_key(keys: Path) -> VerifierKey | None:
    """Return None if a power cut left no file or a partial key. A complete key is never replaced."""
    try:
        return VerifierKey.parse(log_key_file(keys).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _first_key(log_keys: Sequence[LogKey]) -> LogKey:
    """The first key of the current origin."""
    return next(key for key in reversed(log_keys) if key.starts_log)


class Sealing:
    """Belongs to the thread that has the journal. `keys` is DATA/keys; months end in `time_zone`.

    Any method may raise JournalUnavailable or CannotSeal. A later call, or one after a restart, then
    completes the interrupted step.
    """

    def __init__(self, journal: Journal, keys: Path, time_zone: tzinfo) -> None:
        self._journal = journal
        self._writing = journal.writing
        self._folder = keys
        self._files = LogKeyFiles(keys / "door")
        self._time_zone = time_zone
        self._keys: list[LogKey] = []
        self._last: _LastCheckpoint | None = None
        self._opening = -1  # the opening of the journal that `_keys` and `_last` are from; -1: read again
        self._settled = False
        self._published: VerifierKey | None = None

    @property
    def key_problem(self) -> dict[str, str | int] | None:
        """The problem with the log's key, as codes of a record; None without one.

        `foreign`: keys/shared/log.vkey names another log. `lost`: no earlier key vouches for the key in
        force, because the earlier private key was gone.
        """
        if self._published is not None and self._is_foreign:
            return {"cause": "foreign", "origin": self._published.name, "key_number": 1}
        current = in_force(self._keys)
        if current is None or current.cause != "lost":
            return None
        return {"cause": "lost", "origin": current.origin, "key_number": current.number}

    @property
    def _is_foreign(self) -> bool:
        """Whether keys/shared/log.vkey names none of this log's origins, including those before a restore."""
        return self._published is not None and all(self._published.name != key.origin for key in self._keys)

    def due(self, now: Moment) -> CheckpointCause | None:
        """The reason why a checkpoint is due now, if any; `step` signs those that put a key into force."""
        if self._journal.unsealed == 0:
            return None
        if self._journal.unsealed >= SEAL_EVERY:
            return CheckpointCause.EVENTS
        self._refresh()
        last = self._last
        if last is None:
            return None
        if last.boot != now.boot or now.mono_ms - last.mono_ms >= HOUR_MS:
            return CheckpointCause.HOUR
        if now.clock is not ClockState.UNTRUSTED and self._month(now.utc) > self._month(last.utc):
            return CheckpointCause.MONTH
        return None

    def seal(self, now: Moment, cause: CheckpointCause) -> None:
        """Sign a checkpoint that covers all records, unless the newest one does already."""
        self.finish_pending(now)
        if self._journal.unsealed:
            current = in_force(self._keys)
            assert current is not None  # noqa: S101 - finish_pending has begun a log without one
            self._cover(current, now, cause)

    def step(self, now: Moment) -> bool:
        """Take one step for the keys, in idle time; return True if more may be due."""
        self._refresh()
        if self._settled and not replacement_due(self._keys, now):
            return False
        step = self._pending() or replacement_due(self._keys, now)
        self._settled = step is None
        if step is not None:
            self._perform(step, now)
        return step is not None

    def finish_pending(self, now: Moment) -> None:
        """Take the steps required before any other signature."""
        self._refresh()
        while step := self._pending():
            self._perform(step, now)

    def start_log(self, now: Moment) -> str:
        """Ensure that the log has its first key and a checkpoint; return the vkey."""
        self.finish_pending(now)
        return _first_key(self._keys).key

    def restart_log(self, now: Moment) -> str:
        """After a restore: record a new origin and first key, naming the restored log. Return the vkey."""
        self._refresh()
        if not self._keys:
            return self.start_log(now)
        before = _first_key(self._keys)
        restored: dict[str, str | int] = {
            "restored_origin": before.origin,
            "restored_size": self._journal.newest_seq,
            "restored_root": base64.b64encode(self._root()).decode("ascii"),
        }
        self._record_first(EventType.LOG_RESTORED, now, restored)
        publish_first_key(self._keys, self._folder)
        self.finish_pending(now)
        return _first_key(self._keys).key

    def _pending(self) -> Step | None:
        return pending_step(self._keys, self._writing.sealed, self._files.present())

    def _perform(self, step: Step, now: Moment) -> None:
        match step:
            case Begin():
                self._record_first(EventType.LOG_STARTED, now, {})
            case Add(cause):
                self._add(cause, now)
            case Cover(signer):
                self._cover(signer, now, CheckpointCause.KEY)
            case Destroy(file):
                self._files.destroy(file)

    def _record_first(self, type: EventType, now: Moment, codes: dict[str, str | int]) -> None:
        origin = f"genkan/{os.urandom(_ORIGIN_BYTES).hex()}"
        key = str(self._files.create(origin, 1))
        first: dict[str, str | int] = {"origin": origin, "key": key, "key_number": 1}
        self._record(Event(type, now, codes=first | codes))

    def _add(self, cause: str, now: Moment) -> None:
        newest = self._keys[-1]
        if cause == "lost" and self._is_foreign:
            raise CannotSeal(
                f"The log is not signed: its first key is {_first_key(self._keys).key}, but "
                f"{log_key_file(self._folder)} names another log, and its private key is missing. Put the "
                "right journal.db back, or remove that file to go on with this log."
            )
        if cause == "lost":
            log.error("the log's key %d is gone; a new one signs from here on", newest.number)
        number = newest.number + 1
        key = str(self._files.create(newest.origin, number))
        codes: dict[str, str | int] = {"origin": newest.origin, "key": key, "key_number": number}
        self._record(Event(EventType.LOG_KEY_ADDED, now, codes=codes | {"cause": cause}))

    def _record(self, key_record: Event) -> None:
        self._invalidate()
        self._journal.append([key_record])
        self._refresh()

    def _cover(self, signer: LogKey, now: Moment, cause: CheckpointCause) -> None:
        try:
            seed = self._files.seed(signer.number, signer.verifier_key)
        except KeyGone as gone:
            log.error("the log's private key %s does not match the recorded one", gone)
            self._files.destroy(file_of(signer))
            raise CannotSeal(
                f"The log's private key {gone} was damaged; the door creates a new one."
            ) from gone
        size = self._journal.newest_seq
        extensions = (
            f"genkan-key {signer.number}",
            f"genkan-time {utc_text(now.utc)} {now.clock}",
            f"genkan-boot {now.boot} {now.mono_ms}",
            f"genkan-cause {cause}",
        )
        body = checkpoint_body(signer.origin, size, self._root(), extensions)
        note = sign_note(body, signer.origin, seed)
        if self._keys[-1].seq > self._writing.sealed:
            self._invalidate()  # this checkpoint puts a key into force
        with translate_journal_errors():
            self._writing.run([(_CHECKPOINT, (size, note))])
        self._writing.sealed = size
        self._last = _LastCheckpoint(now.utc, now.boot, now.mono_ms)
        self._refresh()

    def _root(self) -> bytes:
        tree = self._writing.frontier
        if tree is None:
            raise CannotSeal("The log is not signed: a record is missing; run `genkan log verify`.")
        return tree.root()

    def _refresh(self) -> None:
        """Read keys and checkpoint from the journal, unless only plain records were added since."""
        with translate_journal_errors():
            connection = self._writing.connection()
            if self._opening == self._writing.opened:
                return
            self._keys = log_keys(connection)
            note = newest_checkpoint(connection)
        if self._keys and _read_published_key(self._folder) is None:
            publish_first_key(self._keys, self._folder)
        self._published = _read_published_key(self._folder)
        self._last = None if note is None else _last_checkpoint(note)
        self._opening, self._settled = self._writing.opened, False

    def _invalidate(self) -> None:
        self._opening, self._settled = -1, False

    def _month(self, utc: datetime) -> tuple[int, int]:
        local = utc.astimezone(self._time_zone)
        return local.year, local.month


def _last_checkpoint(note: str) -> _LastCheckpoint | None:
    """Return None for a note without Genkan's extension lines."""
    try:
        lines = dict(line.split(" ", 1) for line in parse_checkpoint(note).extensions)
        boot, mono_ms = lines["genkan-boot"].split(" ")
        utc = datetime.fromisoformat(lines["genkan-time"].split(" ")[0])
        return _LastCheckpoint(utc, boot, int(mono_ms))
    except (KeyError, ValueError):
        return None
