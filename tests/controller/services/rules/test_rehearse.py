"""Edited rules asked about the taps of the log: whose result would change, and whose would not."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.errors import NotPermitted
from controller.model.events import Event, EventType
from controller.model.operators import MACHINE
from controller.model.reasons import DenyReason
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.registry.actions import actions_after
from controller.services.acting import Acting
from controller.services.people import badges, people, pins
from controller.services.rules import books as rule_books
from controller.services.rules import import_file as rules_import
from controller.services.rules.file import read
from controller.services.rules.findings import RulesRefused
from controller.services.rules.rehearse import RehearsalResult, RehearsalStopped, prepare, rehearse
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.services.floor_book import book
from tests.controller.services.tap_log import Log
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW, VIEWER

ENFORCE = RuleMode.ENFORCE
NOT_ALONE = {RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(ENFORCE, ("agency",))}
IN_PAIRS = {RuleName.DUAL_ACCESS: DualAccessSetting(ENFORCE, 15)}


@pytest.fixture
def log(site: Site) -> Iterator[Log]:
    with DoorSide(site) as door:
        yield Log(site, door)


def rehearsed(log: Log, edited: RuleBook) -> RehearsalResult:
    return rehearse(Acting(log.site, MACHINE, NOW), edited)


def changes_of(found: RehearsalResult) -> list[tuple[str, DenyReason | None, DenyReason | None]]:
    return [(change.name, change.before, change.after) for change in found.changes]


def test_first_rules_ever_are_rehearsed_by_who_was_inside_the_areas_they_draw(log: Log) -> None:
    agency, boss = log.person("Hiroshi", "agency"), log.person("Boss", "sv")
    alone = log.tap(agency, 50)
    log.tap(agency, 45, out=True)
    log.tap(boss, 40)
    log.tap(agency, 30)
    log.tap(boss, 20, out=True)
    again = log.tap(agency, 10)
    found = rehearsed(log, book(NOT_ALONE))
    assert (found.taps, found.without_badge, found.in_force) == (4, 0, 0)
    assert changes_of(found) == [("Hiroshi", None, DenyReason.SUPERVISOR_ABSENT)] * 2
    assert [change.seq for change in found.changes] == [again, alone]
    assert found.counts == {(None, DenyReason.SUPERVISOR_ABSENT): 2}


def test_rules_in_force_are_compared_with_what_was_recorded_before_them(log: Log) -> None:
    """Published yesterday, they would have refused people whom the rules of last week admitted."""
    log.tap(log.person("Hiroshi", "agency"), 10)
    rule_books.publish(Acting(log.site, MACHINE, NOW), book(NOT_ALONE), "first")
    found = rehearsed(log, book(NOT_ALONE))
    assert (found.taps, found.in_force) == (1, 1)
    assert changes_of(found) == [("Hiroshi", None, DenyReason.SUPERVISOR_ABSENT)]


def test_rehearsal_takes_no_memory_for_each_person(log: Log) -> None:
    """The web has 160 MB; a copy of these people takes 50. Modules and the page cache take 20."""
    log.tap(log.person("Hiroshi", "agency"), 10)
    with unrecorded(log.site.registry) as db:
        db.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
            " INSERT INTO cardholders (id, name, kana, sort_key, search_text, status, category)"
            " SELECT printf('%016x', i), printf('%0100d', i), '', printf('%0100d', i), printf('%0100d', i),"
            " 'active', 'agency' FROM n"
        )
    before = resident()
    run = prepare(Acting(log.site, MACHINE, NOW), book(NOT_ALONE))
    found = run(lambda _: False)
    assert resident() - before < 25_000_000
    assert changes_of(found) == [("Hiroshi", None, DenyReason.SUPERVISOR_ABSENT)]


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_rule_removed_admits_whom_it_refuses(log: Log) -> None:
    log.tap(log.person("Hiroshi"), 10, "qualification_missing")
    strict = {RuleName.QUALIFICATIONS: QualificationsSetting(ENFORCE, ("nda",))}
    assert rehearsed(log, book(strict)).changes == ()
    assert changes_of(rehearsed(log, book())) == [("Hiroshi", DenyReason.QUALIFICATION_MISSING, None)]


def test_reason_of_an_earlier_version_that_now_has_a_narrower_one_is_not_a_change(log: Log) -> None:
    log.tap(log.person("Hiroshi"), 10, "qualification_expired")
    strict = {RuleName.QUALIFICATIONS: QualificationsSetting(ENFORCE, ("nda",))}
    assert rehearsed(log, book(strict)).changes == ()


def test_badge_that_was_good_at_the_tap_counts_as_good_regardless_of_what_became_of_it(log: Log) -> None:
    person = log.person("Hiroshi")
    log.tap(person, 20)
    badges.report_lost(Acting(log.site, MACHINE, NOW), log.badges[person])
    people.suspend(Acting(log.site, MACHINE, NOW), person)
    found = rehearsed(log, book())
    assert (found.taps, found.changes) == (1, ())


@pytest.mark.parametrize("reason", ["credential_lost", "cardholder_suspended", "journal_unavailable"])
def test_tap_refused_for_its_badge_or_by_trouble_stays_refused_regardless_of_the_rules(
    log: Log, reason: str
) -> None:
    log.tap(log.person("Hiroshi"), 20, reason)
    strict = {RuleName.QUALIFICATIONS: QualificationsSetting(ENFORCE, ("nda",))}
    for edited in (book(), book(strict)):
        found = rehearsed(log, edited)
        assert (found.taps, found.changes) == (1, ())


@pytest.mark.parametrize("reason", ["pin_wrong", "pin_locked", "pin_required"])
def test_wrong_pin_is_still_wrong_and_matters_only_where_one_is_asked_for(log: Log, reason: str) -> None:
    person = log.person("Hiroshi")
    pins.set_pin(Acting(log.site, MACHINE, NOW), person, "258014", "258014")
    log.tap(person, 20, reason)
    asks = replace(book(), doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN)})
    assert rehearsed(log, asks).changes == ()
    assert changes_of(rehearsed(log, book())) == [("Hiroshi", DenyReason(reason), None)]


DAY = """
[schedules.Day]
mon = ["09:00-15:00"]
tue = ["09:00-15:00"]
[levels.Staff]
entrance-in = "Day"
"""


def test_schedules_and_levels_of_the_file_are_asked_and_not_kept(log: Log) -> None:
    """NOW is a Tuesday, 15:00."""
    late, early = log.tap(log.person("Hiroshi"), 0), log.tap(log.person("Boss"), 1)
    before = rules_import.export_rules(log.site.acting(MACHINE))
    found = rehearse(Acting(log.site, MACHINE, NOW), read(DAY.encode()))
    assert changes_of(found) == [("Hiroshi", None, DenyReason.OUTSIDE_SCHEDULE)]
    assert (found.changes[0].seq, early > late) == (late, True)
    assert (found.schedules, found.levels) == (("Day",), ("Staff",))
    assert rules_import.export_rules(log.site.acting(MACHINE)) == before
    with log.site.registry.read() as db:
        assert "level_changed" not in [one.action for one in actions_after(db, 0, 1000)]
    nothing = DAY.replace("[levels.Staff]\nentrance-in", "[levels.Staff]\nentrance-out")
    assert changes_of(rehearse(Acting(log.site, MACHINE, NOW), read(nothing.encode()))) == [
        ("Boss", None, DenyReason.NO_ACCESS_HERE),
        ("Hiroshi", None, DenyReason.NO_ACCESS_HERE),
    ]


def test_mode_by_a_schedule_that_only_the_file_has_is_asked(log: Log) -> None:
    log.tap(log.person("Hiroshi"), 10)
    text = '[schedules.Night]\ntue = ["14:00-16:00"]\n[doors.entrance]\nmode = "card"\n'
    text += '[[doors.entrance.scheduled]]\nschedule = "Night"\nmode = "blocked"\n'
    found = rehearse(Acting(log.site, MACHINE, NOW), read(text.encode()))
    assert changes_of(found) == [("Hiroshi", None, DenyReason.DOOR_BLOCKED)]


def test_level_with_a_schedule_that_nobody_has_is_refused(log: Log) -> None:
    with pytest.raises(RulesRefused):
        rehearse(Acting(log.site, MACHINE, NOW), read(b'[levels.Staff]\nentrance-in = "Nights"\n'))


def test_rehearsal_tells_how_far_it_is_and_can_be_left(log: Log) -> None:
    person = log.person("Hiroshi")
    log.door.journal.append([Event(EventType.HEARTBEAT, NOW)] * 3000)
    log.tap(person, 10)
    told_percent: list[int] = []

    def watch(percent: int) -> bool:
        told_percent.append(percent)
        return False

    assert rehearse(Acting(log.site, MACHINE, NOW), book(), watch).taps == 1
    assert told_percent[0] == 0 and told_percent[-1] == 100
    assert told_percent == sorted(told_percent) and len(told_percent) > 3
    with pytest.raises(RehearsalStopped):
        rehearse(Acting(log.site, MACHINE, NOW), book(), lambda percent: percent > 0)


def test_rule_that_would_only_observe_changes_nothing_and_is_counted(log: Log) -> None:
    log.tap(log.person("Hiroshi"), 10)
    observing = {RuleName.QUALIFICATIONS: QualificationsSetting(RuleMode.OBSERVE, ("nda",))}
    found = rehearsed(log, book(observing))
    assert (found.changes, found.observed) == ((), {DenyReason.QUALIFICATION_MISSING: 1})


def test_two_who_tapped_together_may_still_enter_under_dual_access(log: Log) -> None:
    one, two, three = (log.person(name) for name in ("Ichiro", "Jiro", "Saburo"))
    log.tap(one, 50)
    log.tap(two, 50 - 0.1)
    log.tap(three, 30)
    assert changes_of(rehearsed(log, book(IN_PAIRS))) == [("Saburo", None, DenyReason.SECOND_PERSON_NEEDED)]


def test_grant_brought_by_a_second_person_is_not_a_tap_of_its_own(log: Log) -> None:
    one, two = log.person("Ichiro"), log.person("Jiro")
    rule_books.publish(Acting(log.site, MACHINE, NOW), book(IN_PAIRS), "first")
    log.tap(one, 50, "second_person_needed")
    log.tap(one, 50 - 0.1, **{"with": two})
    log.tap(two, 50 - 0.1, **{"with": one})
    found = rehearsed(log, book())
    assert (found.taps, found.changes) == (2, ())


@pytest.mark.parametrize(
    ("reason", "codes"),
    [("authentication_failed", {}), ("card_half_issued", {"unproved": "half_issued"})],
    ids=["as older records say it", "half issued"],
)
def test_card_that_was_not_mistaken_for_its_badge_stays_refused_regardless_of_the_rules(
    log: Log, reason: str, codes: dict[str, str]
) -> None:
    log.tap(log.person("Hiroshi"), 10, reason, **codes)
    strict = {RuleName.QUALIFICATIONS: QualificationsSetting(ENFORCE, ("nda",))}
    found = rehearsed(log, book(strict))
    assert (found.taps, found.changes) == (1, ())


def test_mode_of_the_door_is_rehearsed_too(log: Log) -> None:
    log.tap(log.person("Hiroshi"), 10)
    doors = {"entrance": DoorRules("entrance", DoorMode.BLOCKED)}
    found = rehearsed(log, RuleBook(areas=book().areas, categories=book().categories, doors=doors))
    assert changes_of(found) == [("Hiroshi", None, DenyReason.DOOR_BLOCKED)]


def test_only_entries_of_the_last_thirty_days_by_badges_still_there_count(log: Log) -> None:
    person = log.person("Hiroshi", "agency")
    log.tap(person, 31 * 24 * 60)
    log.badges[person] = "c0ffee" * 4
    log.tap(person, 10)
    found = rehearsed(log, book(NOT_ALONE))
    assert (found.taps, found.without_badge, found.changes) == (0, 1, ())


def test_who_came_in_before_the_thirty_days_is_still_inside_and_supervises_nobody(log: Log) -> None:
    log.tap(log.person("Boss", "sv"), 31 * 24 * 60)
    log.tap(log.person("Hiroshi", "agency"), 10)
    absent = DenyReason.SUPERVISOR_ABSENT
    assert changes_of(rehearsed(log, book(NOT_ALONE))) == [("Hiroshi", None, absent)]
    full = {RuleName.OCCUPANCY: OccupancySetting(ENFORCE, most=1)}
    assert changes_of(rehearsed(log, book(full))) == [("Hiroshi", None, DenyReason.OCCUPANCY_FULL)]


def test_book_that_could_not_be_published_is_refused(log: Log) -> None:
    nowhere = RuleBook(areas={"floor": Area("floor", "Floor", "フロア", ("back-door",), ())})
    with pytest.raises(RulesRefused):
        rehearsed(log, nowhere)
    with pytest.raises(NotPermitted):
        rehearse(Acting(log.site, VIEWER, NOW), book())
