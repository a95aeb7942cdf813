"""What a moved wall clock does to a door: nothing to timers, badges, the order of the log or its proof."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.model.signals import ReleaseRequested
from controller.registry import badges as rows
from controller.runtime.clock import Clock, wall
from controller.services.people import badges
from controller.services.site import Site
from deploy.verify import genkan_verify
from tests.controller.journal.years import TOKYO, years
from tests.controller.runtime.test_drive import RELEASE_MS, Stage
from tests.controller.site import BADGE, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded
from tests.waiting import until

DAY, YEAR = timedelta(days=1), timedelta(days=365)
TRUE = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
# What a clock shows at a start without battery and network, measured from the true time.
WAKES = [
    datetime(1970, 1, 1, tzinfo=UTC) - TRUE,
    datetime(2016, 1, 1, tzinfo=UTC) - TRUE,
    10 * YEAR,
]
JUMPS = [timedelta(seconds=1), timedelta(hours=1), DAY, 10 * YEAR]
BACK = [timedelta(minutes=1), timedelta(hours=1), DAY, 30 * DAY, YEAR]


@dataclass
class Device:
    """A door's clock and its log; true time is what the test says."""

    journal: Journal
    true: datetime = TRUE
    wrong: timedelta = timedelta(0)
    synchronised: bool = False
    boot: int = 0

    def start(self, wrong: timedelta = timedelta(0)) -> list[int]:
        """Another boot, with a clock that shows the time wrong by so much."""
        self.boot += 1
        self.began = self.true - timedelta(seconds=30)
        self.wrong, self.synchronised = wrong, False
        self.clock = Clock(
            self.journal.newest_trusted_utc(),
            lambda: self.synchronised,
            self.journal.newest_synchronised_utc(),
        )
        self.clock.boot = f"{self.boot:032x}"
        return self.record(EventType.SERVICE_STARTED)

    def now(self) -> Moment:
        return self.clock.judge(
            self.true + self.wrong, round((self.true - self.began).total_seconds() * 1000)
        )

    def tick(self) -> list[EventType]:
        """As the door does 20 times a second."""
        now = self.now()
        moved, corrected = self.clock.moved(now.utc, now.mono_ms), self.clock.correction()
        records = []
        if moved is not None:
            records.append(EventType.CLOCK_SET_BACK if moved < timedelta(0) else EventType.CLOCK_JUMPED)
        if corrected is not None:
            records.append(EventType.CLOCK_CORRECTED)
        for type in records:
            self.journal.append([Event(type, now, codes={"moved_ms": 0})])
        return records

    def record(self, type: EventType = EventType.HEARTBEAT, count: int = 1) -> list[int]:
        seqs = []
        for _ in range(count):
            self.true += timedelta(seconds=7)
            self.tick()
            seqs += self.journal.append([Event(type, self.now())])
        return seqs

    def synchronise(self) -> None:
        """The time daemon has found the true time, and the door asks the kernel once a minute."""
        self.wrong, self.synchronised = timedelta(0), True
        self.tick()
        self.clock.synchronised = True
        self.record()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    (tmp_path / "journal").mkdir()
    with Journal.open(tmp_path / "journal" / "journal.db", "config-1") as journal:
        yield Device(journal)


def log_lines(folder: Path) -> list[dict[str, object]]:
    with JournalReader(folder / "journal" / "journal.db") as reader:
        return list(lines(reader, 0))


@pytest.mark.parametrize("is_right", [False, True], ids=["first-start", "with-a-log"])
@pytest.mark.parametrize("wrong", WAKES, ids=["1970", "2016", "ten-years-ahead"])
def test_start_without_a_clock_is_marked_and_rebuilt_to_the_second_after_synchronisation(
    device: Device, tmp_path: Path, wrong: timedelta, is_right: bool
) -> None:
    if is_right:
        device.start()
        device.synchronise()
    seqs = device.start(wrong)
    first = device.true
    seqs += device.record(count=40)
    before = {line["seq"]: line for line in log_lines(tmp_path)}
    assert all(before[seq]["resolved_utc"] is None for seq in seqs)
    assert all(before[seq]["clock"] != "trusted" for seq in seqs)
    device.synchronise()
    after = {line["seq"]: line for line in log_lines(tmp_path)}
    for i, seq in enumerate(seqs):
        found = datetime.fromisoformat(str(after[seq]["resolved_utc"]))
        assert abs(found - (first + i * timedelta(seconds=7))) <= timedelta(seconds=1)
        assert after[seq]["utc"] == before[seq]["utc"]  # the record itself stays what it was
    assert after[max(after)]["clock"] == "trusted"
    assert device.now().judged_utc == device.true


def test_wrong_time_that_was_corrected_is_not_believed_again_at_the_next_start(device: Device) -> None:
    device.start(10 * YEAR)
    device.record(count=3)
    assert device.journal.newest_trusted_utc() > TRUE + 9 * YEAR  # type: ignore[operator]
    device.synchronise()
    assert device.journal.newest_trusted_utc() == device.journal.newest_synchronised_utc()
    device.start()
    assert device.now().clock is ClockState.HOLDOVER
    assert device.now().judged_utc == device.true


@pytest.mark.parametrize("pulses", [8, pytest.param(125, marks=pytest.mark.long)])
@pytest.mark.parametrize("jump", [jump * way for jump in JUMPS for way in (1, -1)], ids=str)
def test_pulses_last_as_long_as_ever_however_the_wall_clock_jumps(jump: timedelta, pulses: int) -> None:
    """In the long run a thousand, over eight jumps; within 25 ms of their length at both ends."""
    stage = Stage()
    stage.drive._clock.wall = lambda: wall() + jumped[0]
    jumped = [timedelta(0)]
    stage.start()
    try:
        for number in range(pulses):
            stage.send(ReleaseRequested("d", number))
            jumped[0] += jump if number % 2 == 0 else -jump
            stage.mono_ms += RELEASE_MS - 25
            stage.pass_time(0)
            assert stage.level == 1
            stage.mono_ms += 50
            stage.pass_time(0)
            until(lambda: stage.level == 0)
    finally:
        stage.stop()


def test_clock_set_back_revives_no_expired_badge_and_is_reported(site: Site) -> None:
    """100 taps of a badge that expired a second ago, by 1 minute to 1 year."""
    badge = admit(site)
    with running_door(site) as door:
        clock, wall = door.service.clock, door.service.clock.wall
        clock.read_synchronised, clock.synchronised = (lambda: False), False
        door.present("entrance-in")
        door.wait_for("access_granted")
        with unrecorded(site.registry) as db:
            row = rows.badge(db, badge)
            assert row is not None
            rows.change_badge(db, replace(row, valid_until=wall() - timedelta(seconds=1)))
        denied = 0
        for number, back in enumerate(BACK, 1):
            clock.wall = lambda back=back: wall() - back
            assert door.wait_for("clock_set_back", count=number)[-1]["clock"] == "untrusted"
            for _ in range(20):
                door.present("entrance-in")
            denied += 20
            records = door.wait_for("access_denied", count=denied)
            assert {line["reason"] for line in records} == {"credential_expired"}
            clock.wall = wall
            door.wait_for("clock_jumped", count=number)
        assert len(door.log("access_granted")) == 1
        assert door.service.clock.now().clock is ClockState.HOLDOVER
        found = badges.find_by_number(site.acting(MACHINE), BADGE.hex)
        assert found.status == "active"  # it is only the time that refuses it


@pytest.mark.parametrize("back", BACK, ids=str)
def test_even_a_synchronised_clock_goes_behind_no_synchronised_record(
    device: Device, back: timedelta
) -> None:
    device.start()
    device.synchronise()
    newest = device.true
    device.wrong = -back
    assert device.tick() == [EventType.CLOCK_SET_BACK]
    for _ in range(100):
        moment = device.now()
        assert moment.clock is ClockState.UNTRUSTED
        assert moment.judged_utc >= newest


def test_order_of_the_log_is_that_of_its_numbers_regardless_of_the_times(
    device: Device, tmp_path: Path
) -> None:
    device.start()
    device.synchronise()
    seqs = []
    for back in (*BACK, *JUMPS):
        device.wrong = -back
        seqs += device.record(count=2)
        device.wrong = timedelta(0)
        seqs += device.record()
    records = log_lines(tmp_path)
    assert [line["seq"] for line in records] == sorted(line["seq"] for line in records)  # type: ignore[type-var]
    times = [str(line["utc"]) for line in records]
    assert times != sorted(times)
    untrusted = [line["seq"] for line in records if line["clock"] == "untrusted" and line["seq"] in seqs]
    assert len(untrusted) == 2 * len(BACK) + 2 * (len(JUMPS) - 1)  # a second is what a time daemon does


def test_fifty_keys_under_a_moving_clock_and_the_verifier_finds_nothing_wrong(tmp_path: Path) -> None:
    with years(tmp_path) as site:
        device, sealing = Device(site.journal), Sealing(site.journal, tmp_path / "keys", TOKYO)
        device.start()
        sealing.start_log(device.now())
        moves = [*(-back for back in BACK), *JUMPS, *(-jump for jump in JUMPS)]
        for epoch in range(50):
            if epoch % 3 == 2:
                device.true += timedelta(hours=25)  # a day in one boot
            else:
                device.start(WAKES[epoch % 3] if epoch % 2 else timedelta(0))
            device.record(count=3)
            device.wrong = moves[epoch % len(moves)]
            device.record(count=3)
            while sealing.step(device.now()):
                pass
            cause = sealing.due(device.now())
            if cause is not None:
                sealing.seal(device.now(), cause)
            device.record(count=2)
            if epoch % 4:
                device.synchronise()
            sealing.seal(device.now(), CheckpointCause.REQUESTED)
        keys = [line for line in log_lines(tmp_path) if str(line["type"]).startswith("log_")]
        assert len(keys) >= 50
        verdict = genkan_verify.answer(data=tmp_path)
        assert verdict.code == 0, verdict


def test_clock_set_back_by_just_the_leap_and_corrected_again_has_not_leapt() -> None:
    """Between two readings a slow machine lets time pass: an hour back and again is an hour and a bit."""
    at, hour, bit = wall(), timedelta(hours=1), timedelta(milliseconds=2)
    clock = Clock(read_synchronised=lambda: False, wall=lambda: at)
    for ms, off in ((0, timedelta(0)), (1000, -hour), (2000, bit)):
        moment = at + off + timedelta(milliseconds=ms)
        clock.judge(moment, ms)
        clock.moved(moment, ms)
    assert clock.judge(at + bit + timedelta(seconds=3), 3000).clock is ClockState.HOLDOVER


@pytest.mark.parametrize("synchronised", [False, True])
def test_offset_of_an_hour_is_an_alarm_and_followed_only_if_the_kernel_vouches_for_it(
    tmp_path: Path, synchronised: bool
) -> None:
    """As a forged time server, or a person with `date`, would set the clock."""
    with make_site(tmp_path / "data", clock=StepClock()) as site, running_door(site) as door:
        door.pass_time(1)
        clock, wall = door.service.clock, door.service.clock.wall
        clock.read_synchronised, clock.synchronised = (lambda: synchronised), synchronised
        began = clock.now().utc
        clock.wall = lambda: wall() + timedelta(hours=1)
        door.pass_time(1)
        (leapt,) = door.log("clock_leapt")
        assert leapt["alarm"] == 1 and leapt["moved_ms"] == 3_600_000
        now = clock.now()
        assert now.clock is (ClockState.TRUSTED if synchronised else ClockState.UNTRUSTED)
        if not synchronised:
            assert now.not_before is not None and now.not_before - began < timedelta(seconds=10)
        clock.wall = wall
        door.pass_time(1)
        assert len(door.log("clock_leapt")) == 1 and len(door.log("clock_set_back")) == 1
