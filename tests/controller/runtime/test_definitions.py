"""Definitions that somebody writes into the registry behind the registrar's back: at a running door."""

import contextlib
from pathlib import Path

import pytest

from controller.journal.rights import RightsInForce
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.registry import rule_books as rows
from controller.registry.lookup import Lookup
from controller.runtime.definitions import DefinitionsInForce
from controller.services.doors import lockdown
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.rights import record_rights, wait_until_on_record
from tests.controller.site import admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded
from tests.waiting import until

OTHER_LEVEL = "INSERT INTO access_levels VALUES ('other', 'Other')"
LOG_ALARM = '[log]\nunaccounted = "alarm"\n[doors.entrance]\n'
EDITS = {
    "level's door": (
        "l",
        "INSERT INTO access_rules SELECT level_id, 'entrance-out', schedule_id FROM access_rules",
    ),
    "level": ("l", "DELETE FROM access_rules"),
    "schedule": ("s", "INSERT INTO schedule_windows VALUES ('always', 1, 0, 1440)"),
    "holiday": ("d", "INSERT INTO holiday_dates VALUES ('2026-11-24', 'holiday')"),
    "rule book": (
        "r",
        "INSERT INTO rule_books (body, utc, operator_id, operator_name, note) VALUES ('{}', '', '', '', '')",
    ),
}


@pytest.mark.parametrize(("kind", "edit"), EDITS.values(), ids=EDITS)
def test_edited_definition_opens_nothing_is_an_alarm_and_lets_people_out(site: Site, kind: str, edit: str):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        with unrecorded(site.registry) as db:
            db.execute(edit)
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "rights_unaccounted"
        (alarm,) = door.wait_for("rights_unaccounted")
        assert alarm["subject"].startswith(f"{kind}:") and door.releases == 0
        door.present("entrance-out")
        until(lambda: door.releases == 1)
    with running_door(site) as door:  # who knows no earlier one
        door.pass_time(1)
        door.present("entrance-in")
        assert door.wait_for("access_denied", count=2)[1]["reason"] == "rights_unaccounted"
        assert len(door.wait_for("rights_unaccounted", count=2)) == 2 and door.releases == 0


def test_many_definitions_that_no_record_gives_are_one_alarm_until_there_are_more(site: Site):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        with unrecorded(site.registry) as db:
            db.executemany("INSERT INTO access_levels VALUES (?, ?)", [(f"{i}", f"L{i}") for i in range(50)])
        (alarm,) = door.wait_for("rights_unaccounted")
        assert (alarm["subjects_count"], len(alarm["subjects"].split())) == (50, 20)
        door.pass_time(700)
        with unrecorded(site.registry) as db:
            db.execute(OTHER_LEVEL)
        alarms = door.wait_for("rights_unaccounted", count=2)
        assert [one["subject"] for one in alarms[1:]] == ["l:other"]


def unlocked() -> RuleBook:
    return RuleBook(doors={"entrance": DoorRules("entrance", DoorMode.UNLOCKED)})


def test_rule_book_that_no_record_gives_unlocks_no_door(site: Site):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        with unrecorded(site.registry) as db:
            rows.publish(db, unlocked(), MACHINE, site.now().utc, "")
        door.wait_for("rights_unaccounted")
        door.pass_time(2)
        assert door.level == 0 and not door.log("door_mode_changed")
    with running_door(site) as door:
        door.pass_time(2)
        assert door.level == 0 and not door.log("door_mode_changed")
        rule_books.publish(site.acting(MACHINE), unlocked(), "by an operator")
        until(lambda: door.level == 1)


def test_rule_book_of_an_operator_counts_within_a_second_and_names_its_record(site: Site):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        rule_books.publish(site.acting(MACHINE), RuleBook(), "first")
        door.present("entrance-in")
        (granted,) = door.wait_for("access_granted")
        published = door.log("operator_action")[-1]
        assert (granted["rules"], granted["rules_seq"]) == (1, published["seq"])
        assert granted["levels_seq"] <= granted["rights_seq"] and granted["schedules_seq"]
        assert not door.log("rights_unaccounted")


def test_lockdown_that_somebody_deletes_stays_in_force_also_after_a_restart(site: Site):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        lockdown.begin(site.acting(MACHINE), "*", "a drill")
        until(lambda: door.service.live_facts.facts.lockdowns)
        with unrecorded(site.registry) as db:
            db.execute("DELETE FROM lockdowns")
        assert door.wait_for("rights_unaccounted")[0]["subject"] == "k:all"
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "lockdown"
        door.wait_for("lockdown_doubtful")
    with running_door(site) as door:
        door.pass_time(1)
        door.present("entrance-in")
        assert door.wait_for("access_denied", count=2)[1]["reason"] == "lockdown"
        assert [one.area for one in lockdown.in_force(site)] == ["*"] and door.releases == 0
        lockdown.end(site.acting(MACHINE), "*", "the drill is over")
        until(lambda: not door.service.live_facts.facts.lockdowns)
        door.present("entrance-in")
        door.wait_for("access_granted")


def test_lockdown_that_somebody_inserts_is_in_force_and_an_alarm(site: Site):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        with unrecorded(site.registry) as db:
            db.execute("INSERT INTO lockdowns VALUES ('*', '2026-11-24T06:00:00.000000Z', 'x', 'x', 'x')")
        door.wait_for("rights_unaccounted")
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "lockdown"


def test_change_of_another_definition_counts_while_one_is_not_on_record(site: Site):
    """Rules and lockdowns of operators do not wait for what somebody has written."""
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        with unrecorded(site.registry) as db:
            db.execute("INSERT INTO holiday_dates VALUES ('2026-11-24', 'holiday')")
        door.wait_for("rights_unaccounted")
        rule_books.publish(site.acting(MACHINE), RuleBook(), "")
        until(lambda: door.service.live_facts.facts.book.version == 1)
        lockdown.begin(site.acting(MACHINE), "*", "a drill")
        until(lambda: door.service.live_facts.facts.lockdowns == {"*"})


def test_last_good_copy_holds_earlier_definitions_with_an_alarm_and_no_edited_ones(site: Site):
    """Also at a start: the copy is never of a definition that no record gives."""
    admit(site)
    record_rights(site)
    file = site.config.data / "registry" / "registry.db"
    with running_door(site) as door:
        wait_until_on_record(door)
        door.pass_time(65)
        with unrecorded(site.registry) as db:
            rows.publish(db, unlocked(), MACHINE, site.now().utc, "")
        door.pass_time(65)
        site.registry.close()
        file.rename(file.with_name("away"))
        file.write_bytes(b"no registry " * 1000)
        door.pass_time(2)
        door.present("entrance-in")
        door.wait_for("access_granted")
        assert not door.log("door_mode_changed")
    with running_door(site) as door:
        door.pass_time(2)
        assert door.level == 0 and not door.log("door_mode_changed")
        door.present("entrance-in")
        granted = door.wait_for("access_granted", count=2)[1]
        assert granted["registry_copy"] == 1


def test_rule_book_that_no_record_gives_unlocks_no_door_of_a_site_that_chose_the_alarm_alone(tmp_path: Path):
    with make_site(tmp_path / "data", clock=StepClock(), door=LOG_ALARM) as site:
        admit(site)
        record_rights(site)
        with running_door(site) as door:
            wait_until_on_record(door)
            with unrecorded(site.registry) as db:
                rows.publish(db, unlocked(), MACHINE, site.now().utc, "")
            door.wait_for("rights_unaccounted")
            door.pass_time(2)
            assert door.level == 0 and not door.log("door_mode_changed")
            door.present("entrance-in")
            assert door.wait_for("access_granted")[0]["rules"] == 1


def test_door_that_started_without_its_log_takes_no_edited_rule_book_for_an_earlier_one(site: Site):
    admit(site)
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
    log = site.config.data / "journal" / "journal.db"
    with unrecorded(site.registry) as db:
        rows.publish(db, unlocked(), MACHINE, site.now().utc, "")
    with contextlib.closing(Lookup(site.registry.file)) as lookup:
        in_force = DefinitionsInForce(RightsInForce(log), refuses=True)
        log.rename(log.with_name("away"))
        assert in_force.of(lookup, is_copy=False).on_record.book.version == 1, "nobody knows"
        log.with_name("away").rename(log)
        now = in_force.of(lookup, is_copy=False)
        assert now.on_record.book.version == 0 and {one.kind for one in now.unaccounted} == {"r"}
