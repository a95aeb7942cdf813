"""What the log recorded before this door process started: the newest time, the orders done, the last state of
everything.

The doors start before any file is opened, in their actual state. As soon as the journal is open the log is
read once, and every difference from its last records is recorded, as of the start.
"""

import logging
from collections.abc import Collection, Iterator

from controller.journal.append import Journal
from controller.journal.frequent_starts import frequent_starts
from controller.journal.open_grants import close_open_grants
from controller.journal.pin_records import pin_tries
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.pins import PinTry
from controller.runtime.clock import Clock
from controller.runtime.drive import DoorAtStart
from controller.runtime.lockdowns import LoggedLockdowns

log = logging.getLogger(__name__)


class LogAtStart:
    """Belongs to the thread that has the journal; `orders_done` may be called from any thread."""

    def __init__(self, clock: Clock, doors: Collection[str], had_log: bool = True) -> None:
        """`clock` learns the newest times of the journal as soon as they are read. `had_log`: the
        door has run on this folder before.
        """
        self._clock = clock
        self._had_log = had_log
        self._subjects = ["fire", *(f"{what}:{door}" for door in doors for what in ("contact", "lock"))]
        self._last: dict[str, str | None] | None = None
        self._orders: dict[str, frozenset[int]] | None = None
        self._assumed_open: dict[str, bool] = {}
        self._assumed_fire = False
        self.newest: int | None = None  # the last record of the processes before this one
        self.pin_tries: list[PinTry] | None = None  # of the last day; None: not known yet
        self.read_counters: dict[str, int] | None = None  # None: not known yet
        self.lockdowns = LoggedLockdowns()

    def read(self, journal: Journal) -> None:
        """Raises JournalUnavailable; then nothing is known."""
        last = {subject: journal.newest_type(subject) for subject in self._subjects}
        orders = journal.all_orders_done()
        self._clock.learn(journal.newest_trusted_utc(), journal.newest_synchronised_utc())
        self.pin_tries = pin_tries(journal, self._clock.now().utc)
        self.lockdowns.read(journal.logged_lockdowns())
        self.read_counters = journal.read_counters()
        self.newest = journal.newest_seq
        self._last, self._orders = last, orders

    def orders_done(self, registry_id: str) -> Collection[int] | None:
        """The newest orders that have a record. None: not known yet, so no order may be carried out."""
        return None if self._orders is None else self._orders.get(registry_id, frozenset())

    def found(self, door: str, contact_open: bool, fire: bool) -> DoorAtStart:
        """The door at the start. Nobody has read the log yet: assume that its last records agree."""
        self._assumed_open[door], self._assumed_fire = contact_open, fire
        return DoorAtStart(contact_open, contact_open, last_released=fire)

    def missing_events(self) -> Iterator[Event]:
        """Events of the time without a door process that the log lacks. Grants without an outcome are closed
        separately, in idle time behind the taps (close_open_grants).
        """
        now = self._clock.now()
        newest = now.not_before
        if newest is not None and now.clock is ClockState.UNTRUSTED and newest > now.utc:
            behind = round((newest - now.utc).total_seconds() * 1000)
            yield Event(EventType.CLOCK_SET_BACK, now, codes={"moved_ms": -behind})

    def close_open_grants(self, journal: Journal) -> bool:
        """A chore: the record thread runs it while no record waits."""
        if self.newest is None:
            return False
        return close_open_grants(journal, self.newest, self._clock.now())

    def catch_up(self, journal: Journal, began: Moment) -> list[Event]:
        """The journal is open: what has changed between its last records and the start."""
        self.read(journal)
        events = list(self.missing_events())
        if self._had_log and self.newest == 0:
            log.error("the log of this door is gone (journal.db was missing); a new log begins")
            events.append(Event(EventType.LOG_MISSING, began))
        if (starts := frequent_starts(journal, began)) is not None:
            log.error("the door process was started %d times within two minutes", starts)
            events.append(Event(EventType.SERVICE_RESTARTS_OFTEN, began, codes={"starts": starts}))
        if self._assumed_fire != self._was_last("fire", EventType.FIRE_STARTED):
            events.append(
                Event(EventType.FIRE_STARTED if self._assumed_fire else EventType.FIRE_ENDED, began)
            )
        for door, is_open in self._assumed_open.items():
            if self._assumed_fire != self._was_released(door):
                lock = EventType.LOCK_RELEASED if self._assumed_fire else EventType.LOCK_SECURED
                events.append(Event(lock, began, door=door))
            if is_open != self._was_open(door):
                contact = EventType.DOOR_OPENED if is_open else EventType.DOOR_CLOSED
                events.append(Event(contact, began, door=door))
        return events

    def _was_open(self, door: str) -> bool:
        return self._was_last(f"contact:{door}", EventType.DOOR_OPENED)

    def _was_released(self, door: str) -> bool:
        return self._was_last(f"lock:{door}", EventType.LOCK_RELEASED)

    def _was_last(self, subject: str, event_type: EventType) -> bool:
        return self._last is not None and self._last[subject] == event_type
