"""The facts that the rules use now: the newest rule book, holidays, lockdowns and presence.

Belongs to the decide thread.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from controller.decision.facts import SITE, Facts
from controller.decision.site import SitePolicy
from controller.model.definitions import LOCKDOWNS, Definitions
from controller.model.events import Event
from controller.model.lockdowns import LoggedLockdown
from controller.model.moment import Moment
from controller.registry.lookup import RegistryReader
from controller.runtime.definitions import DefinitionsInForce, DefinitionsNow
from controller.runtime.lockdowns import LockdownsNow, LoggedLockdowns
from controller.runtime.presence import LivePresence
from controller.runtime.presence_watch import PresenceWatch


class LiveFacts:
    def __init__(
        self,
        site: SitePolicy,
        door_of: Mapping[str, str],
        presence: LivePresence,
        watch: PresenceWatch,
        definitions: DefinitionsInForce,
        lockdowns: LoggedLockdowns | None = None,
    ) -> None:
        """`lockdowns` holds the newest lockdown records of the log."""
        self._definitions = definitions
        self._facts_of_modes: tuple[Facts, Facts] | None = None  # made of which facts
        self.definitions = DefinitionsNow(Definitions(), Definitions(), Definitions())
        self.facts = Facts(site, door_of=door_of)
        self._logged = lockdowns or LoggedLockdowns()
        self._lockdowns = LockdownsNow()
        # The registry, its version and the log's lockdown records when the facts were read.
        self._seen: tuple[RegistryReader, int, Mapping[str, LoggedLockdown]] | None = None
        self._presence = presence
        self._watch = watch
        self._read_from: tuple[str, int] | None = None  # registry id and version the facts were read from

    @property
    def is_loaded(self) -> bool:
        """Whether the rules of any registry, or of a copy of one, have been read."""
        return self._read_from is not None

    def refresh_from_copy(self, copy: RegistryReader) -> None:
        """Read the facts from the last good copy. An older copy of the same registry lifts no lockdown and
        brings back no older rules.
        """
        if (
            self._read_from is None
            or self._read_from[0] != copy.registry_id
            or self._read_from[1] <= copy.version
        ):
            self.refresh(copy, is_copy=True)

    def refresh(self, listing: RegistryReader, is_copy: bool = False) -> None:
        """Replace the facts if the definitions in force, or the log's lockdown records, have changed.

        GenkanError: one cannot be read; the last ones stay in force, and the next refresh tries again.
        """
        now, logged = self._definitions.of(listing, is_copy), self._logged.by_area
        seen = listing, listing.content_version, logged
        if now is self.definitions and seen == self._seen:
            return
        lockdowns = self._logged.now(listing)
        if LOCKDOWNS in now.unaccounted:
            lockdowns = lockdowns.with_earlier(self._lockdowns, logged)
        self._read_from, self._seen = (listing.registry_id, listing.version), seen
        if now is self.definitions and lockdowns == self._lockdowns:
            return
        self.definitions, self._lockdowns = now, lockdowns
        self.facts = _with(replace(self.facts, lockdowns=frozenset(lockdowns.since)), now.effective)
        if self.facts.book.version:
            self._presence.enable()

    @property
    def facts_for_modes(self) -> Facts:
        """Those that decide about the doors' modes: a door unlocks only by definitions on record."""
        on_record = self.definitions.on_record
        if on_record is self.definitions.effective:
            return self.facts
        if self._facts_of_modes is None or self._facts_of_modes[0] is not self.facts:
            self._facts_of_modes = self.facts, _with(self.facts, on_record)
        return self._facts_of_modes[1]

    def lockdown_alarms(self, now: Moment) -> list[Event]:
        """Alarms for lockdowns on which registry and log disagree. Called at every tick."""
        return self._logged.alarms(self._lockdowns.doubtful, now) if self._lockdowns.doubtful else []

    def has_lockdown_since(self, entries: Collection[str], utc: datetime) -> bool:
        """Whether a lockdown behind these access points began at `utc` or later."""
        areas = {area for point in entries for area in self.facts.book.areas_entered(point)}
        since = self._lockdowns.since
        return any(since[area] >= utc for area in (SITE, *areas) if area in since)

    def refresh_presence(self) -> None:
        """Replace the facts if presence has changed."""
        presence = self._presence.now()
        if presence is not self.facts.presence:
            self.facts = replace(self.facts, presence=presence)

    def presence_alarm(self, now: Moment) -> Event | None:
        """The event for presence that has become unreadable, or readable again. Called at every tick."""
        reader = self._presence.reader
        return self._watch.poll(self._presence.is_reading, reader.pages, reader.problem, now)

    def must_wait(self, door: str, access_point: str) -> bool:
        """Whether the decision on an entry here depends on an earlier entry that is granted but not yet
        recorded.
        """
        return not self._presence.is_settled and any(
            setting.needs_presence and not setting.is_off
            for setting in self.facts.book.rules_at(door, access_point).values()
        )


def _with(facts: Facts, definitions: Definitions) -> Facts:
    return replace(
        facts,
        book=definitions.book,
        schedules=definitions.schedules_by_name,
        day_types=definitions.day_types,
    )
