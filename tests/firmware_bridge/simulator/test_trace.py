import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_bridge.simulator.trace import Trace, read


def test_change_is_in_the_file_immediately(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = Trace(path)
    trace.pin_changed(17, "entrance.lock", 1, "released", 1234.56789)
    assert read(path) == [
        {"mono_ms": 1234.568, "pin": 17, "name": "entrance.lock", "level": 1, "state": "released"}
    ]
    trace.close()


def test_reopened_trace_goes_on_behind_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    for level in (1, 0):
        trace = Trace(path)
        trace.pin_changed(17, "entrance.lock", level, "x", level)
        trace.close()
    assert [change["level"] for change in read(path)] == [1, 0]


def test_trace_grown_too_long_starts_over(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = Trace(path, max_bytes=1000)
    for n in range(100):
        trace.pin_changed(n, "entrance.lock", 1, "released", n)
        assert path.stat().st_size < 1200
    pins = [change["pin"] for change in read(path)]
    assert pins == list(range(pins[0], 100))
    trace.close()


def test_line_half_written_is_left_for_the_next_reading(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_bytes(b'{"mono_ms":1,"pin":1,"name":"a","level":1,"state":"b"}\n{"mono_ms":2,"p')
    assert [change["pin"] for change in read(path)] == [1]


def test_trace_of_a_door_that_never_ran_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "trace.jsonl") == []


@contextmanager
def disk_that_is_full_at(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size`: a write stops half-way, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_costs_lines_and_never_stops_who_moves_the_pin(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    trace = Trace(path)
    trace.pin_changed(1, "entrance.lock", 1, "released", 1)
    for room in (0, 20):  # nothing fits; half a line fits
        with disk_that_is_full_at(path.stat().st_size + room):
            trace.pin_changed(2, "entrance.lock", 0, "secured", 2)
    assert trace.lost == 2
    trace.pin_changed(3, "entrance.lock", 1, "released", 3)
    assert [change["pin"] for change in read(path)] == [1, 3]
    trace.close()
