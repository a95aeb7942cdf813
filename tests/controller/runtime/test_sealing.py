"""The record thread signs: after no more than a hundred events, when asked, when idle, at the stop. A door
whose log cannot be signed goes on.
"""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.proof.note import parse_checkpoint
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.chores import Chore
from controller.runtime.grants import PendingGrant
from controller.runtime.recorder import Recorder
from controller.runtime.sealing import Sealer
from tests.controller.journal.chain import checked_chain
from tests.waiting import until

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)


class House:
    """A recorder thread that signs; the test sets its clock."""

    def __init__(self, data: Path) -> None:
        self.data = data
        for name in ("journal", "keys/door", "keys/shared"):
            (data / name).mkdir(parents=True, exist_ok=True)
        self.file = data / "journal" / "journal.db"
        self.journal = Journal.open(self.file, "0" * 12)
        self.now = AT
        self.sealer = Sealer(
            self.journal, data / "keys", ZoneInfo("Asia/Tokyo"), lambda: self.now, self.change_state
        )
        self.state: dict[str, object] = {}
        self.released: list[int] = []
        self.chores: list[str] = []
        self.use(self.idle)

    def use(self, *idle: Chore) -> None:
        self.recorder = Recorder(
            self.journal, [self.woken], idle, lambda: self.now, lambda: self.now.mono_ms, self.sealer
        )
        self.thread = threading.Thread(target=self.recorder.run)

    def woken(self, journal: Journal) -> bool:
        self.chores.append("woken")
        return False

    def idle(self, journal: Journal) -> bool:
        self.chores.append("idle")
        return False

    def change_state(self, **changes: object) -> None:
        self.state |= changes

    def append(self, count: int = 1) -> None:
        for _ in range(count):
            self.recorder.record(Event(EventType.DOOR_OPENED, self.now, door="d"))

    def grant(self) -> PendingGrant:
        event = Event(EventType.ACCESS_GRANTED, self.now, door="d", direction="in")
        return PendingGrant(event, self.released.append, lambda: None)

    def stop(self) -> None:
        self.recorder.stop()
        if self.thread.ident is not None:
            self.thread.join(60)
        self.journal.close()

    def checkpoints(self) -> list[tuple[int, str]]:
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT note FROM checkpoints ORDER BY size").fetchall()
        output = [parse_checkpoint(row[0]) for row in rows]
        return [(one.size, one.extensions[-1].removeprefix("genkan-cause ")) for one in output]

    def newest(self) -> int:
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data")
    yield house
    house.stop()


def test_no_stretch_of_more_than_a_hundred_events_is_without_a_checkpoint(house: House) -> None:
    house.append(730)
    house.thread.start()
    until(lambda: house.newest() >= 731)
    house.stop()
    sizes = [size for size, _ in house.checkpoints()]
    assert max(b - a for a, b in zip([0, *sizes], sizes, strict=False)) <= 100
    assert sizes[-1] == house.newest() >= 731
    assert {cause for _, cause in house.checkpoints()} <= {"key", "events", "stop"}
    checked_chain(house.file.parent)


def test_grant_that_makes_the_hundred_full_is_released_before_the_signature(house: House) -> None:
    """What hinders the signature does not hinder the release."""
    house.sealer.keep_up(house.journal)
    house.append(SEAL_EVERY - 1)
    house.recorder.grant(house.grant())
    (house.data / "keys" / "door").rename(house.data / "keys" / "away")
    house.thread.start()
    until(lambda: house.released == [SEAL_EVERY])
    house.append()
    until(lambda: house.newest() == SEAL_EVERY + 1)
    assert house.checkpoints() == []
    (house.data / "keys" / "away").rename(house.data / "keys" / "door")
    house.now = replace(AT, mono_ms=AT.mono_ms + 60_000)
    until(lambda: house.checkpoints() == [(SEAL_EVERY + 2, "key")])


def test_door_that_cannot_sign_says_so_once_and_once_when_it_can_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    (house.data / "keys" / "door").rename(house.data / "keys" / "away")
    house.append(3)
    house.thread.start()
    until(lambda: house.chores.count("idle") >= 3)
    assert sum("is not signed" in line for line in caplog.messages) == 1
    assert house.newest() == 3
    (house.data / "keys" / "away").rename(house.data / "keys" / "door")
    house.now = replace(AT, mono_ms=AT.mono_ms + 60_000)
    until(house.checkpoints)
    until(lambda: sum("signed again" in line for line in caplog.messages) == 1)


def test_checkpoint_asked_for_is_signed_at_once(house: House) -> None:
    house.thread.start()
    until(house.checkpoints)
    house.append()
    until(lambda: house.newest() == 2)
    house.sealer.request()
    house.append()
    until(lambda: house.checkpoints()[-1] in ((2, "asked"), (3, "asked")))  # before either


def test_idle_door_signs_after_an_hour_of_its_own_time(house: House) -> None:
    house.thread.start()
    until(house.checkpoints)
    house.append()
    until(lambda: house.newest() == 2)
    house.now = replace(AT, mono_ms=AT.mono_ms + 3_600_000)
    until(lambda: house.checkpoints() == [(1, "key"), (2, "hour")])


def test_stop_signs_the_last_record_and_leaves_idle_chores_undone(house: House) -> None:
    """Asked to end during its chores, it skips an idle later one and does a woken one."""

    def ends(journal: Journal) -> bool:
        if house.checkpoints():  # the boot's key is in force
            house.chores.clear()
            house.append()
            house.recorder.wake()
            house.recorder.stop()
        return False

    house.use(ends, house.idle)
    house.thread.start()
    house.thread.join(60)
    assert house.chores == ["woken"]
    assert house.checkpoints()[-1] == (2, "stop")


def test_checkpoints_that_cannot_be_stored_hold_up_no_tap(house: House) -> None:
    with sqlite3.connect(house.file) as other:
        refuse = "BEGIN SELECT RAISE(ABORT, 'no'); END"
        other.execute(f"CREATE TRIGGER no_checkpoints BEFORE INSERT ON checkpoints {refuse}")
    house.append(SEAL_EVERY)
    house.recorder.grant(house.grant())
    house.thread.start()
    until(lambda: house.newest() > SEAL_EVERY)
    until(lambda: house.recorder.grant(house.grant()) or house.released)


def test_lost_key_is_told_to_the_pages_and_once_to_the_log_as_an_alarm(house: House) -> None:
    house.thread.start()
    until(lambda: house.state.get("log_key") == "ok")
    house.recorder.stop()
    house.thread.join(60)
    for file in (house.data / "keys" / "door").iterdir():
        file.unlink()
    for _ in range(2):
        sealer = Sealer(
            house.journal, house.data / "keys", ZoneInfo("Asia/Tokyo"), lambda: AT, house.change_state
        )
        until(lambda sealer=sealer: not sealer(house.journal) and house.state["log_key"] == "lost")
    with sqlite3.connect(f"file:{house.file}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT body FROM events WHERE type = 'log_key_problem'").fetchall()
    assert len(found) == 1
    assert '"alarm":1' in found[0][0] and '"cause":"lost"' in found[0][0]


_FRESH_PROCESS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.sealing import Sealer
data = Path(sys.argv[1])
at = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)
with Journal.open(data / "journal" / "journal.db", "0" * 12) as journal:
    journal.append([Event(EventType.HEARTBEAT, at)])
    sealer = Sealer(journal, data / "keys", UTC, lambda: at)
    sealer.request()
    sealer.keep_up(journal)
    ready = sealer.is_prepared  # it may be quick
    print("waits" if journal.unsealed or ready else "sealed")
    while journal.unsealed:
        sealer.keep_up(journal)
"""


@pytest.mark.process
def test_checkpoint_asked_for_does_not_hold_up_a_start_by_what_signs(tmp_path: Path) -> None:
    for name in ("journal", "keys/door", "keys/shared"):
        (tmp_path / name).mkdir(parents=True)
    program = [sys.executable, "-c", _FRESH_PROCESS, str(tmp_path)]
    output = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert (output.stdout.strip(), output.stderr) == ("waits", "")


_AFTER_A_POWER_FAILURE = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from controller.journal.append import Journal
from controller.journal.open_grants import close_open_grants
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.recorder import Recorder
from controller.runtime.sealing import Sealer
data = Path(sys.argv[1])
at = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)
slow, importers = threading.Event(), set()
class SlowDisk:
    def find_spec(self, name, path=None, target=None):
        if name == "controller.journal.seal":
            importers.add(threading.current_thread().name)
            if threading.current_thread() is not threading.main_thread():
                slow.wait()
sys.meta_path.insert(0, SlowDisk())
with Journal.open(data / "journal" / "journal.db", "0" * 12) as journal:
    left = 150
    journal.append([Event(EventType.ACCESS_GRANTED, at, door="d", direction="in")] * left)
    journal.writing.sealed = journal.newest_seq  # a checkpoint covers them
    sealer = Sealer(journal, data / "keys", UTC, lambda: at)
    chore = lambda journal: close_open_grants(journal, left, at)
    record = Recorder(journal, [], [chore], lambda: at, lambda: 10_000, sealer)
    for _ in range(20):
        record.turn(wait=False)
    print(journal.unsealed, *importers)
    slow.set()
    while journal.newest_seq < 2 * left:
        record.turn(wait=False)
    print(*importers)
"""


@pytest.mark.process
def test_closing_what_was_left_open_waits_for_what_signs_and_taps_do_not(tmp_path: Path) -> None:
    for name in ("journal", "keys/door", "keys/shared"):
        (tmp_path / name).mkdir(parents=True)
    program = [sys.executable, "-c", _AFTER_A_POWER_FAILURE, str(tmp_path)]
    output = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert (output.stdout.splitlines(), output.stderr) == (["0 signing", "signing"], "")
