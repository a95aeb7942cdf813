"""journal.db is moved, replaced or deleted while the services run: the door reports it immediately, and
loses no acknowledged record silently.
"""

from controller.journal.state import ServiceState, read
from tests.controller.journal.samples import grant, journal_in
from tests.scenarios.demo import Demo
from tests.waiting import until


def state(demo: Demo) -> ServiceState:
    return read(demo.data / "journal") or ServiceState()


def wait_for_loss(demo: Demo) -> tuple[int, int]:
    """The first and the last record that the log says it has lost."""
    until(lambda: "can be written again" in demo.output.read_text("utf-8"), what="the door goes on")
    until(lambda: state(demo).journal == "ok")
    demo.wait_for("journal_recovered")
    (found,) = [line for line in demo.log("journal_failed") if line["cause"] == "lost_records"]
    return found["first"], found["last"]


def test_log_replaced_under_the_door_is_reported_before_the_next_tap(demo: Demo) -> None:
    assert demo.tap() == "granted"
    demo.walk_through()
    door, before = demo.service("door"), demo.newest
    other = demo.data.parent / "other"
    other.mkdir()
    with journal_in(other) as journal:
        journal.append([grant(i) for i in range(5)])
    (other / "journal.db").rename(demo.data / "journal" / "journal.db")
    first, last = wait_for_loss(demo)
    assert (first, last) == (6, before)
    assert "journal failing (replaced)" in demo.output.read_text("utf-8")
    assert demo.service("door") == door
    until(lambda: state(demo).log_key == "foreign")
    assert [line["cause"] for line in demo.wait_for("log_key_problem")] == ["foreign"]
    assert demo.tap() == "granted"
    demo.walk_through()
    assert demo.log("access_granted")[-1]["seq"] > 6


def test_log_removed_under_the_door_begins_with_what_is_missing(demo: Demo) -> None:
    assert demo.tap() == "granted"
    demo.walk_through()
    before = demo.newest
    (demo.data / "journal" / "journal.db").unlink()
    assert wait_for_loss(demo) == (1, before)
    assert {line["type"] for line in demo.log()[:3]} >= {"journal_failed"}
    assert demo.tap() == "granted"
