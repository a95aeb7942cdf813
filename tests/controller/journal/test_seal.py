"""Keys and checkpoints over boots, days, losses, and a power cut at every step of them."""

import os
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from controller.errors import CannotSeal
from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.proof.note import VerifierKey, parse_checkpoint
from controller.journal.query import JournalReader
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.moment import ClockState, Moment
from tests.controller.journal.chain import checked_chain, key_bodies, key_in_force
from tests.controller.journal.samples import forge, grant

ZONE = ZoneInfo("Asia/Tokyo")
START = Moment(datetime(2026, 11, 24, 6, tzinfo=UTC), 1_000_000, "a" * 32, ClockState.TRUSTED)
BOOT_2 = replace(START, boot="b" * 32, mono_ms=5_000)
BOOT_3 = replace(START, boot="c" * 32, mono_ms=6_000)


def later(now: Moment, **by: float) -> Moment:
    delta = timedelta(**by)
    return replace(now, utc=now.utc + delta, mono_ms=now.mono_ms + int(delta.total_seconds() * 1000))


class Log:
    """One data folder: its journal and its keys."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = data / "journal"
        for name in ("journal", "keys/door", "keys/shared"):
            (data / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def open(self) -> Iterator[tuple[Journal, Sealing]]:
        with Journal.open(self.folder / "journal.db", "config-1") as journal:
            yield journal, Sealing(journal, self.data / "keys", ZONE)

    @property
    def private(self) -> list[str]:
        return sorted(file.name for file in (self.data / "keys" / "door").iterdir())

    @property
    def vkey(self) -> str:
        return (self.data / "keys" / "shared" / "log.vkey").read_text().strip()

    def checkpoints(self) -> list[tuple[int, str]]:
        with JournalReader(self.folder / "journal.db") as reader, reader.snapshot() as connection:
            notes = [row[0] for row in connection.execute("SELECT note FROM checkpoints ORDER BY size")]
        parsed = [parse_checkpoint(note) for note in notes]
        return [(one.size, one.extensions[-1].removeprefix("genkan-cause ")) for one in parsed]

    def causes(self) -> list[str | None]:
        return [key.get("cause") for key in key_bodies(self.folder)]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "data")


def settle(sealing: Sealing, now: Moment) -> None:
    """What the record thread does in idle time."""
    while sealing.step(now):
        pass


def test_new_log_begins_with_its_first_key_and_a_checkpoint(log: Log) -> None:
    with log.open() as (journal, sealing):
        vkey = sealing.start_log(START)
        assert sealing.start_log(later(START, hours=2)) == vkey == log.vkey
        assert journal.newest_seq == 1 and journal.unsealed == 0
    (body,) = key_bodies(log.folder)
    assert (body["seq"], body["type"], body["key"], body["key_number"]) == (1, "log_started", vkey, 1)
    key = VerifierKey.parse(vkey)
    assert body["origin"] == key.name and len(bytes.fromhex(key.name.removeprefix("genkan/"))) == 16
    assert log.private == [f"log-1-{key.id.hex()}.key"]
    assert stat.S_IMODE((log.data / "keys" / "door" / log.private[0]).stat().st_mode) == 0o600
    assert stat.S_IMODE((log.data / "keys" / "shared" / "log.vkey").stat().st_mode) == 0o644
    assert checked_chain(log.folder) == [(1, 1)] and log.checkpoints() == [(1, "key")]


def test_checkpoint_says_when_where_and_why(log: Log) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
        sealing.seal(replace(later(START, minutes=1), clock=ClockState.HOLDOVER), CheckpointCause.REQUESTED)
    with JournalReader(log.folder / "journal.db") as reader:
        note = parse_checkpoint(str(reader.newest_checkpoint()))
    assert note.extensions == (
        "genkan-key 1",
        "genkan-time 2026-11-24T06:01:00.000Z holdover",
        f"genkan-boot {'a' * 32} 1060000",
        "genkan-cause asked",
    )


def test_log_of_an_older_genkan_is_covered_as_a_whole_at_the_first_start(log: Log) -> None:
    with log.open() as (journal, _):
        journal.append([grant(i) for i in range(300)])
    with log.open() as (journal, sealing):
        assert sealing.due(START) is CheckpointCause.EVENTS
        settle(sealing, START)
    assert checked_chain(log.folder) == [(301, 1)]
    assert key_bodies(log.folder)[0]["seq"] == 301


def test_key_is_replaced_at_each_boot_and_not_at_a_service_restart(log: Log) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
    for now, number in ((later(START, hours=3), 1), (BOOT_2, 2), (later(BOOT_2, hours=1), 2), (BOOT_3, 3)):
        with log.open() as (journal, sealing):
            settle(sealing, now)
            sealing.seal(now, CheckpointCause.STOP)
            assert [name.split("-")[1] for name in log.private] == [str(number)]
    assert log.causes() == [None, "boot", "boot"]
    assert checked_chain(log.folder)


def test_key_is_replaced_after_a_day_of_the_machines_time_regardless_of_the_wall_clock(log: Log) -> None:
    with log.open() as (_, sealing):
        sealing.start_log(START)
        settle(sealing, replace(START, utc=START.utc + timedelta(days=40)))
        assert log.causes() == [None]
        settle(sealing, replace(later(START, hours=23, minutes=59)))
        assert log.causes() == [None]
        settle(sealing, replace(later(START, hours=24), utc=START.utc))
        settle(sealing, replace(later(START, hours=24), utc=START.utc))
        assert log.causes() == [None, "day"]
    assert checked_chain(log.folder) == [(1, 1), (2, 1)]


def test_checkpoint_is_due_after_a_hundred_events_an_hour_and_a_month(log: Log) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        assert sealing.due(later(START, hours=9)) is None  # nothing to cover
        assert journal.batch_limit == SEAL_EVERY
        journal.append([grant(i) for i in range(SEAL_EVERY - 1)])
        assert sealing.due(START) is None and journal.batch_limit == 1
        journal.append([grant()])
        assert sealing.due(START) is CheckpointCause.EVENTS
        sealing.seal(START, CheckpointCause.EVENTS)
        assert journal.batch_limit == SEAL_EVERY
        journal.append([grant()])
        assert sealing.due(later(START, minutes=59)) is None
        assert sealing.due(later(START, minutes=60)) is CheckpointCause.HOUR
        month = replace(START, utc=datetime(2026, 11, 30, 15, tzinfo=UTC))  # December in Tokyo
        assert sealing.due(replace(month, utc=month.utc - timedelta(seconds=1))) is None
        assert sealing.due(replace(month, clock=ClockState.UNTRUSTED)) is None
        assert sealing.due(month) is CheckpointCause.MONTH
        sealing.seal(month, CheckpointCause.MONTH)
        journal.append([grant()])
        assert sealing.due(month) is None
    with log.open() as (journal, sealing):  # it knows from the checkpoint, after a restart too
        assert sealing.due(later(month, minutes=59)) is None
        assert sealing.due(later(month, minutes=60)) is CheckpointCause.HOUR
    assert log.checkpoints() == [(1, "key"), (SEAL_EVERY + 1, "events"), (SEAL_EVERY + 2, "month")]


def test_sealing_what_is_covered_already_signs_nothing(log: Log) -> None:
    with log.open() as (_, sealing):
        sealing.start_log(START)
        sealing.seal(later(START, hours=1), CheckpointCause.STOP)
    assert log.checkpoints() == [(1, "key")]


def test_lost_key_is_reported_and_the_new_one_signs_for_itself(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
    (log.data / "keys" / "door" / log.private[0]).unlink()
    with log.open() as (_, sealing):
        settle(sealing, START)
    assert "key 1 is gone" in caplog.text
    assert log.causes() == [None, "lost"]
    assert checked_chain(log.folder) == [(1, 1), (3, 2)]
    assert [name.split("-")[1] for name in log.private] == ["2"]


def test_lost_key_is_trouble_until_the_next_one_is_in_force(log: Log) -> None:
    with log.open() as (_, sealing):
        sealing.start_log(START)
        assert sealing.key_problem is None
    (log.data / "keys" / "door" / log.private[0]).unlink()
    with log.open() as (_, sealing):
        settle(sealing, START)
        assert sealing.key_problem is not None
        assert (sealing.key_problem["cause"], sealing.key_problem["key_number"]) == ("lost", 2)
        settle(sealing, BOOT_2)
        assert sealing.key_problem is None


def test_foreign_log_is_reported_and_gets_no_key_that_was_quietly_called_lost(
    log: Log, tmp_path: Path
) -> None:
    with log.open() as (_, sealing):
        sealing.start_log(START)
    own = log.vkey
    other = Log(tmp_path / "other")
    with other.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
    (other.folder / "journal.db").rename(log.folder / "journal.db")
    with log.open() as (journal, sealing):
        for act in (lambda: settle(sealing, START), lambda: sealing.seal(START, CheckpointCause.REQUESTED)):
            with pytest.raises(CannotSeal, match="names another log"):
                act()
        assert sealing.key_problem == {"cause": "foreign", "origin": own.partition("+")[0], "key_number": 1}
        assert journal.newest_seq == 2
    assert log.causes() == [None]
    assert log.vkey == own


def test_log_begun_again_beside_the_key_of_another_is_foreign(log: Log) -> None:
    with log.open() as (_, sealing):
        sealing.start_log(START)
    (log.folder / "journal.db").unlink()
    with log.open() as (_, sealing):
        settle(sealing, START)
        assert sealing.key_problem is not None and sealing.key_problem["cause"] == "foreign"


@pytest.mark.parametrize("content", [b"", b"short", bytes(32)])
def test_damaged_key_is_a_lost_one(log: Log, content: bytes) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
    (log.data / "keys" / "door" / log.private[0]).write_bytes(content)
    with log.open() as (_, sealing):
        with pytest.raises(CannotSeal, match="was damaged"):
            sealing.seal(START, CheckpointCause.REQUESTED)
        sealing.seal(START, CheckpointCause.REQUESTED)
    assert log.causes() == [None, "lost"] and checked_chain(log.folder)


def test_folder_without_permission_signs_nothing_and_records_nothing(log: Log) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
        (log.data / "keys" / "door").rename(log.data / "keys" / "away")
        for act in (lambda: sealing.seal(START, CheckpointCause.STOP), lambda: sealing.step(BOOT_2)):
            with pytest.raises(CannotSeal, match="cannot be used"):
                act()
        assert (journal.newest_seq, journal.unsealed) == (2, 1)
        (log.data / "keys" / "away").rename(log.data / "keys" / "door")
        sealing.seal(START, CheckpointCause.STOP)
    assert log.causes() == [None] and checked_chain(log.folder) == [(1, 1), (2, 1)]


def test_log_with_a_hole_is_not_signed(log: Log) -> None:
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant(i) for i in range(5)])
    forge(log.folder, ("DELETE FROM events WHERE seq = 3", ()))
    with log.open() as (_, sealing), pytest.raises(CannotSeal, match="missing"):
        sealing.seal(START, CheckpointCause.STOP)


def test_restored_log_goes_on_under_a_new_origin_that_names_what_was_restored(log: Log) -> None:
    with log.open() as (journal, sealing):
        first = sealing.start_log(START)
        journal.append([grant(i) for i in range(5)])
    with log.open() as (journal, sealing):
        vkey = sealing.restart_log(BOOT_2)
        assert vkey == log.vkey != first
        settle(sealing, BOOT_2)
        assert journal.newest_seq == 7 and journal.unsealed == 0
    started, restored = key_bodies(log.folder)
    assert restored["type"] == "log_restored" and restored["seq"] == 7 and restored["key_number"] == 1
    assert (restored["restored_origin"], restored["restored_size"]) == (started["origin"], 6)
    assert restored["origin"] != started["origin"]
    assert checked_chain(log.folder) == [(1, 1), (7, 1)]
    assert log.private == [str(key_in_force(log.folder))]


# A power cut at every step: of each file operation and each statement that changes the journal.


class PowerCut(BaseException):
    """Nothing of ours may catch it."""


class Steps:
    """Counts what reaches the disk, and cuts before and after the wanted one."""

    def __init__(self, cut_at: int | None, cut: Callable[[], None]) -> None:
        self.count = 0
        self._cut_at = cut_at
        self._cut = cut

    def tick(self) -> None:
        if self.count == self._cut_at:
            self.count += 1
            self._cut()
        self.count += 1

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **named: Any) -> Any:
            self.tick()
            result = act(*arguments, **named)
            self.tick()
            return result

        return stepped

    @contextmanager
    def watching(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        steps = self

        class Stepping(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # type: ignore[override]
                if sql.startswith(("INSERT", "BEGIN", "COMMIT")):
                    return steps.around(super().execute)(sql, *values)  # type: ignore[no-any-return]
                return super().execute(sql, *values)

        connect = sqlite3.connect
        with patch.context() as patched:
            patched.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=Stepping, **k))
            for name in ("open", "write", "fsync"):
                patched.setattr(os, name, self.around(getattr(os, name)))
            for name in ("unlink", "replace", "write_text"):
                patched.setattr(Path, name, self.around(getattr(Path, name)))
            yield


def story(log: Log) -> None:
    """A new log, a boot with its key, a day with its key."""
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        journal.append([grant()])
    with log.open() as (journal, sealing):
        settle(sealing, BOOT_2)
        journal.append([grant()])
        day = later(BOOT_2, hours=24)
        settle(sealing, day)
        journal.append([grant()])
        sealing.seal(day, CheckpointCause.STOP)


def assert_sound_and_recovers(log: Log, at: int) -> None:
    file = log.folder / "journal.db"
    if file.exists():
        Journal.open(file, "config-1").close()  # a door that is not there leaves a WAL; put it in order
        named = key_in_force(log.folder)
        assert named is None or named in log.private, f"cut at {at}: the key in force is gone"
        checked_chain(log.folder)
    with log.open() as (journal, sealing):
        settle(sealing, BOOT_3)
        journal.append([grant()])
        sealing.seal(BOOT_3, CheckpointCause.STOP)
        assert journal.unsealed == 0
    assert checked_chain(log.folder)
    assert "lost" not in log.causes(), f"cut at {at}"
    assert log.private == [key_in_force(log.folder)], f"cut at {at}: no other key may be left"


def cut() -> None:
    raise PowerCut


def test_power_cut_at_any_step_is_never_tampering_and_leaves_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(None, cut)
    with steps.watching(monkeypatch):
        story(Log(tmp_path / "whole"))
    assert steps.count >= 90
    for at in range(steps.count):
        log = Log(tmp_path / str(at))
        cutting = Steps(at, cut)
        with cutting.watching(monkeypatch), pytest.raises(PowerCut):
            story(log)
        assert_sound_and_recovers(log, at)


def test_recovery_that_is_cut_off_again_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every seventh step of the story, then every fifth of what puts it in order."""
    for at in range(20, 90, 7):
        log = Log(tmp_path / str(at))
        with Steps(at, cut).watching(monkeypatch), pytest.raises(PowerCut):
            story(log)
        for again in range(0, 60, 5):
            try:
                with Steps(again, cut).watching(monkeypatch), log.open() as (_, sealing):
                    settle(sealing, BOOT_3)
                break
            except PowerCut:
                pass
        assert_sound_and_recovers(log, at)


@pytest.mark.process
def test_process_killed_at_a_step_of_the_key_change_is_put_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(5, 90, 12):
        log = Log(tmp_path / str(at))
        child = os.fork()
        if child == 0:
            with Steps(at, lambda: os.kill(os.getpid(), signal.SIGKILL)).watching(monkeypatch):
                story(log)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL, at
        assert_sound_and_recovers(log, at)


def test_key_whose_private_file_is_gone_before_it_was_covered_is_superseded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(tmp_path / "data")
    with log.open() as (journal, sealing):
        sealing.start_log(START)
        assert sealing.step(BOOT_2)  # the new key is recorded, not covered
        first, second = log.private
        (log.data / "keys" / "door" / second).unlink()
        journal.append([grant()])
    with log.open() as (_, sealing):
        sealing.seal(BOOT_2, CheckpointCause.EVENTS)
    assert log.causes() == [None, "boot", "boot"]
    assert checked_chain(log.folder) == [(1, 1), (4, 1)]
    assert first not in log.private and log.private == [key_in_force(log.folder)]
