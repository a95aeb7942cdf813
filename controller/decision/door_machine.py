"""One door: secured, released, open. Every transition is in TRANSITIONS; nothing else changes a door's state.

The law of this file:
* The lock is released only by a request, by request-to-exit where that releases, by a hold, or by fire.
* A request holds the release for `release_ms`; another request extends it and never shortens it.
* The lock secures when that time ends, or as soon as the door has opened and closed since the last request. A
  request at an open door is for a person yet to pass, so the next closing does not end it.
* Fire overrides all: during a fire nothing secures; then the lock secures unless a release still runs.
* A hold (the door's mode is unlocked) keeps the lock released, however many people pass, until it ends; then
  the lock secures immediately unless a release still runs. A hold that ended before it began never begins.
* Where request-to-exit releases, the release lasts as long as the button is held, and `release_ms` longer
  unless the door has opened and closed meanwhile.
* A door that opens while its lock is secured was forced, unless request-to-exit was active within 10 s.
* A request-to-exit held for 30 s is stuck: it is reported, and then explains no opening until it is let go.
  Where it releases, the release continues, because nobody behind a stuck button could request another.
* A door open for `held_warning_ms` gives a warning, at `held_alarm_ms` it is held open. A request at an open
  door restarts the time; fire and a hold suspend it, and it restarts when they end. A person who needs more
  time gets it for this opening.
* More than `rex_without_opening` requests to exit within an hour, none of them followed by an opening within
  ten seconds of its last press, raise an alarm. So do ten releases in a row for a grant without an opening.
* A contact that changes faster than a leaf can move is not believed: the door keeps its last believed state
  until the contact has been steady for 10 s; then it takes the position of the contact.
* A person whom the rules refuse, but whom a released door admits, gets no release of their own.
* Each grant gets one outcome: opened, not opened, or, without a believable contact, unknown.

The machine has no clock but the `mono_ms` argument, and does nothing itself: it returns actions, the lock's
first. Fire concerns the whole site: the drive thread records it once, the machines only obey it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from controller.decision.door_contact import STEADY, DoorContact
from controller.decision.exit_button import REX_HELD, REX_UNUSED, ExitButton
from controller.decision.held_open import HELD_OPEN, HeldOpen
from controller.decision.released_door_passages import RELEASED_PASSAGE, ReleasedDoorPassages
from controller.decision.unopened import Unopened
from controller.model.access import StandsReleased
from controller.model.actions import (
    DoorAction,
    RecordDoorEvent,
    ReleaseLock,
    SecureLock,
    StartTimer,
    StopTimer,
)
from controller.model.events import EventType, Outcome
from controller.model.signals import (
    DoorClosed,
    DoorOpened,
    DoorSignal,
    FireEnded,
    FireStarted,
    HoldEnded,
    HoldReleased,
    MoreTimeAllowed,
    PassageAtReleasedDoor,
    ReleaseRequested,
    RexEnded,
    RexPressed,
    TimerExpired,
)

RELEASE = "release"
_TIMERS = (RELEASE, HELD_OPEN, REX_HELD, REX_UNUSED, STEADY, RELEASED_PASSAGE)


@dataclass(frozen=True)
class DoorSettings:
    """`held_warning_ms` is less than `held_alarm_ms`; both count from the opening."""

    door: str
    release_ms: int
    rex_releases: bool
    has_contact: bool
    held_warning_ms: int = 20_000
    held_alarm_ms: int = 30_000
    held_more_ms: int = 30_000
    rex_without_opening: int = 5
    # No leaf opens and closes four times in two seconds; the input itself ignores changes below 50 ms.
    flapping_changes: int = 8


class DoorState(Enum):
    """What the lock does, and where the leaf is."""

    SECURED = "secured"
    RELEASED = "released"
    OPEN = "open"  # and the lock still released
    OPEN_SECURED = "open_secured"  # the lock waits for the door to fall shut


class DoorStep(Enum):
    """What can happen to a door, after the law above has judged a signal."""

    RELEASE = "release"
    SECURE = "secure"
    OPEN = "open"
    FORCE = "force"
    CLOSE = "close"


Kind = type[ReleaseLock] | type[SecureLock] | EventType
_RELEASED: tuple[Kind, ...] = (ReleaseLock, EventType.LOCK_RELEASED)
_SECURED: tuple[Kind, ...] = (SecureLock, EventType.LOCK_SECURED)
_FORCED: tuple[Kind, ...] = (EventType.DOOR_OPENED, EventType.DOOR_FORCED_OPEN)

# A step without an entry changes nothing: the lock is already there, or a contact repeats itself.
TRANSITIONS: Mapping[tuple[DoorState, DoorStep], tuple[DoorState, tuple[Kind, ...]]] = {
    (DoorState.SECURED, DoorStep.RELEASE): (DoorState.RELEASED, _RELEASED),
    (DoorState.SECURED, DoorStep.OPEN): (DoorState.OPEN_SECURED, (EventType.DOOR_OPENED,)),
    (DoorState.SECURED, DoorStep.FORCE): (DoorState.OPEN_SECURED, _FORCED),
    (DoorState.RELEASED, DoorStep.SECURE): (DoorState.SECURED, _SECURED),
    (DoorState.RELEASED, DoorStep.OPEN): (DoorState.OPEN, (EventType.DOOR_OPENED,)),
    (DoorState.OPEN, DoorStep.SECURE): (DoorState.OPEN_SECURED, _SECURED),
    (DoorState.OPEN, DoorStep.CLOSE): (DoorState.RELEASED, (EventType.DOOR_CLOSED,)),
    (DoorState.OPEN_SECURED, DoorStep.RELEASE): (DoorState.OPEN, _RELEASED),
    (DoorState.OPEN_SECURED, DoorStep.CLOSE): (DoorState.SECURED, (EventType.DOOR_CLOSED,)),
}


class DoorMachine:
    """Belongs to the drive thread, which passes every signal of the door to it and carries its actions
    out.
    """

    def __init__(self, settings: DoorSettings) -> None:
        self.settings = settings
        self.state = DoorState.SECURED
        self._fire = False
        self._hold: int | None = None
        self._last_hold_ended = 0
        self._release_until: int | None = None
        self._button = ExitButton(settings.door, settings.rex_without_opening if settings.has_contact else 0)
        self._contact = DoorContact(settings.door, settings.flapping_changes)
        self._held_open = HeldOpen(settings.door, settings.held_warning_ms, settings.held_alarm_ms)
        self._unopened = Unopened()
        self._released_passages = ReleasedDoorPassages(settings.door, settings.release_ms)
        self._more_time = False  # an admitted person needs more time
        self._passed = False  # the door has opened since the last request
        self._grants: list[int] = []  # journal numbers of grants without an outcome yet

    @property
    def is_open(self) -> bool:
        return self.state in (DoorState.OPEN, DoorState.OPEN_SECURED)

    @property
    def is_released(self) -> bool:
        return self.state in (DoorState.RELEASED, DoorState.OPEN)

    @property
    def released_until(self) -> int | None:
        """When the release ends; None while the lock is secured, or kept released without a limit."""
        kept = self._fire or self._hold is not None or self._button_holds
        return self._release_until if self.is_released and not kept else None

    @property
    def stands_released(self) -> StandsReleased | None:
        if self._fire:
            return StandsReleased.FIRE
        return None if self._hold is None else StandsReleased.MODE

    def initial(
        self,
        contact_open: bool,
        fire: bool,
        mono_ms: int,
        *,
        last_contact_open: bool = False,
        last_released: bool = False,
    ) -> list[DoorAction]:
        """The door at the start. Records only the differences from the journal's newest records (`last_…`).

        A door found open is not called forced: nobody watched it. The driver has already secured the lock.
        """
        self._fire = fire
        self._contact.is_open = contact_open
        if contact_open:
            self.state = DoorState.OPEN_SECURED
        actions: list[DoorAction] = []
        if contact_open != last_contact_open and self.settings.has_contact:
            actions.append(self._record(EventType.DOOR_OPENED if contact_open else EventType.DOOR_CLOSED))
        if fire:
            released = self._step(DoorStep.RELEASE)
            return (released[:1] if last_released else released) + actions
        if contact_open:
            actions += self._start_held_open(mono_ms)
        return [self._record(EventType.LOCK_SECURED), *actions] if last_released else actions

    def handle(self, signal: DoorSignal, mono_ms: int) -> list[DoorAction]:
        """The signal must be about this door or about fire."""
        return sorted(self._judge(signal, mono_ms), key=_lock_first)

    def stop(self) -> list[DoorAction]:
        """The service ends: secure (fire keeps its release) and record open grants as unknown."""
        self._release_until = self._hold = None
        secured = [] if self._fire else self._step(DoorStep.SECURE)
        stopped = [StopTimer(self.settings.door, timer) for timer in _TIMERS]
        return [
            *secured,
            *stopped,
            *self._outcomes(Outcome.UNKNOWN),
            *self._released_passages.settle(Outcome.UNKNOWN),
        ]

    def _judge(self, signal: DoorSignal, mono_ms: int) -> list[DoorAction]:
        match signal:
            case ReleaseRequested(grant_seq=grant):
                actions = self._request(grant, mono_ms)
                return actions + (self._start_held_open(mono_ms, grant) if self._held_open.is_timing else [])
            case PassageAtReleasedDoor(grant_seq=grant):
                return self._passage_at_released_door(grant, mono_ms)
            case MoreTimeAllowed():
                self._more_time = self.is_open or self._release_until is not None
                self._held_open.add_time(self.settings.held_more_ms)
                return []
            case DoorOpened() | DoorClosed():
                return self._contact_changed(isinstance(signal, DoorOpened), mono_ms)
            case RexPressed():
                watched = not self.is_open and not self._contact.flaps
                pressed = self._button.pressed(mono_ms, is_open=not watched)
                return pressed + (self._request(None, mono_ms) if self.settings.rex_releases else [])
            case RexEnded():
                keeps = self._button_holds
                return self._button.ended(mono_ms) + (self._let_go(mono_ms) if keeps else [])
            case HoldReleased(hold=hold):
                return self._hold_released(hold)
            case HoldEnded(hold=hold):
                return self._hold_ended(hold, mono_ms)
            case FireStarted():
                self._fire = True
                return self._step(DoorStep.RELEASE) + self._held_open.stop()
            case FireEnded() if self._fire:
                self._fire = False
                return self._secure() + (self._start_held_open(mono_ms) if self.is_open else [])
            case FireEnded():
                return []
            case TimerExpired(timer=timer):
                return self._expired(timer, mono_ms)
            case _:
                assert_never(signal)

    def _expired(self, timer: str, mono_ms: int) -> list[DoorAction]:
        if timer == RELEASE:
            return self._release_ended(mono_ms)
        if timer == HELD_OPEN:
            return self._held_open.expired(mono_ms)
        if timer == REX_HELD:
            return self._button.expired(mono_ms)
        if timer == REX_UNUSED:
            return (
                self._button.opened() if self._contact.flaps or self._fire else self._button.unused(mono_ms)
            )
        if timer == RELEASED_PASSAGE:
            return self._released_passages.expired(mono_ms, self._unopened_outcome)
        return self._contact_steady(mono_ms) if timer == STEADY else []

    def _request(self, grant: int | None, mono_ms: int) -> list[DoorAction]:
        until = mono_ms + self.settings.release_ms
        if self._release_until is None or until > self._release_until:
            self._release_until = until
        self._passed = False
        if grant is not None:
            self._grants.append(grant)
        actions = self._step(DoorStep.RELEASE)
        actions.append(StartTimer(self.settings.door, RELEASE, self._release_until))
        if self.state is DoorState.OPEN:
            # The door is open already: the person walks through without another opening.
            actions += self._outcomes(Outcome.OPENED)
        return actions

    def _passage_at_released_door(self, grant: int, mono_ms: int) -> list[DoorAction]:
        """What kept the door released may have ended since the tap; then only an open door admits the
        person.
        """
        if self.is_open:
            return [self._released_passages.outcome(grant, Outcome.OPENED)]
        if not self.is_released:
            return [self._released_passages.outcome(grant, Outcome.NOT_RELEASED)]
        return self._released_passages.add(grant, mono_ms)

    def _hold_released(self, hold: int) -> list[DoorAction]:
        if hold <= self._last_hold_ended:
            return []
        self._hold = hold
        return self._step(DoorStep.RELEASE) + self._held_open.stop()

    def _hold_ended(self, hold: int, mono_ms: int) -> list[DoorAction]:
        self._last_hold_ended = max(self._last_hold_ended, hold)
        if self._hold is None or self._hold > hold:
            return []
        self._hold = None
        return self._secure() + (self._start_held_open(mono_ms) if self.is_open else [])

    def _let_go(self, mono_ms: int) -> list[DoorAction]:
        """Letting the button go is not a new request: a passage since the last request still ends the
        release.
        """
        if self._passed and not self.is_open:
            self._release_until = None
            return [*self._secure(), StopTimer(self.settings.door, RELEASE)]
        self._release_until = max(self._release_until or 0, mono_ms + self.settings.release_ms)
        return [StartTimer(self.settings.door, RELEASE, self._release_until)]

    def _contact_changed(self, is_open: bool, mono_ms: int) -> list[DoorAction]:
        flapped = self._contact.flaps
        actions = self._contact.report(is_open, mono_ms)
        if actions is None or flapped:
            return actions or []
        believed = self._opened(mono_ms) if is_open else self._closed()
        return believed + actions + (self._held_open.stop() if self._contact.flaps else [])

    def _contact_steady(self, mono_ms: int) -> list[DoorAction]:
        actions = self._contact.expired(mono_ms)
        if self._contact.flaps or not actions:
            return actions
        if self._contact.is_open is not self.is_open:
            return actions + (self._opened(mono_ms) if self._contact.is_open else self._closed())
        return actions + (self._start_held_open(mono_ms) if self.is_open else [])

    def _opened(self, mono_ms: int) -> list[DoorAction]:
        was_open = self.is_open
        forced = self.state is DoorState.SECURED and not self._button.shunts(mono_ms)
        actions = self._step(DoorStep.FORCE if forced else DoorStep.OPEN)
        actions += self._button.opened()
        self._unopened.opened()
        if self.is_open and not was_open:
            self._passed = True
            actions += self._start_held_open(mono_ms, self._grants[-1] if self._grants else None)
        return actions + self._outcomes(Outcome.OPENED) + self._released_passages.settle(Outcome.OPENED)

    def _closed(self) -> list[DoorAction]:
        actions = self._step(DoorStep.CLOSE) + self._held_open.stop()
        self._clear_more_time()
        if not actions or not self._passed or self._release_until is None or self._button_holds:
            return actions
        self._release_until = None
        self._clear_more_time()
        return [*actions, *self._secure(), StopTimer(self.settings.door, RELEASE)]

    def _release_ended(self, mono_ms: int) -> list[DoorAction]:
        if self._release_until is None:
            return []
        if mono_ms < self._release_until:
            # An extension moved the end, or the timer fired early. Restart it: every release must end.
            return [StartTimer(self.settings.door, RELEASE, self._release_until)]
        self._release_until = None
        self._clear_more_time()
        seen = self._unopened_outcome is Outcome.NOT_OPENED
        never = bool(seen and self._grants and self._unopened.not_opened())
        outcomes = self._outcomes(self._unopened_outcome)
        return self._secure() + outcomes + ([self._record(EventType.DOOR_DOES_NOT_OPEN)] if never else [])

    def _clear_more_time(self) -> None:
        if self._release_until is None and not self.is_open:
            self._more_time = False

    @property
    def _unopened_outcome(self) -> Outcome:
        """The outcome of a grant without an opening; unknown without a believable contact."""
        seen = self.settings.has_contact and not self._contact.flaps
        return Outcome.NOT_OPENED if seen else Outcome.UNKNOWN

    @property
    def _button_holds(self) -> bool:
        return self.settings.rex_releases and self._button.is_held

    def _secure(self) -> list[DoorAction]:
        """Secure the lock unless something still keeps it released."""
        keeps = self._fire or self._button_holds or self._hold or self._release_until is not None
        return (
            []
            if keeps
            else self._step(DoorStep.SECURE) + self._released_passages.settle(self._unopened_outcome)
        )

    def _start_held_open(self, mono_ms: int, grant: int | None = None) -> list[DoorAction]:
        suspended = self._fire or self._hold or self._contact.flaps
        more_ms = self.settings.held_more_ms if self._more_time else 0
        return [] if suspended else self._held_open.start(mono_ms, grant, more_ms)

    def _step(self, step: DoorStep) -> list[DoorAction]:
        """Take the step by the table; only a real change of the lock or the leaf returns actions."""
        if (self.state, step) not in TRANSITIONS:
            return []
        self.state, kinds = TRANSITIONS[self.state, step]
        return [
            self._record(kind) if isinstance(kind, EventType) else kind(self.settings.door) for kind in kinds
        ]

    def _outcomes(self, outcome: Outcome) -> list[DoorAction]:
        grants, self._grants = self._grants, []
        door, result = self.settings.door, outcome.value
        return [RecordDoorEvent(door, EventType.ACCESS_OUTCOME, result, of=grant) for grant in grants]

    def _record(self, type: EventType) -> RecordDoorEvent:
        return RecordDoorEvent(self.settings.door, type)


def _lock_first(action: DoorAction) -> bool:
    return not isinstance(action, ReleaseLock | SecureLock)
