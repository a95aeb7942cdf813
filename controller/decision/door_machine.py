"""One door: secured, released, open. Every transition is in TRANSITIONS; nothing else changes a door's state.

The law of this file:
* The lock is released only by a request, by request-to-exit where that releases, or by fire.
* A request holds the release for `release_ms`; another one extends it and never shortens it.
* The lock secures when the time is over, or as soon as the door has opened and closed since the last request.
  A request made while the door stands open is for somebody yet to pass, so that closing does not end it.
* Fire overrides all: while it lasts nothing secures; then the lock secures unless a release still runs.
* A door that opens while its lock is secured was forced, unless request-to-exit was active within 10 s.
* Each grant gets one outcome: opened, not opened, or, without a door contact, unknown.

The machine knows no clock but the `mono_ms` it is handed, and does nothing itself: it returns actions, the
lock's first. Fire concerns the whole house: the drive thread records it once, the machines only obey it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

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
    ReleaseRequested,
    RexEnded,
    RexPressed,
    TimerExpired,
)

RELEASE = "release"
REX_SHUNT_MS = 10_000


@dataclass(frozen=True)
class DoorSettings:
    door: str
    release_ms: int
    rex_releases: bool
    has_contact: bool


class DoorState(Enum):
    """What the lock does, and where the leaf is."""

    SECURED = "secured"
    RELEASED = "released"
    OPEN = "open"  # and the lock still released
    OPEN_SECURED = "open_secured"  # the lock waits for the door to fall shut


class Step(Enum):
    """What can happen to a door, once the law above has judged a signal."""

    RELEASE = "release"
    SECURE = "secure"
    OPEN = "open"
    FORCE = "force"
    CLOSE = "close"


Kind = type[ReleaseLock] | type[SecureLock] | EventType
_RELEASED: tuple[Kind, ...] = (ReleaseLock, EventType.LOCK_RELEASED)
_SECURED: tuple[Kind, ...] = (SecureLock, EventType.LOCK_SECURED)
_FORCED: tuple[Kind, ...] = (EventType.DOOR_OPENED, EventType.DOOR_FORCED_OPEN)

# A step that is not here for a state changes nothing: the lock is there already, or a contact repeats itself.
TRANSITIONS: Mapping[tuple[DoorState, Step], tuple[DoorState, tuple[Kind, ...]]] = {
    (DoorState.SECURED, Step.RELEASE): (DoorState.RELEASED, _RELEASED),
    (DoorState.SECURED, Step.OPEN): (DoorState.OPEN_SECURED, (EventType.DOOR_OPENED,)),
    (DoorState.SECURED, Step.FORCE): (DoorState.OPEN_SECURED, _FORCED),
    (DoorState.RELEASED, Step.SECURE): (DoorState.SECURED, _SECURED),
    (DoorState.RELEASED, Step.OPEN): (DoorState.OPEN, (EventType.DOOR_OPENED,)),
    (DoorState.OPEN, Step.SECURE): (DoorState.OPEN_SECURED, _SECURED),
    (DoorState.OPEN, Step.CLOSE): (DoorState.RELEASED, (EventType.DOOR_CLOSED,)),
    (DoorState.OPEN_SECURED, Step.RELEASE): (DoorState.OPEN, _RELEASED),
    (DoorState.OPEN_SECURED, Step.CLOSE): (DoorState.SECURED, (EventType.DOOR_CLOSED,)),
}


class DoorMachine:
    """Lives in the drive thread, which hands it every signal of its door and carries out what it returns."""

    def __init__(self, settings: DoorSettings) -> None:
        self.settings = settings
        self.state = DoorState.SECURED
        self._fire = False
        self._release_until: int | None = None
        self._shunted_until = 0  # an opening before this moment is request-to-exit's
        self._passed = False  # the door has opened since the last request
        self._grants: list[int] = []  # journal numbers whose outcome is still to be told

    def initial(
        self,
        contact_open: bool,
        fire: bool,
        mono_ms: int,
        *,
        last_contact_open: bool = False,
        last_released: bool = False,
    ) -> list[DoorAction]:
        """What the start finds; recorded is only what differs from what the journal last said (`last_…`).

        A door found open is not called forced: nobody watched it. The driver has secured the lock already.
        """
        self._fire = fire
        if contact_open:
            self.state = DoorState.OPEN_SECURED
        actions: list[DoorAction] = []
        if contact_open != last_contact_open and self.settings.has_contact:
            actions.append(self._record(EventType.DOOR_OPENED if contact_open else EventType.DOOR_CLOSED))
        if fire:
            released = self._step(Step.RELEASE)
            return (released[:1] if last_released else released) + actions
        return [self._record(EventType.LOCK_SECURED), *actions] if last_released else actions

    def handle(self, signal: DoorSignal, mono_ms: int) -> list[DoorAction]:
        """The signal must be of this door, or of fire."""
        return sorted(self._judge(signal, mono_ms), key=_lock_first)

    def stop(self) -> list[DoorAction]:
        """The service ends: secure (fire keeps its release) and tell of open grants that nobody will know."""
        self._release_until = None
        secured = [] if self._fire else self._step(Step.SECURE)
        return [*secured, StopTimer(self.settings.door, RELEASE), *self._outcomes(Outcome.UNKNOWN)]

    def _judge(self, signal: DoorSignal, mono_ms: int) -> list[DoorAction]:
        match signal:
            case ReleaseRequested(grant_seq=grant):
                return self._request(grant, mono_ms)
            case DoorOpened():
                return self._opened(mono_ms)
            case DoorClosed():
                return self._closed()
            case RexPressed():
                self._shunted_until = mono_ms + REX_SHUNT_MS
                released = self._request(None, mono_ms) if self.settings.rex_releases else []
                return [self._record(EventType.REX_PRESSED), *released]
            case RexEnded():
                self._shunted_until = mono_ms + REX_SHUNT_MS
                return []
            case FireStarted():
                self._fire = True
                return self._step(Step.RELEASE)
            case FireEnded():
                self._fire = False
                return [] if self._release_until is not None else self._step(Step.SECURE)
            case TimerExpired(timer=timer):
                return self._expired(mono_ms) if timer == RELEASE else []
            case _:
                assert_never(signal)

    def _request(self, grant: int | None, mono_ms: int) -> list[DoorAction]:
        until = mono_ms + self.settings.release_ms
        if self._release_until is None or until > self._release_until:
            self._release_until = until
        self._passed = False
        if grant is not None:
            self._grants.append(grant)
        actions = self._step(Step.RELEASE)
        actions.append(StartTimer(self.settings.door, RELEASE, self._release_until))
        if self.state is DoorState.OPEN:
            # No further opening need come: who was granted walks through the open door.
            actions += self._outcomes(Outcome.OPENED)
        return actions

    def _opened(self, mono_ms: int) -> list[DoorAction]:
        forced = self.state is DoorState.SECURED and mono_ms >= self._shunted_until
        actions = self._step(Step.FORCE if forced else Step.OPEN)
        if actions:
            self._passed = True
        return actions + self._outcomes(Outcome.OPENED)

    def _closed(self) -> list[DoorAction]:
        actions = self._step(Step.CLOSE)
        if not actions or not self._passed or self._release_until is None:
            return actions
        self._release_until = None
        secured = [] if self._fire else self._step(Step.SECURE)
        return [*actions, *secured, StopTimer(self.settings.door, RELEASE)]

    def _expired(self, mono_ms: int) -> list[DoorAction]:
        if self._release_until is None:
            return []
        if mono_ms < self._release_until:
            # Overtaken by an extension, or rung early. Ask again, so that no release is left without its end.
            return [StartTimer(self.settings.door, RELEASE, self._release_until)]
        self._release_until = None
        secured = [] if self._fire else self._step(Step.SECURE)
        return secured + self._outcomes(Outcome.NOT_OPENED if self.settings.has_contact else Outcome.UNKNOWN)

    def _step(self, step: Step) -> list[DoorAction]:
        """Take the step by the table; only a real change of the lock or the leaf gives actions."""
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
