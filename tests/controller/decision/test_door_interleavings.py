"""With any signals in any order, the door ends secured and never releases without a reason."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decision.door_contact import STEADY
from controller.decision.door_machine import RELEASE, DoorMachine, DoorSettings, DoorState
from controller.decision.exit_button import HOUR_MS, REX_HELD, REX_SHUNT_MS, REX_STUCK_MS, REX_UNUSED
from controller.decision.held_open import HELD_OPEN
from controller.decision.released_door_passages import RELEASED_PASSAGE
from controller.model.actions import (
    DoorAction,
    RecordDoorEvent,
    ReleaseLock,
    SecureLock,
    StartTimer,
    StopTimer,
)
from controller.model.events import EventType
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

HAPPENINGS = (
    "grant",
    "walks in",
    "order",
    "leaf",
    "rex",
    "rex ended",
    "fire",
    "hold",
    "more",
    "stray timer",
    "repeat",
)
TIMERS = (RELEASE, HELD_OPEN, REX_HELD, REX_UNUSED, STEADY, RELEASED_PASSAGE)


@dataclass
class World:
    """A drive thread, a lock, a button and a leaf around one machine; checks the law after every signal."""

    settings: DoorSettings
    late_ms: int = 0
    now: int = 0
    released: bool = False
    leaf_open: bool = False
    believed_open: bool = False  # as the machine recorded it
    flaps: bool = False
    fire: bool = False
    hold: int | None = None  # the number of the one that lasts
    holds: int = 0
    more_ms: int = 0  # an open door raises its alarm at most this much later
    presses: list[int] = field(default_factory=list)
    timers: dict[str, int] = field(default_factory=dict)
    allowed_until: int = 0  # last request, or end of the button, + release time
    kept_until: int = 0  # the same, until a passage after the last request has used it up
    passage: bool = False
    rex_since: int | None = None
    explained_until: int = 0  # openings until then are the button's
    open_since: int | None = None  # since when the time runs after which the door is held open
    seq: int = 0
    outcomes: list[int] = field(default_factory=list)
    locks: int = 0
    lock_records: int = 0

    def __post_init__(self) -> None:
        self.machine = DoorMachine(self.settings)

    def happen(self, gap_ms: int, what: str) -> None:
        self._pass(self.now + gap_ms)
        match what:
            case "grant" | "order":
                self.seq += what == "grant"
                self._requested()
                if self.open_since is not None:
                    self.open_since = self.now
                self._apply(ReleaseRequested("d", self.seq if what == "grant" else None))
                assert self.released, "a durable grant, an order or a card on the way out always releases"
            case "walks in":
                self.seq += 1
                was, is_released = self.released, self.fire or self.hold is not None
                self._apply(PassageAtReleasedDoor("d", self.seq))
                assert self.released is was, "it asks nothing of the lock"
                assert is_released or was or self.seq in self.outcomes, "nothing to wait for"
            case "leaf" if self.settings.has_contact:
                self.leaf_open = not self.leaf_open
                self._apply(DoorOpened("d") if self.leaf_open else DoorClosed("d"))
            case "rex":
                self.rex_since = self.now if self.rex_since is None else self.rex_since
                self.presses.append(self.now)
                if self.settings.rex_releases:
                    self._requested()
                self._apply(RexPressed("d"))
                assert self.released or not self.settings.rex_releases
            case "rex ended":
                self._let_go()
                self._apply(RexEnded("d"))
            case "fire":
                self.fire = not self.fire
                self._suspend()
                self._apply(FireStarted() if self.fire else FireEnded())
            case "more":
                self.more_ms = self.settings.held_more_ms
                self._apply(MoreTimeAllowed("d"))
            case "hold" if self.hold is None:
                self.holds += 1
                self.hold = self.holds
                self._suspend()
                self._apply(HoldReleased("d", self.hold))
            case "hold":
                assert self.hold is not None
                ended, self.hold = self.hold, None
                self._suspend()
                self._apply(HoldEnded("d", ended))
                self._apply(HoldReleased("d", ended))  # overtaken by its end: it never begins
            case "stray timer":
                for timer in TIMERS:
                    self._apply(TimerExpired("d", timer))
            case "repeat" if self.settings.has_contact:
                self._apply(DoorOpened("d") if self.leaf_open else DoorClosed("d"))

    def end(self) -> None:
        if self.fire:
            self.happen(0, "fire")
        if self.hold is not None:
            self.happen(0, "hold")
        if self.rex_since is not None:
            self.happen(0, "rex ended")
        self._pass(self.now + 100_000)
        assert not self.released
        assert self.leaf_open is self.believed_open, "a contact at rest is believed in the end"
        assert sorted(self.outcomes) == list(range(1, self.seq + 1))
        assert self.locks == self.lock_records

    def _suspend(self) -> None:
        """Fire or a hold has come or gone: while one lasts no time runs, and then it begins."""
        suspended = self.fire or self.hold is not None or self.flaps
        self.open_since = None if suspended or not self.believed_open else self.now

    def _requested(self) -> None:
        self.allowed_until = self.kept_until = self.now + self.settings.release_ms
        self.passage = False

    def _let_go(self) -> None:
        since, self.rex_since = self.rex_since, None
        if since is None:
            return
        if self.now < since + REX_STUCK_MS:
            self.explained_until = self.now + REX_SHUNT_MS
        if not self.settings.rex_releases:
            return
        self.allowed_until = max(self.allowed_until, self.now + self.settings.release_ms)
        self.kept_until = 0 if self.passage and not self.believed_open else self.allowed_until

    def _pass(self, until: int) -> None:
        while self.timers:
            timer = min(self.timers, key=lambda name: self.timers[name])
            if self.timers[timer] + self.late_ms > until:
                break
            self.now = max(self.now, self.timers.pop(timer) + self.late_ms)
            self._apply(TimerExpired("d", timer))
        self.now = until

    def _apply(self, signal: DoorSignal) -> None:
        self._perform(self.machine.handle(signal, self.now))
        self._check()

    def _perform(self, actions: list[DoorAction]) -> None:
        for action in actions:
            match action:
                case ReleaseLock() | SecureLock():
                    releases = isinstance(action, ReleaseLock)
                    assert releases is not self.released, "the lock is told only what it is not"
                    self.released = releases
                    self.locks += 1
                case StartTimer(timer=timer, at_ms=at_ms):
                    self.timers[timer] = at_ms
                case StopTimer(timer=timer):
                    self.timers.pop(timer, None)
                case RecordDoorEvent(type=EventType.ACCESS_OUTCOME, of=of):
                    assert of is not None
                    self.outcomes.append(of)
                case RecordDoorEvent(type=type):
                    self._recorded(type)

    def _recorded(self, type: EventType) -> None:
        match type:
            case EventType.LOCK_RELEASED | EventType.LOCK_SECURED:
                self.lock_records += 1
            case EventType.DOOR_OPENED:
                self.believed_open = self.passage = True
                self._suspend()
            case EventType.DOOR_CLOSED:
                self.believed_open, self.open_since = False, None
                if self.passage and not self._button_keeps:
                    self.kept_until = 0
            case EventType.DOOR_FORCED_OPEN:
                held = self.rex_since is not None and self.now < self.rex_since + REX_STUCK_MS
                assert not held and self.now >= self.explained_until and not self.fire
                assert self.hold is None, "nobody forces a door that stands unlocked"
            case EventType.DOOR_CONTACT_FLAPPING:
                self.flaps, self.open_since = True, None
            case EventType.DOOR_CONTACT_STEADY:
                self.flaps = False
                self._suspend()
            case EventType.DOOR_HELD_OPEN:
                assert self.open_since is not None, "held open is told of an open door, once"
                assert self.now >= self.open_since + self.settings.held_alarm_ms
                self.open_since = None
            case EventType.REX_WITHOUT_OPENING:
                told_after_ms = 2 * REX_SHUNT_MS + REX_STUCK_MS + self.late_ms
                lately = [press for press in self.presses if press > self.now - HOUR_MS - told_after_ms]
                assert len(lately) > self.settings.rex_without_opening and self.settings.has_contact
                self.presses.clear()
            case EventType.REX_STUCK:
                assert self.rex_since is not None and self.now >= self.rex_since + REX_STUCK_MS
                self.explained_until = 0

    @property
    def _button_keeps(self) -> bool:
        return self.settings.rex_releases and self.rex_since is not None

    def _check(self) -> None:
        assert self.released is (self.machine.state in (DoorState.RELEASED, DoorState.OPEN))
        assert self.believed_open is (self.machine.state in (DoorState.OPEN, DoorState.OPEN_SECURED))
        if self.open_since is not None:
            assert self.now < self.open_since + self.settings.held_alarm_ms + self.more_ms + self.late_ms + 1
        if self.fire or self._button_keeps or self.hold is not None:
            assert self.released, "fire, the button where the lock needs it, and a hold keep it released"
            return
        if self.released:
            assert self.now <= self.allowed_until + self.late_ms, (
                "released longer than the last request allows"
            )
        if self.now < self.kept_until:
            assert self.released, "a release was cut short"


def live(world: World, story: Iterable[tuple[int, str]]) -> None:
    for gap_ms, what in story:
        world.happen(gap_ms, what)
    world.end()


def test_ten_thousand_random_interleavings_end_secured_and_keep_the_law() -> None:
    for seed in range(10_000):
        chance = random.Random(seed)
        door = DoorSettings("d", chance.choice((1000, 5000)), chance.random() < 0.5, chance.random() < 0.8)
        world = World(door, late_ms=chance.choice((0, 40)))
        story = [(chance.choice((0, 1, 300, 4000, 11_000)), chance.choice(HAPPENINGS)) for _ in range(20)]
        try:
            live(world, story)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {door} {story}") from error


doors = st.builds(
    DoorSettings,
    st.just("d"),
    st.integers(1000, 10_000),
    rex_releases=st.booleans(),
    has_contact=st.booleans(),
)
stories = st.lists(
    st.tuples(
        st.sampled_from((0, 100, 900, 9000, 31_000)) | st.integers(0, 12_000), st.sampled_from(HAPPENINGS)
    ),
    max_size=30,
)


@given(doors, st.integers(0, 100), stories)
@settings(max_examples=200, deadline=None)
def test_any_interleaving_ends_secured_and_keeps_the_law(
    door: DoorSettings, late_ms: int, story: list[tuple[int, str]]
) -> None:
    """The same with a search for the shortest story that breaks it."""
    live(World(door, late_ms=late_ms), story)


@given(doors, stories)
@settings(max_examples=200, deadline=None)
def test_stop_in_the_middle_of_anything_secures_unless_it_burns(
    door: DoorSettings, story: list[tuple[int, str]]
) -> None:
    world = World(door)
    for gap_ms, what in story:
        world.happen(gap_ms, what)
    world._perform(world.machine.stop())
    assert world.released is world.fire
    assert not world.timers
    assert world.machine.state in (DoorState.SECURED, DoorState.OPEN_SECURED) or world.fire
    assert sorted(world.outcomes) == list(range(1, world.seq + 1))
