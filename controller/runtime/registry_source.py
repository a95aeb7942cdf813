"""The registry that taps are decided from: registry.db, or its last good copy while it cannot be read.

Belongs to the decide thread.
"""

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from controller.errors import DeviceUnavailable, GenkanError
from controller.model.access import AccessRecord
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.pins import StoredPin
from controller.registry.lookup import BadgeUnreadable, Lookup, RegistryReader
from controller.runtime.copy_age import CopyAge
from controller.runtime.last_good import LastGood
from controller.runtime.live_facts import LiveFacts

log = logging.getLogger(__name__)


class RegistrySource:
    """`lookup` is the open registry.db, None while it cannot be read; `openings` counts its openings."""

    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        last_good: LastGood,
        record: Callable[[Event], None],
        set_state: Callable[[str, datetime | None], None],
    ) -> None:
        """`set_state` receives "ok", or "last_good" and the time of the copy (None without a copy)."""
        self._open_lookup = open_lookup
        self._last_good = last_good
        self._record = record
        self._set_state = set_state
        self.lookup: Lookup | None = None
        self.openings = 0
        self._unreadable = False
        self._copy_age = CopyAge()
        # The look-up that failed; tried again when the registry reopens.
        self._failed_on: tuple[bytes, str] | None = None

    def find(
        self, card_hash: bytes, access_point: str, now: Moment
    ) -> tuple[AccessRecord | None, RegistryReader]:
        """Query the registry. If it cannot be read or is newer than this program, query the last good
        copy.

        Raises BadgeUnreadable for a badge whose own data cannot be read: the copy's may be out of date.
        """
        try:
            if self.lookup is None:
                raise DeviceUnavailable("registry.db is closed")
            return self.lookup.find(card_hash, access_point), self.lookup
        except BadgeUnreadable as error:
            log.error("a badge is refused: %s", error)
            raise
        except GenkanError as error:
            if self.lookup is not None:
                self._failed_on = card_hash, access_point
            self.fail(error, now)
        return self._last_good.find(card_hash, access_point)

    def find_in_copy(self, card_hash: bytes, access_point: str) -> AccessRecord | None:
        """What the last good copy holds of this card; None without a copy that can be read."""
        try:
            return self._last_good.find(card_hash, access_point)[0]
        except GenkanError:
            return None

    def is_copy(self, reader: RegistryReader) -> bool:
        """Whether `find` answered from the copy."""
        return reader is not self.lookup

    def stored_pin(self, person: str, reader: RegistryReader) -> StoredPin | None:
        if self.is_copy(reader):
            return self._last_good.query(lambda copy: copy.pin(person))
        return reader.pin(person)

    def refresh_facts(self, facts: LiveFacts, reader: RegistryReader, now: Moment) -> None:
        """If neither `reader` nor the copy has readable definitions, the ones in force stay."""
        if not self.is_copy(reader):
            try:
                facts.refresh(reader)
                return
            except GenkanError as error:
                self.fail(error, now)
        try:
            self._last_good.query(facts.refresh_from_copy)
        except GenkanError as error:
            log.error("the rules in force stay as they are: %s", error)

    def request_copy(self, lookup: Lookup) -> None:
        """Have the last good copy cover what `lookup` reads."""
        self._last_good.covers(lookup.registry_id, lookup.version)

    @property
    def registry_id(self) -> str | None:
        try:
            return None if self.lookup is None else self.lookup.registry_id
        except GenkanError:
            return None

    def fail(self, error: GenkanError, now: Moment) -> None:
        """The registry cannot be read. Use the copy until `reopen` succeeds."""
        if not self._unreadable:
            self._unreadable = True
            copied_at = self._last_good.copied_at()
            if copied_at is None:
                log.error(
                    "registry cannot be read (%s); the door refuses entries until it can be read",
                    str(error).rstrip("."),
                )
                codes: dict[str, str | int] = {}
            else:
                log.error(
                    "registry cannot be read (%s); using the copy of %s until it can be read",
                    str(error).rstrip("."),
                    copied_at,
                )
                codes = {"copy_age_ms": max(0, round((now.utc - copied_at).total_seconds() * 1000))}
            self._record(Event(EventType.REGISTRY_UNREADABLE, now, codes=codes))
            self._copy_age.begin(self._last_good.as_of(), now)
            self._set_state("last_good", copied_at)
        self.lookup = None

    def reopen(self, now: Moment) -> None:
        try:
            lookup = self._open_lookup()
            if self._unreadable:
                self._try_again(lookup)
        except GenkanError as error:
            self.fail(error, now)
            return
        self.lookup = lookup
        self.openings += 1
        if self._unreadable:
            self._unreadable = False
            self._copy_age.end()
            log.warning("registry can be read again")
            self._record(Event(EventType.REGISTRY_READABLE, now))
            self._set_state("ok", None)

    def _try_again(self, lookup: Lookup) -> None:
        """A damaged page or definition must not make the registry readable and unreadable in turn."""
        if self._failed_on is not None:
            with contextlib.suppress(BadgeUnreadable):
                lookup.find(*self._failed_on)
            self._failed_on = None
        lookup.definitions()

    def reopen_if_needed(self, now: Moment) -> None:
        """Open the registry if it is closed, or if another file or none has its name."""
        if self.lookup is None or self.lookup.is_replaced():
            self.reopen(now)

    def record_copy_age(self, now: Moment) -> None:
        """Record once that the door has used an old copy for long. Called at every tick."""
        alarm = self._copy_age.poll(now)
        if alarm is not None:
            self._record(alarm)

    def close(self) -> None:
        if self.lookup is not None:
            with contextlib.suppress(GenkanError):
                self.lookup.close()
