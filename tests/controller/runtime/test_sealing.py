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


class SiteRig:
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
def site(tmp_path: Path) -> Iterator[SiteRig]:
    site = SiteRig(tmp_path / "data")
    yield site
    site.stop()


def test_no_stretch_of_more_than_a_hundred_events_is_without_a_checkpoint(site: SiteRig) -> None:
    site.append(730)
    site.thread.start()
    until(lambda: site.newest() >= 731)
    site.stop()
    sizes = [size for size, _ in site.checkpoints()]
    assert max(b - a for a, b in zip([0, *sizes], sizes, strict=False)) <= 100
    assert sizes[-1] == site.newest() >= 731
    assert {cause for _, cause in site.checkpoints()} <= {"key", "events", "stop"}
    checked_chain(site.file.parent)


def test_grant_that_makes_the_hundred_full_is_released_before_the_signature(site: SiteRig) -> None:
    """What hinders the signature does not hinder the release."""
    site.sealer.keep_up(site.journal)
    site.append(SEAL_EVERY - 1)
    site.recorder.grant(site.grant())
    (site.data / "keys" / "door").rename(site.data / "keys" / "away")
    site.thread.start()
    until(lambda: site.released == [SEAL_EVERY])
    site.append()
    until(lambda: site.newest() == SEAL_EVERY + 1)
    assert site.checkpoints() == []
    (site.data / "keys" / "away").rename(site.data / "keys" / "door")
    site.now = replace(AT, mono_ms=AT.mono_ms + 60_000)
    until(lambda: site.checkpoints() == [(SEAL_EVERY + 2, "key")])


def test_door_that_cannot_sign_says_so_once_and_once_when_it_can_again(
    site: SiteRig, caplog: pytest.LogCaptureFixture
) -> None:
    (site.data / "keys" / "door").rename(site.data / "keys" / "away")
    site.append(3)
    site.thread.start()
    until(lambda: site.chores.count("idle") >= 3)
    assert sum("is not signed" in line for line in caplog.messages) == 1
    assert site.newest() == 3
    (site.data / "keys" / "away").rename(site.data / "keys" / "door")
    site.now = replace(AT, mono_ms=AT.mono_ms + 60_000)
    until(site.checkpoints)
    until(lambda: sum("signed again" in line for line in caplog.messages) == 1)


def test_checkpoint_asked_for_is_signed_immediately(site: SiteRig) -> None:
    site.thread.start()
    until(site.checkpoints)
    site.append()
    until(lambda: site.newest() == 2)
    site.sealer.request()
    site.append()
    until(lambda: site.checkpoints()[-1] in ((2, "asked"), (3, "asked")))  # before either


def test_idle_door_signs_after_an_hour_of_its_own_time(site: SiteRig) -> None:
    site.thread.start()
    until(site.checkpoints)
    site.append()
    until(lambda: site.newest() == 2)
    site.now = replace(AT, mono_ms=AT.mono_ms + 3_600_000)
    until(lambda: site.checkpoints() == [(1, "key"), (2, "hour")])


def test_stop_signs_the_last_record_and_leaves_idle_chores_undone(site: SiteRig) -> None:
    """Asked to end during its chores, it skips an idle later one and does a woken one."""

    def ends(journal: Journal) -> bool:
        if site.checkpoints():  # the boot's key is in force
            site.chores.clear()
            site.append()
            site.recorder.wake()
            site.recorder.stop()
        return False

    site.use(ends, site.idle)
    site.thread.start()
    site.thread.join(60)
    assert site.chores == ["woken"]
    assert site.checkpoints()[-1] == (2, "stop")


def test_checkpoints_that_cannot_be_stored_hold_up_no_tap(site: SiteRig) -> None:
    with sqlite3.connect(site.file) as other:
        refuse = "BEGIN SELECT RAISE(ABORT, 'no'); END"
        other.execute(f"CREATE TRIGGER no_checkpoints BEFORE INSERT ON checkpoints {refuse}")
    site.append(SEAL_EVERY)
    site.recorder.grant(site.grant())
    site.thread.start()
    until(lambda: site.newest() > SEAL_EVERY)
    until(lambda: site.recorder.grant(site.grant()) or site.released)


def test_lost_key_is_reported_to_the_pages_and_once_to_the_log_as_an_alarm(site: SiteRig) -> None:
    site.thread.start()
    until(lambda: site.state.get("log_key") == "ok")
    site.recorder.stop()
    site.thread.join(60)
    for file in (site.data / "keys" / "door").iterdir():
        file.unlink()
    for _ in range(2):
        sealer = Sealer(
            site.journal, site.data / "keys", ZoneInfo("Asia/Tokyo"), lambda: AT, site.change_state
        )
        until(lambda sealer=sealer: not sealer(site.journal) and site.state["log_key"] == "lost")
    with sqlite3.connect(f"file:{site.file}?mode=ro", uri=True) as connection:
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
