"""What somebody writes into the registry behind the registrar's back opens nothing unseen."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.journal.rights import RightsInForce
from controller.model.access import Direction, RightsState
from controller.model.definitions import DAYS, RULES, Definitions
from controller.model.events import Event
from controller.model.operators import MACHINE
from controller.model.recorded_rights import SubjectDigest
from controller.model.rule_book import RuleBook
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.registry.standing import Standing
from controller.runtime.definitions import DefinitionsNow
from controller.runtime.rights_check import RightsCheck
from controller.services.explain.record import explain_record
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.decision.samples import badge, tap
from tests.controller.rights import record_rights, wait_until_on_record
from tests.controller.runtime.decide_thread import PIN, key_in, require_pins, with_pin
from tests.controller.site import STRANGER, Door, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW, moved
from tests.waiting import until

EDITS = {
    "person made active": "UPDATE cardholders SET status = 'active'",
    "person may override": "UPDATE cardholders SET overrides = 1",
    "level held longer": "UPDATE cardholder_levels SET valid_until = '2099-01-01T00:00:00.000000Z'",
    "level taken": "DELETE FROM cardholder_levels",
    "badge valid longer": "UPDATE credentials SET valid_until = '2099-01-01T00:00:00.000000Z'",
    "badge that proves no key": "UPDATE credentials SET assurance = 1",
    "qualification": "INSERT INTO cardholder_qualifications SELECT id, 'nda', '2099-01-01' FROM cardholders",
}
INSERTED = """
    INSERT INTO credentials (id, card_hash, kind, last_four, cardholder_id, status)
    SELECT 'forged', ?, 'felica', last_four, cardholder_id, 'active' FROM credentials"""


LOG_ALARM = '[log]\nunaccounted = "alarm"\n[doors.entrance]\n'


@contextlib.contextmanager
def door_on_record(site: Site) -> Iterator[Door]:
    """A running door whose log has all rights of `site`."""
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        yield door


def person_of(site: Site) -> str:
    with site.registry.read() as db:
        return str(db.execute("SELECT id FROM cardholders").fetchone()[0])


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_row_opens_nothing_is_an_alarm_and_lets_people_out(site: Site, edit: str):
    admit(site)
    if "status" in edit:
        people.suspend(site.acting(MACHINE), person_of(site))
    with door_on_record(site) as door:
        with unrecorded(site.registry) as db:
            db.execute(edit)
        began_ms = door.service.clock.mono_ms()
        door.present("entrance-in")
        (refused,) = door.wait_for("access_denied")
        (alarm,) = door.wait_for("rights_unaccounted")
        assert door.service.clock.mono_ms() - began_ms <= 400 and door.releases == 0
        assert refused["reason"] == "rights_unaccounted"
        kind = "b" if "credentials" in edit else "p"
        assert alarm["alarm"] == 1 and alarm["subject"].startswith(f"{kind}:")
        assert alarm["person"] == "山田 花子"
        door.present("entrance-out")
        until(lambda: door.releases == 1)


def test_inserted_badge_and_a_badge_given_to_another_card_open_nothing(site: Site):
    admit(site)
    with door_on_record(site) as door:
        with unrecorded(site.registry) as db:
            db.execute(INSERTED, (card_hash(site.key, STRANGER),))
        door.present("entrance-in", STRANGER)
        door.wait_for("rights_unaccounted")
        with unrecorded(site.registry) as db:
            db.execute("DELETE FROM credentials WHERE id = 'forged'")
            db.execute("UPDATE credentials SET card_hash = ?", (card_hash(site.key, STRANGER),))
        door.present("entrance-in", STRANGER)
        reasons = [line["reason"] for line in door.wait_for("access_denied", count=2)]
        assert reasons == ["rights_unaccounted"] * 2 and door.releases == 0


def test_alarm_comes_once_in_ten_minutes_and_the_old_rights_open_again(site: Site):
    admit(site)
    with door_on_record(site) as door:
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 1")
        for count in (1, 2):
            door.present("entrance-in")
            door.wait_for("access_denied", count=count)
        assert len(door.log("rights_unaccounted")) == 1
        door.pass_time(600)
        door.present("entrance-in")
        door.wait_for("rights_unaccounted", count=2)
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 0")
        door.present("entrance-in")
        assert "rights_seq" in door.wait_for("access_granted")[0]


def test_another_edit_of_the_same_badge_is_another_alarm_also_after_it_agreed(site: Site):
    admit(site)
    with door_on_record(site) as door:
        for count, overrides in ((1, "1"), (2, "2")):
            with unrecorded(site.registry) as db:
                db.execute("UPDATE cardholders SET overrides = 1, more_time = ?", (overrides == "2",))
            door.present("entrance-in")
            door.wait_for("access_denied", count=count)
            assert len(door.wait_for("rights_unaccounted", count=count)) == count
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 0, more_time = 0")
        door.present("entrance-in")
        door.wait_for("access_granted")
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 1, more_time = 1")
        door.present("entrance-in")
        assert len(door.wait_for("rights_unaccounted", count=3)) == 3


def test_change_by_an_operator_counts_at_the_next_tap_and_is_no_alarm(site: Site):
    badge_id = admit(site)
    with door_on_record(site) as door:
        for count in range(1, 6):
            people.suspend(site.acting(MACHINE), person_of(site))
            door.present("entrance-in")
            assert door.wait_for("access_denied", count=2 * count - 1)[-1]["reason"] == "cardholder_suspended"
            people.resume(site.acting(MACHINE), person_of(site))
            door.present("entrance-in")
            granted = door.wait_for("access_granted", count=count)[-1]
            assert granted["rights_seq"] == door.log("operator_action")[-1]["seq"]
            badges.suspend(site.acting(MACHINE), badge_id)
            door.present("entrance-in")
            assert door.wait_for("access_denied", count=2 * count)[-1]["reason"] == "credential_suspended"
            badges.resume(site.acting(MACHINE), badge_id)
        assert not door.log("rights_unaccounted")


def test_pin_that_nobody_set_on_the_pages_opens_nothing(site: Site):
    with_pin(site)
    require_pins(site)
    with door_on_record(site) as door:
        door.present("entrance-in")
        key_in(door, PIN)
        door.wait_for("access_granted")
        with unrecorded(site.registry) as db:
            db.execute("UPDATE pins SET digits = digits + 1")
        door.present("entrance-in")
        (refused,) = door.wait_for("access_denied")
        (alarm,) = door.wait_for("rights_unaccounted")
        assert refused["reason"] == "rights_unaccounted" and alarm["subject"].startswith("n:")


def test_site_that_chose_the_alarm_alone_admits(tmp_path: Path):
    with make_site(tmp_path / "data", clock=StepClock(), door=LOG_ALARM) as site:
        admit(site)
        with door_on_record(site) as door:
            with unrecorded(site.registry) as db:
                db.execute("UPDATE cardholders SET overrides = 1")
            door.present("entrance-in")
            (granted,) = door.wait_for("access_granted")
            door.wait_for("rights_unaccounted")
            assert granted["warning"] == "unaccounted_admitted" and "rights_seq" not in granted
            door.present("entrance-in")
            assert door.wait_for("access_granted", count=2)[1]["warning"] == "unaccounted_admitted"
            assert len(door.wait_for("rights_unaccounted", count=2)) == 2, "each such entry is an alarm"


def test_page_explains_an_entry_that_the_site_admitted_without_a_record(tmp_path: Path):
    with make_site(tmp_path / "data", clock=StepClock(), door=LOG_ALARM) as site:
        admit(site)
        with door_on_record(site) as door:
            with unrecorded(site.registry) as db:
                db.execute("UPDATE cardholders SET overrides = 1")
            door.present("entrance-in")
            (granted,) = door.wait_for("access_granted")
            explained = explain_record(site.acting(MACHINE), granted["seq"])
        (rule,) = [one for one in explained.explained.explanation.rules if one.title == "rights_on_record"]
        assert rule.observations == {"rights": "unaccounted_admitted"} and explained.same


def test_door_admits_as_before_until_the_rights_of_an_older_registry_are_on_record(site: Site):
    admit(site)
    with unrecorded(site.registry) as db:  # as a program before this one
        db.execute("UPDATE operator_actions SET rights = NULL, mac = NULL")
    with running_door(site) as door:
        door.present("entrance-in")
        door.wait_for("access_granted")
        assert not door.log("rights_unaccounted")


@pytest.mark.parametrize(
    ("remember", "state"), [((), RightsState.UNREADABLE), (("entrance",), RightsState.UNCHECKED)]
)
def test_policy_of_the_door_decides_while_the_log_cannot_be_read(
    tmp_path: Path, remember: tuple[str, ...], state: RightsState
):
    (tmp_path / "journal.db").write_bytes(b"no database " * 1000)
    in_force = RightsInForce(tmp_path / "journal.db")
    check = RightsCheck(in_force, lambda lookup: False, lambda event: None, remember)
    nothing = DefinitionsNow(Definitions(), Definitions(), Definitions())
    assert check.compare(replace(tap(badge()), door="entrance"), None, nothing).state is state
    outward = tap(badge(), Direction.OUT)
    assert check.compare(outward, None, nothing).state is RightsState.UNCHECKED


def test_definitions_of_a_registry_that_is_rolled_back_are_no_alarm_of_their_own(site: Site):
    events: list[Event] = []
    is_rolled_back = True
    check = RightsCheck(
        in_force=RightsInForce(site.config.data / "journal" / "journal.db"),
        has_more_actions=lambda lookup: False,
        record=events.append,
        is_rolled_back=lambda: is_rolled_back,
    )
    found = [SubjectDigest(one, b"digest") for one in (RULES, DAYS)]
    with contextlib.closing(Lookup(site.registry.file)) as lookup:
        for ms in (0, 400, 700_000):
            check.watch(found, lookup, moved(NOW, milliseconds=ms))
        assert events == []
        is_rolled_back = False
        check.watch(found, lookup, moved(NOW, milliseconds=700_050))
    assert [event.codes["subjects_count"] for event in events] == [2]


def test_what_operators_did_while_the_door_was_stopped_counts_at_its_start_without_an_alarm(site: Site):
    admit(site)
    with door_on_record(site):
        pass
    people.suspend(site.acting(MACHINE), person_of(site))
    people.resume(site.acting(MACHINE), person_of(site))
    rule_books.publish(site.acting(MACHINE), RuleBook(), "meanwhile")
    with running_door(site) as door:
        door.present("entrance-in")
        (granted,) = door.wait_for("access_granted")
        assert granted["rules"] == 1 and not door.log("rights_unaccounted", "access_denied")


def test_person_whom_the_last_good_copy_has_otherwise_than_the_log_is_refused(site: Site):
    """The copy is a minute old, and the registry cannot be read."""
    admit(site)
    with door_on_record(site) as door:
        door.pass_time(65)
        people.set_standing(site.acting(MACHINE), person_of(site), Standing(overrides=True))
        door.wait_for("operator_action", count=5)
        site.registry.close()
        file = site.config.data / "registry" / "registry.db"
        file.rename(file.with_name("away"))
        file.write_bytes(b"no registry " * 1000)
        door.wait_for("registry_unreadable")
        door.present("entrance-in")
        (refused,) = door.wait_for("access_denied")
        assert (refused["reason"], refused["registry_copy"]) == ("rights_unaccounted", 1)
        door.wait_for("rights_unaccounted")
        door.present("entrance-out")
        until(lambda: door.releases == 1)
