"""Each grant names the record that gave the rights, and the verifier follows it there."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind, parsed_rights, rights_text
from controller.registry import actions
from controller.registry.rights import rights_now
from controller.services.backup import acceptance
from controller.services.backup.registry_comparison import compare
from controller.services.found_rights import record_found
from controller.services.people import badges, people
from controller.services.site import Site
from deploy.verify.genkan_verify import CANNOT_TELL, OK, TAMPERED, FolderCheck, Key, Stop
from tests.controller.older_registry import EarlierRegistry
from tests.controller.site import Door, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded

EDITED = "UPDATE cardholders SET overrides = 1"


@pytest.fixture
def admitting(tmp_path: Path) -> Iterator[Site]:
    """Its door admits people whose rights no record gives, and raises the alarm."""
    alarm_alone = '[log]\nunaccounted = "alarm"\n[doors.entrance]\n'
    with make_site(tmp_path / "data", clock=StepClock(), door=alarm_alone) as site:
        yield site


def granted(door: Door, count: int) -> dict[str, object]:
    """Tap, and return the count-th grant."""
    door.present("entrance-in")
    return door.wait_for("access_granted", count=count)[count - 1]


def test_grant_names_the_newest_record_of_the_badge_and_its_holder(site: Site):
    badge = admit(site)
    with running_door(site) as door:
        added = door.wait_for("operator_action", count=3)[-1]
        assert added["action"] == "badge_added" and granted(door, 1)["rights_seq"] == added["seq"]
        assert granted(door, 2)["rights_seq"] == added["seq"]
        with site.registry.read() as db:
            person = db.execute("SELECT id FROM cardholders").fetchone()[0]
        people.suspend(site.acting(MACHINE), person)
        people.resume(site.acting(MACHINE), person)
        resumed = door.wait_for("operator_action", count=5)[-1]
        assert parsed_rights(str(resumed["rights"]))[0].subject == Subject(SubjectKind.PERSON, person)
        assert granted(door, 3)["rights_seq"] == resumed["seq"]
        badges.suspend(site.acting(MACHINE), badge)
        suspended = door.wait_for("operator_action", count=6)[-1]
        door.present("entrance-in")
        (refused,) = door.wait_for("access_denied")
        assert "rights_seq" not in refused and str(suspended["rights"]).startswith(f"b:{badge}:")


def test_rights_of_an_older_registry_are_recorded_as_found_once(site: Site):
    admit(site)
    with unrecorded(site.registry) as db:  # as a program before this one
        db.execute("UPDATE operator_actions SET rights = NULL, mac = NULL")
    with running_door(site) as door:
        assert "rights_seq" not in granted(door, 1)
        record_found(site, site.now())
        record_found(site, site.now())
        (found,) = [
            line for line in door.wait_for("operator_action", count=4) if line["action"] == "rights_found"
        ]
        assert granted(door, 2)["rights_seq"] == found["seq"]
    assert verified(site).code == OK


def test_action_that_another_program_adds_is_an_alarm_and_gives_no_rights(site: Site):
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        with unrecorded(site.registry) as db:
            db.execute(EDITED)
            person = db.execute("SELECT id FROM cardholders").fetchone()[0]
            now = rights_now(db, [Subject(SubjectKind.PERSON, person)])
            actions.record(
                db,
                MACHINE,
                site.now().utc,
                ActionType.PERSON_CHANGED,
                "person",
                person,
                rights=rights_text(SubjectDigest(*one) for one in now.items()),
            )
        (forged,) = door.wait_for("action_forged")
        assert forged["alarm"] == 1 and forged["action_id"] == 5 and not forged.get("details")
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "rights_unaccounted"
        people.suspend(site.acting(MACHINE), person)
        assert door.wait_for("operator_action", count=5)[-1]["action"] == "person_suspended"


ADDED = "INSERT INTO operator_actions (utc, operator_name, role, action) VALUES ('', '', '', 'person_added')"


def test_hundreds_of_actions_that_another_program_adds_are_two_alarms_with_their_count(site: Site):
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        with unrecorded(site.registry) as db:
            for _ in range(500):
                db.execute(ADDED)
        door.pass_time(30)
        (first,) = door.log("action_forged")
        assert (first["alarm"], first["action_id"], first["last_action_id"]) == (1, 5, 4 + first["count"])
        door.pass_time(600)
        second = door.log("action_forged")[-1]
        assert first["count"] + second["count"] == 500 and second["last_action_id"] == 504
        door.pass_time(1200)
        assert len(door.log("action_forged")) == 2
        people.add(site.acting(MACHINE), "後から 来た")
        assert door.wait_for("operator_action", count=5)[-1]["action"] == "person_added"


def verified(site: Site, grant: int | None = None):
    key = Key.parse((site.config.data / "keys" / "shared" / "log.vkey").read_text().strip())
    return FolderCheck(site.config.data / "journal" / "journal.db", key, [], grant).verdict()


def test_verifier_tells_of_one_grant_which_record_gave_the_right_and_who(admitting: Site):
    site = admitting
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        found = door.wait_for("operator_action", count=4)[-1]
        by = granted(door, 1)
        with site.registry.read() as db:
            person = db.execute("SELECT id FROM cardholders").fetchone()[0]
        people.suspend(site.acting(MACHINE), person)
        people.resume(site.acting(MACHINE), person)
        resumed = door.wait_for("operator_action", count=6)[-1]
        again = granted(door, 2)
        with unrecorded(site.registry) as db:
            db.execute(EDITED)
        without = granted(door, 3)
        door.present("entrance-out")
        out = door.wait_for("access_granted", count=4)[-1]
    by_whom = "given by command line, under no published rules."
    for grant, sentence in (
        (by, f"admitted because of record {found['seq']} (rights_found), {by_whom}"),
        (again, f"admitted because of record {resumed['seq']} (person_resumed), {by_whom}"),
        (without, "admitted, but it names no record that gave the right to enter."),
        (out, "let out; leaving needs no right."),
    ):
        assert verified(site, grant["seq"]).lines[0] == f"Record {grant['seq']}: {sentence}"
    for number, refused in (
        (found["seq"], f"record {found['seq']} is not a grant; its type is operator_action"),
        (999, "there is no record 999; the log holds"),
    ):
        with pytest.raises(Stop) as stop:
            verified(site, number)
        assert refused in stop.value.verdict.sentence and stop.value.verdict.code == CANNOT_TELL


def test_verifier_names_the_operator_who_accepted_the_registry_that_gave_the_right(
    site: Site, tmp_path: Path
):
    admit(site)
    record_found(site, site.now())
    earlier = EarlierRegistry(site, tmp_path / "earlier")
    with running_door(site) as door:
        people.add(site.acting(MACHINE), "後から 来た")
        door.wait_for("operator_action", count=5)
    earlier.restore_files()
    yoko = replace(site.acting(MACHINE), operator=replace(MACHINE, display_name="Yoko"))
    acceptance.accept(yoko, compare(yoko).fingerprint, "compared on paper")
    with running_door(site) as door:
        door.pass_time(2.0)
        newest = {line["action"]: line["seq"] for line in door.log("operator_action")}
        grant = granted(door, 1)["seq"]
    giving = f"{newest['rights_found']} (rights_found) of record {newest['registry_accepted']}"
    assert verified(site, grant).lines[0] == (
        f"Record {grant}: admitted because of record {giving} (registry_accepted), given by Yoko, "
        "under no published rules."
    )


def test_verifier_names_grants_without_a_record_and_a_changed_table(admitting: Site):
    site = admitting
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        granted(door, 1)
        with unrecorded(site.registry) as db:
            db.execute(EDITED)
        without = granted(door, 2)
    found = verified(site)
    assert found.code == OK
    assert f"1 grant names no record that gave the right to enter: {without['seq']}." in found.lines
    for change, sentence in (
        ("UPDATE rights_in_force SET digest = zeroblob(16) WHERE kind = 'p'", "is not what record"),
        ("DELETE FROM rights_in_force WHERE kind = 'b'", "is not what record"),
        ("INSERT INTO rights_in_force VALUES ('p', 'x', zeroblob(16), 3)", "has rights that record 3"),
    ):
        tampered_with(site, change, sentence)


def tampered_with(site: Site, change: str, sentence: str) -> None:
    file = site.config.data / "journal" / "journal.db"
    before = file.read_bytes()
    db = sqlite3.connect(file)
    db.execute(change)
    db.commit()
    db.close()
    with pytest.raises(Stop, match=sentence) as stop:
        verified(site)
    assert stop.value.verdict.code == TAMPERED
    file.write_bytes(before)
