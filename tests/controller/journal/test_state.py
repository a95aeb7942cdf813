"""What the door says of itself when the log cannot be written."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from controller.journal.state import NAME, SIZE, ServiceState, StateFile, read, write
from tests.controller.journal.samples import START, at
from tests.waiting import until

FULL = ServiceState(
    boot="b" * 32,
    mono_ms=7,
    utc=START,
    journal="remembering",
    journal_since=datetime(2027, 3, 1, 9, 0, 1, 500_000, tzinfo=UTC),
    journal_cause="locked",
    journal_detail="sqlite3 (4711)",
    remembered=12,
    reserve="released",
    registry="last_good",
    registry_copy_utc=START,
    config="last_good",
    config_problem="bad_value",
    config_problem_fields={"where": "[doors.x] lock_pin", "value": "3"},
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    for state in (FULL, ServiceState(), FULL):
        write(tmp_path / NAME, state)
        assert read(tmp_path) == state
        assert (tmp_path / NAME).stat().st_size == SIZE


FIELDS: dict[str, str | int] = {"where": "壊" * 80, "value": "壊" * 80}  # the longest, see ConfigError


def test_long_text_is_cut_and_the_file_keeps_its_size(tmp_path: Path) -> None:
    write(
        tmp_path / NAME,
        ServiceState(config_problem="壊" * 5000, journal_detail="壊" * 5000, config_problem_fields=FIELDS),
    )
    assert (tmp_path / NAME).stat().st_size == SIZE
    state = read(tmp_path)
    assert state is not None
    assert state.config_problem == "壊" * 300


def test_file_that_is_missing_or_half_written_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    write(tmp_path / NAME, FULL)
    whole = (tmp_path / NAME).read_bytes()
    for spoilt in (b"", whole[:2000], b" " * SIZE, whole.replace(b"4711", b"4712")):
        (tmp_path / NAME).write_bytes(spoilt)
        assert read(tmp_path) is None


def test_state_of_a_later_program_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    import json
    import zlib

    text = json.dumps({"journal": "failing", "moon": "full"}).encode()
    (tmp_path / NAME).write_bytes(text.ljust(SIZE - 10) + b"\n%08x\n" % zlib.crc32(text))
    assert read(tmp_path) == ServiceState(journal="failing")


def test_changes_are_written_by_the_thread_and_only_changes(tmp_path: Path) -> None:
    write(tmp_path / NAME, FULL)
    state = StateFile(tmp_path, at)
    thread = threading.Thread(target=state.run)
    thread.start()
    until(lambda: (found := read(tmp_path)) is not None and found.journal == "ok")
    assert state.now.unrecorded_since == FULL.journal_since, "the earlier outage is kept until it is recorded"
    state.set(journal="failing", journal_since=START)
    until(lambda: (found := read(tmp_path)) is not None and found.journal == "failing" and found.utc == START)
    beat = state.beat
    state.set(journal="failing")
    state.stop()
    thread.join(60)
    assert state.beat <= beat + 2
    assert state.now.journal_since == START


def test_failing_journal_is_reported_even_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A lock shows it to processes that may only read, until the door process ends."""
    write(tmp_path / NAME, ServiceState(reserve="released"))
    state = StateFile(tmp_path, at)
    for how, cause, remembered in (
        ("failing", "disk_full", 0),
        ("remembering", "locked", 1),
        ("remembering", "locked", 499),
        ("remembering", "locked", 7),
        ("failing", "lost_records", 500),
    ):
        state.set(journal=how, journal_since=START, journal_cause=cause, remembered=remembered)
        assert read(tmp_path) == ServiceState(
            reserve="released", journal=how, journal_since=START, journal_cause=cause, remembered=remembered
        )
    state.set(journal="ok", journal_since=None, journal_cause=None, remembered=0)
    assert read(tmp_path) == ServiceState(reserve="released")


def test_lock_is_enough_where_the_file_says_nothing(tmp_path: Path) -> None:
    state = StateFile(tmp_path, at)
    assert read(tmp_path) is None
    state.set(journal="failing", journal_since=START, journal_cause="eio")
    assert read(tmp_path) == ServiceState(journal="failing", journal_since=START, journal_cause="eio")


def test_disk_that_is_well_again_gets_what_it_missed(tmp_path: Path) -> None:
    state = StateFile(tmp_path, at)
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).mkdir()
    thread = threading.Thread(target=state.run)
    thread.start()
    state.set(reserve="released")
    until(lambda: state.beat > 1)
    (tmp_path / NAME).rmdir()
    until(lambda: (found := read(tmp_path)) is not None and found.reserve == "released")
    state.stop()
    thread.join(60)
