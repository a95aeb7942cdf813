"""Keeps the door's last good copy of the registry, and answers from it when registry.db cannot be read.

A thread of its own makes the copies, at a pace that leaves the disk to the taps; the decide thread only asks.
A start makes none where the one of the process before is sound and holds the registry as it is now.

A large copy takes minutes. So the thread also notes, each second, which badges and people operators have
blocked since the copy was made: they are refused although the copy still admits them.
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
from controller.model.moment import Moment
from controller.registry.copy import SMALL, Copy, is_sound, keep_digest, load_copy, make_copy, open_copy
from controller.registry.lookup import Lookup
from controller.registry.restrictions import Restrictions

log = logging.getLogger(__name__)
T = TypeVar("T")

FOLDER = "last_good"  # within the journal's folder, where only the door writes
EVERY_MS = 60_000
_POLL_S = 1.0
_LEAST_REST_S = 0.02  # after each mebibyte that reached the disk
# A disk that syncs the copy is slow to sync a tap's record: each step rests so many times what it took.
_REST_FACTOR = 9
_LONGEST_REST_S = 2.0  # a step that hung on the disk must not hold the read transaction for minutes more
# A large registry is copied again no sooner than so many times what writing it took, rests not counted.
_GAP_FACTOR = 10


class _Stopped(Exception):
    """The door ends while a copy is being made."""


class LastGood:
    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        file: Path,
        now: Callable[[], Moment],
        keep_config: Callable[[], None],
    ) -> None:
        """`file` is where the copy lies; `keep_config` is called once, when the door has started."""
        self._open_lookup = open_lookup
        self._file = file
        self._now = now
        self._keep_config = keep_config
        self._lookup: Lookup | None = None
        self._copied: tuple[str, int] | None = None  # registry id and version that the copy holds
        self._seen_equal: datetime | None = None
        self._next_ms = 0
        self._stepped_ms = 0  # when the step began that is being written
        self._writing_ms = 0  # what the steps of this copy took, without their rests
        self._copy: Copy | None = None
        self._noted: tuple[str, int, datetime] | None = None  # registry, version and copy, when last noted
        self._noted_ms = 0
        self._restrictions = Restrictions()
        self._guard = threading.Lock()
        self._pause = threading.Event()
        self._has_warned = False
        self.beat = 0

    def find(self, card_hash: bytes, access_point: str) -> tuple[AccessRecord | None, Copy]:
        """From the newest copy; raises a GenkanError where there is none that can be read."""
        with self._guard:
            copy = self._open_copy()
            record = copy.find(card_hash, access_point)
            return None if record is None else self._restrictions.apply(record), copy

    def query(self, question: Callable[[Copy], T]) -> T:
        """Of the newest copy. Meanwhile it is not closed, as it is when a newer one takes its place."""
        with self._guard:
            return question(self._open_copy())

    def copied_at(self) -> datetime | None:
        """When the newest copy was made; None where there is none."""
        try:
            with self._guard:
                return self._open_copy().created
        except GenkanError:
            return None

    def as_of(self) -> datetime | None:
        """The newest time at which the copy said for sure what the registry says; None without one."""
        copied, seen = self.copied_at(), self._seen_equal
        return copied if copied is None or seen is None else max(copied, seen)

    def registry_found(self) -> tuple[str, int] | None:
        """The id and version of the registry that was copied; None where there is no copy."""
        try:
            with self._guard:
                return self._open_copy().registry_id, self._open_copy().version
        except GenkanError:
            return None

    def covers(self, registry_id: str, version: int) -> bool:
        """Whether nothing older than this lies there; if it does, a copy is made at once. From any thread."""
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
            log.warning("no copy of genkan.toml could be kept: %s", error)

    def turn(self) -> None:
        try:
            self.poll(self._now())
        except Exception:
            log.exception("no copy of the registry was made")  # the door does without a newer one
        self.beat += 1

    def end(self) -> None:
        self._close_lookup()

    def stop(self) -> None:
        self._pause.set()

    def poll(self, now: Moment) -> bool:
        """Make a copy if the registry differs from the last one, at most once a minute; True if it did.

        Note each time who was blocked since.
        """
        try:
            lookup = self._opened()
            lookup.refresh()
            self._note_restrictions(lookup)
            if now.mono_ms < self._next_ms:
                return False
            if self._copied is None and self._is_kept(lookup):
                self._copied = lookup.registry_id, lookup.version
            if (lookup.registry_id, lookup.version) == self._copied:
                self._seen_equal = now.utc
                return False
            self._next_ms = now.mono_ms + EVERY_MS
            copied = self._make(now)
            self._note_restrictions(lookup)
            if self._next_ms:  # `covers` may have asked for another one meanwhile
                self._next_ms = now.mono_ms + max(EVERY_MS, _GAP_FACTOR * self._writing_ms)
            self._copied = copied  # last: `covers` speaks for the copy in memory, too
            self._has_warned = False
            if not self._open_copy().in_memory:
                self._keep_digest()
        except _Stopped:
            return False
        except GenkanError as error:
            self._fails(error)
            return False
        return True

    def _keep_digest(self) -> None:
        try:
            keep_digest(self._file, self._rest)
        except OSError as error:
            log.warning("no digest of the copy of the registry could be kept: %s", error)

    def _make(self, now: Moment) -> tuple[str, int]:
        """Make the copy, and return the registry's id and version in it."""
        self._stepped_ms, self._writing_ms = now.mono_ms, 0
        with contextlib.closing(self._open_lookup()) as snapshot:
            make_copy(snapshot, self._file, now.utc, self._rest)
            self._load_copy()
            return snapshot.registry_id, snapshot.version

    def _note_restrictions(self, lookup: Lookup) -> None:
        """As `lookup` sees them now. Raises a GenkanError; what was noted stays then."""
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
        """Whether the copy of an earlier process holds what `lookup` reads, and is sound."""
        with self._guard:
            copy = self._copy
            if copy is None or copy.registry_id != lookup.registry_id or copy.version != lookup.version:
                return False
            if copy.schema != lookup.schema:
                return False
            checked = copy.in_memory  # at loading
        self._stepped_ms = self._now().mono_ms
        return checked or is_sound(self._file, self._rest)

    def _rest(self) -> None:
        """After each step: leave the disk to the taps, and note who was blocked meanwhile."""
        now_ms = self._now().mono_ms
        took_ms = now_ms - self._stepped_ms
        self._writing_ms += took_ms
        rest_s = max(_LEAST_REST_S, _REST_FACTOR * took_ms / 1000)
        if self._pause.wait(min(_LONGEST_REST_S, rest_s)):
            raise _Stopped
        if now_ms - self._noted_ms >= _POLL_S * 1000:
            with contextlib.suppress(GenkanError):  # the next `poll` reports it
                lookup = self._opened()
                lookup.refresh()
                self._note_restrictions(lookup)
        self._stepped_ms = self._now().mono_ms

    def _load_copy(self) -> None:
        """A small copy is held in memory, so that it outlives the card it lies on."""
        try:
            small = self._file.stat().st_size <= SMALL
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
        """The decide thread raises the alarm when a look-up fails; here the copy stays as it is."""
        if not self._has_warned:
            self._has_warned = True
            log.warning("no copy of the registry can be made now: %s", error)
        self._close_lookup()

    def _close_lookup(self) -> None:
        lookup, self._lookup = self._lookup, None
        if lookup is not None:
            with contextlib.suppress(GenkanError):
                lookup.close()
