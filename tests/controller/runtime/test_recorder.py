import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.errors import JournalUnavailable
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.grants import PendingGrant
from controller.runtime.outage import Outage
from controller.runtime.recorder import Recorder
from tests.waiting import until

AT = Moment(datetime(2027, 3, 1, tzinfo=UTC), 10_000, "b" * 32, ClockState.HOLDOVER)
JUST_AFTER = 10_010
TOO_LATE = 99_000


class SiteRig:
    """A recorder thread on a real journal; the test sets its time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = folder / "journal.db"
        self.journal = Journal.open(self.file, "0" * 12)
        self.mono_ms = JUST_AFTER
        self.copies = 0
        self.recorder = Recorder(self.journal, [self.copy], [], lambda: AT, lambda: self.mono_ms)
        self.thread = threading.Thread(target=self.recorder.run)
        self.outcomes: list[str] = []

    def copy(self, journal: Journal) -> bool:
        self.copies += 1
        return False

    def grant(self) -> PendingGrant:
        return PendingGrant(
            Event(EventType.ACCESS_GRANTED, AT, door="d", access_point="d-in", direction="in"),
            lambda seq: self.outcomes.append(f"release {seq}"),
            lambda: self.outcomes.append("refuse"),
        )

    def stop(self) -> None:
        self.recorder.stop()
        if self.thread.ident is not None:
            self.thread.join(60)
        self.journal.close()

    def rows(self) -> list[tuple[int, str]]:
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT seq, json_extract(body, '$.type') FROM events").fetchall()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SiteRig]:
    site = SiteRig(tmp_path / "journal")
    yield site
    site.stop()


def test_grant_is_in_the_journal_before_it_is_released(site: SiteRig):
    seen_at_release: list[list[tuple[int, str]]] = []
    grant = PendingGrant(
        Event(EventType.ACCESS_GRANTED, AT), lambda seq: seen_at_release.append(site.rows()), lambda: None
    )
    site.recorder.grant(grant)
    site.thread.start()
    until(lambda: seen_at_release)
    assert seen_at_release == [[(1, "access_granted")]]


def test_what_waits_is_written_in_the_order_it_was_reported(site: SiteRig):
    site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    site.recorder.grant(site.grant())
    site.recorder.record(Event(EventType.DOOR_CLOSED, AT, door="d"))
    site.thread.start()
    until(lambda: len(site.rows()) == 3)
    assert [type_ for _, type_ in site.rows()] == ["door_opened", "access_granted", "door_closed"]
    until(lambda: site.outcomes == ["release 2"])  # queued after the commit that the rows were read from


def test_record_that_lands_late_is_not_released_and_is_closed_as_such(site: SiteRig):
    site.mono_ms = TOO_LATE
    site.recorder.grant(site.grant())
    site.thread.start()
    until(lambda: len(site.rows()) == 2)
    assert site.outcomes == ["refuse"]
    assert [type_ for _, type_ in site.rows()] == ["access_granted", "access_outcome"]


def test_order_reported_twice_is_carried_out_once(site: SiteRig):
    site.recorder.order("r" * 32, 5, site.grant())
    site.recorder.order("r" * 32, 5, site.grant())
    site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    site.thread.start()
    until(lambda: len(site.rows()) == 2)
    until(lambda: site.outcomes == ["release 2"])


def test_actions_are_copied_only_when_nothing_waits(site: SiteRig):
    for _ in range(600):
        site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    site.thread.start()
    until(lambda: site.copies)
    assert len(site.rows()) == 600


def test_journal_that_fails_refuses_the_grant_keeps_the_events_and_goes_on(site: SiteRig):
    """Another process holds the file; SQLite gives up, the handle is dropped, and the next try succeeds."""
    blocker = sqlite3.connect(site.file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    site.recorder.grant(site.grant())
    site.thread.start()
    until(lambda: site.outcomes == ["refuse"])
    assert site.recorder.failing
    blocker.execute("ROLLBACK")
    blocker.close()
    until(lambda: site.rows())
    until(lambda: not site.recorder.failing)
    until(lambda: len(site.rows()) == 3)
    assert [type_ for _, type_ in site.rows()] == ["door_opened", "journal_failed", "journal_recovered"]


def test_outage_that_goes_on_in_a_chore_ends_though_nothing_waits_to_be_written(site: SiteRig):
    """Errors within a minute are one outage: the second one has no record of its own."""
    failures: list[str] = []

    def chore(journal: Journal) -> bool:
        if failures:
            raise JournalUnavailable(failures.pop())
        return False

    record = Recorder(site.journal, [chore], [], lambda: AT, lambda: site.mono_ms)
    site.recorder, site.thread = record, threading.Thread(target=record.run)
    site.thread.start()
    for later in (1, 2):
        site.mono_ms += 61_000  # a chore that failed is left alone for a minute
        failures.append("just now")
        record.wake()
        until(lambda: not failures)
        until(lambda later=later: not record.failing and len(site.rows()) >= 2 * later - 1)
    until(lambda: [type_ for _, type_ in site.rows()].count("heartbeat") == 1)
    assert [type_ for _, type_ in site.rows()].count("journal_failed") == 1


def test_chores_take_turns_while_one_of_them_has_work_for_minutes(site: SiteRig):
    """Each step of the long one takes 100 ms."""
    turns: list[str] = []

    def long(journal: Journal) -> bool:
        turns.append("long")
        site.mono_ms += 100
        return True

    def hourly(journal: Journal) -> bool:
        turns.append("hourly")
        return False

    record = Recorder(site.journal, [], [long, hourly], lambda: AT, lambda: site.mono_ms)
    for _ in range(60):
        record.turn(wait=False)
    assert turns.count("hourly") >= 8 and turns.count("long") >= 35


def test_stop_writes_what_waits(site: SiteRig):
    site.recorder.record(Event(EventType.SERVICE_STOPPED, AT))
    site.recorder.stop()
    site.thread.start()
    site.thread.join(60)
    assert [type_ for _, type_ in site.rows()] == ["service_stopped"]


def of_type(site: SiteRig, type_: str) -> list[dict[str, object]]:
    with sqlite3.connect(f"file:{site.file}?mode=ro", uri=True) as connection:
        bodies = [json.loads(text) for (text,) in connection.execute("SELECT body FROM events ORDER BY seq")]
    return [body for body in bodies if body["type"] == type_]


def blocker(site: SiteRig) -> sqlite3.Connection:
    connection = sqlite3.connect(site.file, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


@pytest.fixture
def remembering(tmp_path: Path) -> Iterator[SiteRig]:
    site = SiteRig(tmp_path / "journal")
    site.recorder = Recorder(
        site.journal, [], [], lambda: AT, lambda: site.mono_ms, outage=Outage(tmp_path / "journal", {"d"})
    )
    site.thread = threading.Thread(target=site.recorder.run)
    yield site
    site.stop()


def test_door_that_remembers_releases_immediately_and_records_later_with_the_outcome(remembering: SiteRig):
    """The tap that meets the failure, and a later one, whose outcome is reported immediately."""
    site, held = remembering, blocker(remembering)
    site.thread.start()
    site.recorder.grant(site.grant())
    until(lambda: site.outcomes == ["release -1"])
    site.recorder.grant(site.grant())
    assert site.outcomes == ["release -1", "release -2"]
    for number, result in ((-2, "opened"), (-1, "not_opened")):
        site.recorder.record(
            Event(EventType.ACCESS_OUTCOME, AT, door="d", result=result, codes={"of": number})
        )
    site.recorder.order("r" * 32, 5, site.grant())
    until(lambda: "refuse" in site.outcomes)
    held.execute("ROLLBACK")
    until(lambda: of_type(site, "journal_recovered"))
    granted = of_type(site, "access_granted")
    assert [(body["volatile"], body["mono_ms"]) for body in granted] == [(1, AT.mono_ms)] * 2
    outcomes = {body["result"]: body["of"] for body in of_type(site, "access_outcome")}
    assert outcomes == {"not_opened": granted[0]["seq"], "opened": granted[1]["seq"]}
    assert site.outcomes == ["release -1", "release -2", "refuse"]
    assert of_type(site, "journal_recovered")[0]["remembered"] == 2
    site.recorder.grant(site.grant())
    until(lambda: len(site.outcomes) == 4)
    assert "volatile" not in of_type(site, "access_granted")[2]
    held.close()


def test_records_the_disk_lost_are_reported_and_the_log_goes_on(site: SiteRig):
    site.thread.start()
    for _ in range(5):
        site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    until(lambda: len(site.rows()) == 5)
    held = sqlite3.connect(site.file, isolation_level=None)
    held.execute("DROP TRIGGER events_are_never_deleted")
    held.execute("DELETE FROM events WHERE seq > 3")
    held.execute("BEGIN IMMEDIATE")
    site.recorder.record(Event(EventType.DOOR_CLOSED, AT, door="d"))
    until(lambda: site.recorder.failing)
    held.execute("ROLLBACK")
    until(lambda: of_type(site, "journal_recovered"))
    lost = of_type(site, "journal_failed")
    assert [(body["cause"], body.get("first"), body.get("last")) for body in lost] == [
        ("locked", None, None),
        ("lost_records", 4, 5),
    ]
    assert len(of_type(site, "door_closed")) == 1
    held.close()


def test_chore_that_fails_is_left_alone_for_a_while_and_the_events_go_on(tmp_path: Path):
    site, calls = SiteRig(tmp_path / "journal"), []

    def chore(journal: Journal) -> bool:
        calls.append(1)
        raise JournalUnavailable("its part of the file is broken")

    site.recorder = Recorder(site.journal, [], [chore], lambda: AT, lambda: site.mono_ms)
    site.thread = threading.Thread(target=site.recorder.run)
    site.thread.start()
    until(lambda: of_type(site, "journal_recovered"))
    site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    until(lambda: of_type(site, "door_opened"))
    site.stop()
    assert len(calls) == 1


def test_stop_writes_what_waits_for_company(site: SiteRig):
    site.recorder = Recorder(site.journal, [], [], lambda: AT, lambda: site.mono_ms, hold_ms=800)
    site.thread = threading.Thread(target=site.recorder.run)
    site.recorder.record(Event(EventType.LOCK_RELEASED, AT, door="d"))
    site.thread.start()
    site.recorder.stop()
    site.thread.join(60)
    assert site.rows() == [(1, "lock_released")]


def test_commit_of_a_grant_takes_along_what_waits_for_company(site: SiteRig):
    site.recorder = Recorder(site.journal, [], [], lambda: AT, lambda: site.mono_ms, hold_ms=800)
    site.thread = threading.Thread(target=site.recorder.run)
    commits: list[int] = []
    site.journal.appended = lambda first, events: commits.append(len(events))
    site.thread.start()
    site.recorder.record(Event(EventType.LOCK_RELEASED, AT, door="d"))
    site.recorder.record(Event(EventType.DOOR_OPENED, AT, door="d"))
    site.recorder.grant(site.grant())
    until(lambda: site.outcomes)
    assert site.outcomes == ["release 3"]
    assert commits == [3]
