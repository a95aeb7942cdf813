"""Faults E4: whatever comes in whatever order, the door ends secured and never releases without a reason."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decision.door_machine import RELEASE, DoorMachine, DoorSettings, DoorState
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
    ReleaseRequested,
    RexEnded,
    RexPressed,
    TimerExpired,
)

HAPPENINGS = ("grant", "order", "leaf", "rex", "rex ended", "fire", "stray timer", "repeat")


@dataclass
class World:
    """A drive thread, a lock and a leaf around one machine; checks the law after every signal."""

    settings: DoorSettings
    late_ms: int = 0
    now: int = 0
    released: bool = False
    leaf_open: bool = False
    fire: bool = False
    timer_at: int | None = None
    allowed_until: int = 0  # last request + release time
    kept_until: int = 0  # the same, until a passage after the last request has used it up
    passage: bool = False
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
                self._tell(ReleaseRequested("d", self.seq if what == "grant" else None))
            case "leaf" if self.settings.has_contact:
                self.leaf_open = not self.leaf_open
                self.passage = self.passage or self.leaf_open
                if not self.leaf_open and self.passage:
                    self.kept_until = 0
                self._tell(DoorOpened("d") if self.leaf_open else DoorClosed("d"))
            case "rex":
                if self.settings.rex_releases:
                    self._requested()
                self._tell(RexPressed("d"))
            case "rex ended":
                self._tell(RexEnded("d"))
            case "fire":
                self.fire = not self.fire
                self._tell(FireStarted() if self.fire else FireEnded())
            case "stray timer":
                self._tell(TimerExpired("d", RELEASE))
            case "repeat" if self.settings.has_contact:
                self._tell(DoorOpened("d") if self.leaf_open else DoorClosed("d"))

    def end(self) -> None:
        if self.fire:
            self.happen(0, "fire")
        self._pass(self.now + 100_000)
        assert not self.released
        assert sorted(self.outcomes) == list(range(1, self.seq + 1))
        assert self.locks == self.lock_records

    def _requested(self) -> None:
        self.allowed_until = self.kept_until = self.now + self.settings.release_ms
        self.passage = False

    def _pass(self, until: int) -> None:
        while self.timer_at is not None and self.timer_at + self.late_ms <= until:
            self.now, self.timer_at = max(self.now, self.timer_at + self.late_ms), None
            self._tell(TimerExpired("d", RELEASE))
        self.now = until

    def _tell(self, signal: DoorSignal) -> None:
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
                case StartTimer(at_ms=at_ms):
                    self.timer_at = at_ms
                case StopTimer():
                    self.timer_at = None
                case RecordDoorEvent(type=EventType.ACCESS_OUTCOME, of=of):
                    assert of is not None
                    self.outcomes.append(of)
                case RecordDoorEvent(type=EventType.LOCK_RELEASED | EventType.LOCK_SECURED):
                    self.lock_records += 1

    def _check(self) -> None:
        assert self.released is (self.machine.state in (DoorState.RELEASED, DoorState.OPEN))
        if self.fire:
            assert self.released, "fire overrides all"
            return
        if self.released:
            assert self.now < self.allowed_until + self.late_ms, (
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
        story = [(chance.choice((0, 1, 300, 4000)), chance.choice(HAPPENINGS)) for _ in range(20)]
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
stories = st.lists(st.tuples(st.integers(0, 12_000), st.sampled_from(HAPPENINGS)), max_size=30)


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
    assert world.timer_at is None
    assert sorted(world.outcomes) == list(range(1, world.seq + 1))
