"""The drive thread: door machines, timers, pins. It does no disk I/O and waits for no other thread.

What must work when everything else is down ends here: release after a durable grant, outward cards, REX,
fire.
"""

import heapq
import logging
import queue
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from controller.decision.door_machine import DoorMachine
from controller.devices import Lock
from controller.model.access import StandsReleased
from controller.model.actions import (
    DoorAction,
    RecordDoorEvent,
    ReleaseLock,
    SecureLock,
    StartTimer,
    StopTimer,
)
from controller.model.events import Event, EventType
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
from controller.runtime.clock import Clock
from controller.runtime.grants import Fate, PendingGrant

log = logging.getLogger(__name__)

_IDLE_S = 0.25  # idle wake-up interval: prove that the thread lives, refuse overdue grants


@dataclass(frozen=True)
class DoorAtStart:
    """A door at the start: its contact now, and its state in the journal's newest records."""

    contact_open: bool
    last_contact_open: bool
    last_released: bool


@dataclass(order=True)
class _Deadline:
    at_ms: int
    order: int
    door: str = field(compare=False)
    timer: str = field(compare=False)


@dataclass(frozen=True)
class Admission:
    """A durable grant and what its door does for it. After `grant.expires_ms` the door releases nothing."""

    door: str
    seq: int  # the journal number of the grant
    grant: PendingGrant
    signals: Sequence[DoorSignal]
    show: Callable[[bool], None] = lambda in_time: None  # may only queue


class Drive:
    def __init__(
        self,
        machines: Mapping[str, DoorMachine],
        locks: Mapping[str, Lock],
        record: Callable[[Event], None],
        clock: Clock,
        now_ms: Callable[[], int],
    ) -> None:
        self._machines = machines
        self._locks = locks
        self._record = record
        self._clock = clock
        self._now_ms = now_ms
        self._inbox: queue.SimpleQueue[DoorSignal | Admission | None] = queue.SimpleQueue()
        self._deadlines: list[_Deadline] = []
        self._running: dict[tuple[str, str], _Deadline] = {}
        self._watched: deque[PendingGrant] = deque()
        self._expected: dict[str, dict[PendingGrant, None]] = {door: {} for door in machines}
        self._count = 0
        self._fire = False
        self._stopping = False
        self.beat = 0

    def post(self, signal: DoorSignal) -> None:
        """Queue a signal. From any thread; never blocks."""
        self._inbox.put(signal)

    def watch(self, grant: PendingGrant) -> None:
        """Refuse `grant` if its record is not durable in time, however long the disk hangs.

        This does not wake the thread, which would delay the record; the next round checks the grant.
        """
        self._watched.append(grant)

    def door_status(self, door: str) -> tuple[bool, bool, StandsReleased | None]:
        """Whether the door is open, whether it is or soon will be released, and what overrides its lock.

        From any thread.
        """
        machine = self._machines[door]
        expected = any(grant.fate is not Fate.REFUSED for grant in list(self._expected[door]))
        return machine.is_open, machine.is_released or expected, machine.stands_released

    def expect_release(self, door: str, grant: PendingGrant) -> None:
        """Count `door` as released until `admit` has carried out `grant`, or until it is refused."""
        expected = self._expected[door]
        for one in [one for one in list(expected) if one.fate is Fate.REFUSED]:
            expected.pop(one, None)
        expected[grant] = None

    def admit(self, admission: Admission) -> None:
        """Queue what follows a durable grant. From any thread; never blocks."""
        self._inbox.put(admission)

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)

    def start(self, doors: Mapping[str, DoorAtStart], fire: bool, last_fire: bool = False) -> None:
        """Set each door to its state now; called before the thread runs. `last_fire` is the journal's last
        record of fire.
        """
        self._fire = last_fire
        mono_ms = self._now_ms()
        for door, machine in self._machines.items():
            found = doors[door]
            self._perform(
                machine.initial(
                    found.contact_open,
                    fire,
                    mono_ms,
                    last_contact_open=found.last_contact_open,
                    last_released=found.last_released,
                )
            )
        self._record_fire(fire)

    def run(self) -> None:
        """The thread's body. However it ends, it secures every lock that no fire holds released."""
        try:
            while not self._stopping:
                self.turn(self._wait_s())
        finally:
            self.end()

    @property
    def has_signals(self) -> bool:
        return not self._inbox.empty()

    def turn(self, wait_s: float) -> None:
        """Handle one signal if one arrives within `wait_s`, then every timer that is due."""
        try:
            item = self._inbox.get(timeout=wait_s)
        except queue.Empty:
            item = None
        if isinstance(item, Admission):
            self._carry_out(item)
        elif item is not None:
            self._handle(item)
        self._expire(self._now_ms())
        self.beat += 1

    def end(self) -> None:
        """After the last turn: secure every lock that no fire holds released."""
        for door, machine in self._machines.items():
            try:
                self._perform(machine.stop())
            except Exception:  # secure the other doors in any case
                log.exception("cannot secure %s", door)

    def _wait_s(self) -> float:
        now = self._now_ms()
        if not self._deadlines:
            return _IDLE_S
        return min(_IDLE_S, max(0, self._deadlines[0].at_ms - now) / 1000)

    def _carry_out(self, admission: Admission) -> None:
        """Refuse if this thread gets to the grant too late: the person may have left.

        A door that fire or its mode keeps released still counts the person in.
        """
        in_time = self._now_ms() <= admission.grant.expires_ms
        if not in_time:
            log.error("%s: a release came too late and was refused", admission.door)
        for signal in (
            admission.signals if in_time else [PassageAtReleasedDoor(admission.door, admission.seq)]
        ):
            self._handle(signal)
        self._expected[admission.door].pop(admission.grant, None)
        admission.show(in_time)

    def _handle(self, signal: DoorSignal) -> None:
        match signal:
            case FireStarted() | FireEnded():
                doors = list(self._machines)
            case (
                DoorOpened(door)
                | DoorClosed(door)
                | RexPressed(door)
                | RexEnded(door)
                | ReleaseRequested(door)
                | PassageAtReleasedDoor(door)
                | MoreTimeAllowed(door)
                | HoldReleased(door)
                | HoldEnded(door)
                | TimerExpired(door)
            ):
                doors = [door]
        for door in doors:
            machine = self._machines[door]
            self._perform(machine.handle(signal, self._now_ms()))
            self._locks[door].allow_until(machine.released_until)
        if isinstance(signal, FireStarted | FireEnded):
            self._record_fire(isinstance(signal, FireStarted))

    def _record_fire(self, began: bool) -> None:
        """Fire concerns the whole site, so it is one record, written after every door is released."""
        if began != self._fire:
            self._fire = began
            self._record(Event(EventType.FIRE_STARTED if began else EventType.FIRE_ENDED, self._clock.now()))

    def _expire(self, now: int) -> None:
        while self._deadlines and self._deadlines[0].at_ms <= now:
            due = heapq.heappop(self._deadlines)
            if self._running.get((due.door, due.timer)) is due:
                del self._running[due.door, due.timer]
                self._handle(TimerExpired(due.door, due.timer))
        while self._watched and (
            self._watched[0].fate is not Fate.PENDING or self._watched[0].expires_ms < now
        ):
            self._watched.popleft().refuse()

    def _perform(self, actions: list[DoorAction]) -> None:
        for action in actions:
            match action:
                case ReleaseLock(door):
                    # The limit first: no release may be without one, wherever this thread hangs.
                    self._locks[door].allow_until(self._machines[door].released_until)
                    self._locks[door].release()
                case SecureLock(door):
                    self._locks[door].secure()
                case StartTimer(door, timer, at_ms):
                    self._count += 1
                    deadline = _Deadline(at_ms, self._count, door, timer)
                    self._running[door, timer] = deadline
                    heapq.heappush(self._deadlines, deadline)
                case StopTimer(door, timer):
                    self._running.pop((door, timer), None)
                case RecordDoorEvent(door, type_, result, of):
                    codes = {} if of is None else {"of": of}
                    self._record(Event(type_, self._clock.now(), door=door, result=result, codes=codes))
