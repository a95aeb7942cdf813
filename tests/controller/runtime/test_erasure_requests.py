"""What makes the door erase somebody from the log, and what only makes it raise an alarm."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from controller.journal.append import Journal
from controller.journal.erase import record
from controller.journal.log_filter import LogFilter
from controller.model.events import ALARM_TYPES, Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.registry import actions, erasures
from controller.registry.erasures import ErasureRequest
from controller.registry.lookup import Lookup
from controller.runtime.copy_actions import ActionCopier
from controller.runtime.erasure_requests import ErasureRequests
from controller.services.acting import Acting
from controller.services.people import badges, erasing, people
from controller.services.site import Site
from tests.controller.erasure import request_erasure
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW, idm, later

DAYS_7 = later(days=7)
ANOTHER_BOOT = "1" * 32


class DoorOf:
    """The record thread's part: copies actions, and asks what is due."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.journal = Journal.open(site.config.data / "journal" / "journal.db", site.config.version)
        self.lookup = Lookup(site.registry.file)
        self.requests = ErasureRequests(site.config.people.erase_after, lambda: site.key)

    def copy(self, now: Moment = NOW) -> None:
        copier = ActionCopier(lambda: Lookup(self.site.registry.file), lambda: self.site.key, lambda: now)
        while copier(self.journal):
            pass

    def due(self, now: Moment = DAYS_7) -> list[str]:
        self.copy(now)
        return [one.person for one in self.requests.due(self.journal, self.lookup, now)]

    def alarms(self) -> list[tuple[str | None, str | None, object]]:
        return [
            (one.reason, one.person, one.codes["erasures"])
            for one in reversed(self.site.journal.page(LogFilter(), limit=1000))
            if one.type == EventType.ERASURE_REFUSED
        ]

    def close(self) -> None:
        self.lookup.close()
        self.journal.close()


@pytest.fixture
def door(site: Site) -> Iterator[DoorOf]:
    door = DoorOf(site)
    yield door
    door.close()


@pytest.fixture
def person(site: Site) -> str:
    found = people.add(Acting(site, MACHINE, NOW), "山田 花子").id
    badges.add(Acting(site, MACHINE, NOW), found, idm(1))
    return found


def insert_row(site: Site, person: str, action_id: int) -> None:
    with unrecorded(site.registry) as db:
        found = erasures.references_of(db, person)
        db.execute(
            "INSERT INTO erasures (person, badges, card_hashes, actions_before, asked_utc, operator_id,"
            " operator_name, reason) VALUES (?, ?, ?, ?, '2026-11-01T00:00:00.000Z', 'x', 'Admin', 'left')",
            (person, json.dumps(found.badges), json.dumps(found.card_hashes), action_id),
        )


def carry_out_by_the_registrar(site: Site, person: str, now: Moment) -> None:
    """As a registrar under foreign control: its actions are authentic."""
    request = ErasureRequest(person, NOW.utc, NOW.utc, MACHINE.id, "Admin", "left")
    with site.registry.write() as db:
        found = erasures.references_of(db, person)
        action = Acting(site, MACHINE, now).record(
            db, ActionType.ERASURE_CARRIED_OUT, "person", person, after={"references": found.digest}
        )
        erasures.erase_person(db, request, found, action, now.utc)


def test_person_whose_time_has_come_is_due_without_an_alarm(site: Site, door: DoorOf, person: str) -> None:
    request_erasure(site, person)
    door.copy()
    assert erasing.carry_out_due(site, DAYS_7) == 1
    assert door.due() == [person]
    assert door.alarms() == []


def test_request_is_an_alarm_of_its_own_in_the_log(site: Site, door: DoorOf, person: str) -> None:
    request_erasure(site, person, reason="left")
    door.copy()
    newest = site.journal.page(LogFilter(), limit=1)[0]
    assert newest.type == EventType.ERASURE_PENDING
    assert (newest.codes["action"], newest.codes["object_id"]) == ("erasure_asked", person)
    assert newest.details is not None and newest.details["reason"] == "left"


def test_rows_that_another_program_inserts_erase_nobody_and_are_one_alarm(
    site: Site, door: DoorOf, person: str
) -> None:
    others = [people.add(Acting(site, MACHINE, NOW), f"Person {number}").id for number in range(3)]
    for one in (person, *others):
        insert_row(site, one, 1)
    for minutes in range(5):
        assert door.due(later(days=30, minutes=minutes)) == []
    assert door.alarms() == [("not_carried_out", person, 4)]


@pytest.mark.usefixtures("person")  # whose action is recorded
def test_rows_inserted_one_after_the_other_are_one_alarm_in_ten_minutes(site: Site, door: DoorOf) -> None:
    for number in range(60):
        insert_row(site, f"{number:016x}", 1)
        assert door.due(later(seconds=20 * number)) == []
    door.due(later(minutes=21))
    assert door.alarms() == [
        ("not_carried_out", f"{first:016x}", count) for first, count in ((0, 1), (1, 30), (31, 29))
    ]


def test_pending_erasure_that_another_program_wrote_is_cancelled_with_an_alarm(
    site: Site, door: DoorOf, person: str
) -> None:
    door.copy()
    with unrecorded(site.registry) as db:
        erasures.add_pending(db, ErasureRequest(person, NOW.utc, DAYS_7.utc, "x", "Admin", "left"))
    assert erasing.carry_out_due(site, NOW) == 0
    door.copy()
    newest = site.journal.page(LogFilter(), limit=1)[0]
    assert newest.type == EventType.ERASURE_REFUSED and newest.type in ALARM_TYPES
    assert (newest.reason, newest.person) == ("not_carried_out", person)
    assert newest.codes["action"] == "erasure_cancelled"
    carry_out_by_the_registrar(site, person, DAYS_7)
    assert door.due(later(days=30)) == []


def test_row_for_a_pending_or_forged_request_erases_nobody(site: Site, door: DoorOf, person: str) -> None:
    request_erasure(site, person)
    door.copy()
    with unrecorded(site.registry) as db:
        after = {"references": erasures.references_of(db, person).digest}
        forged = actions.record(
            db, MACHINE, DAYS_7.utc, ActionType.ERASURE_CARRIED_OUT, "person", person, after=after
        )
    insert_row(site, person, forged)
    assert door.due() == []
    assert [reason for reason, *_ in door.alarms()] == ["not_carried_out"]


@pytest.mark.parametrize("column", ["badges", "card_hashes"])
def test_row_with_other_badges_than_the_registrar_wrote_erases_nobody(
    site: Site, door: DoorOf, person: str, column: str
) -> None:
    request_erasure(site, person)
    door.copy()
    erasing.carry_out_due(site, DAYS_7)
    with unrecorded(site.registry) as db:
        db.execute(f"UPDATE erasures SET {column} = ?", (json.dumps(["f" * 16]),))
    assert door.due() == []
    assert [reason for reason, *_ in door.alarms()] == ["not_carried_out"]


def test_registrar_alone_erases_nobody_whom_no_operator_asked_for(
    site: Site, door: DoorOf, person: str
) -> None:
    carry_out_by_the_registrar(site, person, NOW)
    assert door.due(later(days=90)) == []
    assert door.alarms() == [("not_asked", person, 1)]


def test_cancelled_request_is_refused_though_the_registrar_carries_it_out(
    site: Site, door: DoorOf, person: str
) -> None:
    request_erasure(site, person)
    door.copy()
    erasing.cancel(Acting(site, MACHINE, later(days=1)), person)
    door.copy(later(days=1))
    carry_out_by_the_registrar(site, person, DAYS_7)
    assert door.due(later(days=30)) == []
    assert [reason for reason, *_ in door.alarms()] == ["cancelled"]


def test_registrar_that_did_not_wait_is_an_alarm_and_the_door_waits(
    site: Site, door: DoorOf, person: str
) -> None:
    request_erasure(site, person)
    door.copy()
    carry_out_by_the_registrar(site, person, later(days=1))
    assert door.due(later(days=1)) == [] == door.due(later(days=7, seconds=-1))
    assert door.alarms() == [("too_early", person, 1)]
    assert door.due(later(days=7, minutes=2)) == [person]
    assert len(door.alarms()) == 1


def test_door_that_was_away_counts_from_its_own_record(site: Site, door: DoorOf, person: str) -> None:
    request_erasure(site, person)
    door.copy(later(days=2))
    erasing.carry_out_due(site, DAYS_7)
    assert door.due(later(days=8)) == []
    assert door.due(later(days=9, minutes=2)) == [person]
    assert door.alarms() == []


def test_clock_that_leaps_or_that_nobody_trusts_brings_nobodys_time_nearer(
    site: Site, door: DoorOf, person: str
) -> None:
    request_erasure(site, person)
    door.copy()
    erasing.carry_out_due(site, DAYS_7)
    door.copy()
    leapt = replace(NOW, utc=NOW.utc + timedelta(days=30))  # the kernel's own clock did not move
    assert door.due(leapt) == []
    assert door.due(replace(later(days=30), clock=ClockState.UNTRUSTED)) == []
    assert door.due(replace(leapt, boot=ANOTHER_BOOT, mono_ms=120_000)) == [person]


def test_request_recorded_without_a_trusted_clock_counts_from_the_first_trusted_record(
    site: Site, door: DoorOf, person: str
) -> None:
    request_erasure(site, person)
    door.copy(replace(later(days=-900), clock=ClockState.UNTRUSTED))
    people.add(Acting(site, MACHINE, NOW), "Somebody")
    door.copy(later(days=1))
    erasing.carry_out_due(site, DAYS_7)
    assert door.due(DAYS_7) == []
    assert door.due(later(days=8, minutes=2)) == [person]


def test_what_is_refused_is_judged_again_after_a_minute_or_a_change(
    site: Site, door: DoorOf, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_row(site, person, 1)
    questions: list[int] = []
    read = door.lookup.erasures
    monkeypatch.setattr(door.lookup, "erasures", lambda: questions.append(1) or read())
    for seconds in (0, 1, 30, 59):
        door.due(later(seconds=seconds))
    assert len(questions) == 1
    door.due(later(seconds=61))
    assert len(questions) == 2
    people.add(Acting(site, MACHINE, NOW), "Somebody")
    door.due(later(seconds=62))
    assert len(questions) == 3


def test_erasure_that_is_recorded_is_over(site: Site, door: DoorOf, person: str) -> None:
    request_erasure(site, person)
    door.copy()
    erasing.carry_out_due(site, DAYS_7)
    assert door.due() == [person]
    record(door.journal, door.lookup.registry_id, 1, Event(EventType.PERSON_ERASED, DAYS_7, person=person))
    assert door.due(later(days=8)) == []
