"""Keeps the door's last good copy of the registry, and answers from it when registry.db cannot be read.

Its own thread makes the copies, at a pace that leaves the disk to taps; the decide thread only reads. A start
makes no copy if the previous process left a sound one that equals the registry.

A large copy takes minutes. So the thread also notes, each second, which badges and people operators have
blocked since the copy: the door refuses them although the copy still admits them.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from controller.errors import GenkanError
from controller.model.access import AccessRecord
from controller.model.definitions import Definitions
from controller.model.moment import Moment
from controller.registry.copy import Copy, is_sound, keep_digest, load_copy, make_copy, open_copy
from controller.registry.lookup import Lookup, RegistryUnreadable
from controller.registry.restrictions import Restrictions
from controller.runtime.limits import USUAL, Limits

log = logging.getLogger(__name__)
T = TypeVar("T")

FOLDER = "last_good"  # within the journal's folder, where only the door writes
_POLL_S = 1.0
_LEAST_REST_S = 0.02  # after each step
# A disk that syncs the copy is slow to sync a tap's record: rest this many times the length of each sync.
# Reading and writing the rows leaves the disk to taps, so rest just as long: half of a processor core.
_DISK_REST, _COMPUTING_REST = 9, 1
_LONGEST_REST_S = 2.0  # after a step that hung on the disk, do not hold the read transaction for minutes
# Wait at least this many times the writing time of a large copy (without rests) before the next one.
_GAP_FACTOR = 10


class _Stopped(Exception):
    """The door ends during a copy."""


class LastGood:
    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        file: Path,
        now: Callable[[], Moment],
        keep_config: Callable[[], None],
        limits: Limits = USUAL,
        is_on_record: Callable[[Definitions], bool] = lambda definitions: True,
    ) -> None:
        """`file` is the path of the copy; `keep_config` is called once, when the door has started. No copy is
        made of definitions that the log does not give (`is_on_record`): the copy holds the earlier ones.
        """
        self._is_on_record = is_on_record
        self._open_lookup = open_lookup
        self._file = file
        self._now = now
        self._keep_config = keep_config
        self._limits = limits
        self._lookup: Lookup | None = None
        self._copied: tuple[str, int] | None = None  # registry id and version that the copy holds
        self._seen_equal: datetime | None = None
        self._next_ms = 0
        self._stepped_ms = self._sync_ms = 0  # when the current step began, and its use of the disk
        self._writing_ms = 0  # writing time of this copy, without rests
        self._copy: Copy | None = None
        self._noted: tuple[str, int, datetime] | None = None  # registry, version and copy, when last noted
        self._noted_ms = 0
        self._restrictions = Restrictions()
        self._guard = threading.Lock()
        self._pause = threading.Event()
        self._has_warned = False
        self.report: Callable[[datetime, int], None] = lambda created, version: None  # of each newer copy
        self.beat = 0

    def find(self, card_hash: bytes, access_point: str) -> tuple[AccessRecord | None, Copy]:
        """Look the card up in the newest copy. Raises a GenkanError if no copy can be read."""
        with self._guard:
            copy = self._open_copy()
            record = copy.find(card_hash, access_point)
            return None if record is None else self._restrictions.apply(record), copy

    def query(self, question: Callable[[Copy], T]) -> T:
        """Ask the newest copy. It stays open meanwhile, even if a newer one replaces it."""
        with self._guard:
            return question(self._open_copy())

    def copied_at(self) -> datetime | None:
        """The time of the newest copy; None without one."""
        try:
            with self._guard:
                return self._open_copy().created
        except GenkanError:
            return None

    def as_of(self) -> datetime | None:
        """The newest time at which the copy certainly equalled the registry; None without a copy."""
        copied, seen = self.copied_at(), self._seen_equal
        return copied if copied is None or seen is None else max(copied, seen)

    def copied_version(self) -> tuple[str, int] | None:
        """The id and version of the copied registry; None without a copy."""
        try:
            with self._guard:
                return self._open_copy().registry_id, self._open_copy().version
        except GenkanError:
            return None

    def covers(self, registry_id: str, version: int) -> bool:
        """Whether the copy on the disk is at least this version. If not, a new copy starts immediately. From
        any thread.
        """
        copied = self._copied
        if copied is not None and copied[0] == registry_id and copied[1] >= version:
            return True
        self._next_ms = 0
        return not self._file.exists()

    def _open_copy(self) -> Copy:
        if self._copy is None:
            self._copy = open_copy(self._file)
        return self._copy

    def run(self) -> None:
        """The thread's body."""
        self.begin()
        while not self._pause.is_set():
            self.turn()
            self._pause.wait(_POLL_S)
        self.end()

    def begin(self) -> None:
        self._load_copy()
        try:
            self._keep_config()
        except OSError as error:
            log.warning("cannot keep a copy of genkan.toml: %s", error)

    def turn(self) -> None:
        try:
            self.poll(self._now())
        except Exception:
            log.exception("cannot copy the registry")  # the door goes on with the older copy
        self.beat += 1

    def end(self) -> None:
        self._close_lookup()

    def stop(self) -> None:
        self._pause.set()

    def poll(self, now: Moment) -> bool:
        """Copy the registry if it differs from the last copy, at most once a minute. True if it copied.

        Each call notes who has been blocked since the copy.
        """
        try:
            lookup = self._opened()
            lookup.refresh()
            self._note_restrictions(lookup)
            if now.mono_ms < self._next_ms:
                return False
            if self._copied is None and self._is_kept(lookup):
                self._copied = lookup.registry_id, lookup.version
                self._report_copy()
            if (lookup.registry_id, lookup.version) == self._copied:
                self._seen_equal = now.utc
                return False
            if not self._is_on_record(lookup.definitions()):
                return False
            self._next_ms = now.mono_ms + self._limits.copy_every_ms
            copied = self._make(now)
            self._note_restrictions(lookup)
            if self._next_ms:  # `covers` may have requested another copy meanwhile
                self._next_ms = now.mono_ms + max(self._limits.copy_every_ms, _GAP_FACTOR * self._writing_ms)
            self._copied = copied  # last: `covers` also reports on the copy in memory
            self._report_copy()
            self._has_warned = False
            if not self._open_copy().in_memory:
                self._keep_digest()
        except _Stopped:
            return False
        except GenkanError as error:
            self._fails(error)
            return False
        return True

    def _report_copy(self) -> None:
        with self._guard:
            copy = self._open_copy()
        self.report(copy.created, copy.version)

    def _keep_digest(self) -> None:
        try:
            keep_digest(self._file, self._rest)
        except OSError as error:
            log.warning("cannot keep a digest of the copy of the registry: %s", error)

    def _make(self, now: Moment) -> tuple[str, int]:
        """Make the copy, and return the registry's id and version in it."""
        self._writing_ms = 0
        self._begin_step(now.mono_ms)
        with contextlib.closing(self._open_lookup()) as snapshot:
            if not self._is_on_record(snapshot.definitions()):
                raise RegistryUnreadable(
                    f"{snapshot.file} changes while it is copied; the door copies again."
                )
            make_copy(snapshot, self._file, now.utc, step=self._rest, begin_sync=self._begin_sync)
            self._load_copy()
            return snapshot.registry_id, snapshot.version

    def _note_restrictions(self, lookup: Lookup) -> None:
        """Note the restrictions that `lookup` has now. On a GenkanError the noted ones stay."""
        self._noted_ms = self._now().mono_ms
        with self._guard:
            copy = self._copy
            held = None if copy is None else (copy.registry_id, copy.newest_action, copy.created)
        if held is None:
            return
        noted = lookup.registry_id, lookup.version, held[2]
        if noted == self._noted:
            return
        is_same = lookup.registry_id == held[0]
        found = lookup.restrictions_after(held[1]) if is_same else Restrictions()
        with self._guard:
            self._restrictions, self._noted = found, noted

    def _opened(self) -> Lookup:
        if self._lookup is not None and self._lookup.is_replaced():
            self._lookup.close()
            self._lookup = None
        if self._lookup is None:
            self._lookup = self._open_lookup()
        return self._lookup

    def _is_kept(self, lookup: Lookup) -> bool:
        """Whether the copy of an earlier process equals the registry of `lookup` and is sound."""
        with self._guard:
            copy = self._copy
            if copy is None or copy.registry_id != lookup.registry_id or copy.version != lookup.version:
                return False
            if copy.schema != lookup.schema:
                return False
            checked = copy.in_memory  # checked when loaded
        self._begin_step(self._now().mono_ms)
        return checked or is_sound(self._file, self._rest)

    def _begin_step(self, now_ms: int) -> None:
        """A step uses the disk from its beginning, unless `_begin_sync` follows."""
        self._stepped_ms = self._sync_ms = now_ms

    def _begin_sync(self) -> None:
        self._sync_ms = self._now().mono_ms

    def _rest(self) -> None:
        """After each step: leave the disk to taps, and note who was blocked meanwhile."""
        now_ms = self._now().mono_ms
        disk_ms, computing_ms = now_ms - self._sync_ms, self._sync_ms - self._stepped_ms
        self._writing_ms += disk_ms + computing_ms
        rest_s = (_DISK_REST * disk_ms + _COMPUTING_REST * computing_ms) / 1000
        if self._pause.wait(min(_LONGEST_REST_S, max(_LEAST_REST_S, rest_s))):
            raise _Stopped
        if now_ms - self._noted_ms >= _POLL_S * 1000:
            with contextlib.suppress(GenkanError):  # the next `poll` reports it
                lookup = self._opened()
                lookup.refresh()
                self._note_restrictions(lookup)
        self._begin_step(self._now().mono_ms)

    def _load_copy(self) -> None:
        """Hold a small copy in memory: it then survives a failure of the SD card."""
        try:
            small = self._file.stat().st_size <= self._limits.copy_in_memory_bytes
            copy = load_copy(self._file) if small else open_copy(self._file)
        except FileNotFoundError:
            return
        except (GenkanError, OSError) as error:
            log.warning("the last good copy of the registry cannot be used: %s", error)
            return
        with self._guard:
            before, self._copy = self._copy, copy
        if before is not None:
            before.close()

    def _fails(self, error: GenkanError) -> None:
        """Keep the copy. The decide thread raises the alarm when its own look-up fails."""
        if not self._has_warned:
            self._has_warned = True
            log.warning("cannot copy the registry now: %s", error)
        self._close_lookup()

    def _close_lookup(self) -> None:
        lookup, self._lookup = self._lookup, None
        if lookup is not None:
            with contextlib.suppress(GenkanError):
                lookup.close()
