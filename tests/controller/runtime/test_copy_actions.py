"""What operators did, from the registry into the journal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise

from controller.journal.append import Journal
from controller.model.events import Json
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.model.orders import OperatorAction
from controller.registry.card_hash import load_key
from controller.registry.lookup import Lookup, RegistryUnreadable
from controller.runtime.copy_actions import ActionCopier, action_event
from controller.services.found_rights import record_found
from controller.services.people import badges, imports, people
from controller.services.site import Site
from tests.controller.site import Door, admit, running_door
from tests.controller.unrecorded import unrecorded

AT = Moment(datetime(2027, 3, 1, 9, tzinfo=UTC), 10_000, "b" * 32, ClockState.TRUSTED)


def test_operators_actions_reach_the_journal_once_also_those_done_while_the_door_was_down(site: Site):
    admit(site)
    with running_door(site) as door:
        door.wait_for("operator_action", count=3)
    people.add(site.acting(MACHINE), "後から 来た")
    with running_door(site) as door:
        copied = door.wait_for("operator_action", count=4)
        badges_before = [line["action_id"] for line in copied]
        people.add(site.acting(MACHINE), "もう 一人")
        copied = door.wait_for("operator_action", count=5)
    assert [line["action_id"] for line in copied][:4] == badges_before
    assert len({line["action_id"] for line in copied}) == 5


def test_correction_of_presence_says_in_codes_what_presence_is_distinguished_from() -> None:
    after: dict[str, Json] = {"area": "floor", "category": "sv", "resolves": 7, "name": "山田 花子"}
    row = OperatorAction(
        1, AT.utc, None, "佐藤", "sv", "presence_corrected", "person", "p1", None, after, "forgot to tap"
    )
    codes = action_event(row, AT).codes
    assert codes["object_id"] == "p1" and "name" not in codes
    assert (codes["area"], codes["category"], codes["resolves"]) == ("floor", "sv", 7)


@contextmanager
def unreadable_for_the_copier(door: Door) -> Iterator[None]:
    """The record thread cannot open the registry; the decide thread, which has it open, can read it."""
    (copier,) = (chore for chore in door.service.recorder._chores._woken if isinstance(chore, ActionCopier))

    def fail() -> Lookup:
        raise RegistryUnreadable("no file descriptor is left")

    open_lookup, copier._open_lookup, copier._lookup = copier._open_lookup, fail, None
    yield
    copier._open_lookup = open_lookup


def test_action_that_could_not_be_read_is_copied_a_second_later(site: Site):
    badge = admit(site)
    with running_door(site) as door:
        door.wait_for("operator_action", count=3)
        with unreadable_for_the_copier(door):
            badges.report_lost(site.acting(MACHINE), badge)
            door.pass_time(3)
            assert len(door.log("operator_action")) == 3
        door.pass_time(2)
        assert door.log("operator_action")[-1]["action"] == "badge_lost"
        assert not door.log("actions_not_copied")


def test_actions_that_cannot_be_copied_are_an_alarm_after_ten_seconds_and_no_tap_waits_for_them(site: Site):
    admit(site)
    record_found(site, site.now())
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        with unreadable_for_the_copier(door):
            people.add(site.acting(MACHINE), "後から 来た")
            door.pass_time(12)
            (alarm,) = door.log("actions_not_copied")
            assert alarm["alarm"] == 1
            with unrecorded(site.registry) as db:
                db.execute("UPDATE cardholders SET overrides = 1")
            door.present("entrance-in")
            door.pass_time(1)
            assert door.log("access_denied")[-1]["reason"] == "rights_unaccounted"
            assert door.log("rights_unaccounted")[0]["alarm"] == 1
            door.pass_time(60)
            assert len(door.log("actions_not_copied")) == 1
        door.wait_for("operator_action", count=5)


def test_import_is_recorded_chunk_by_chunk_so_that_a_tap_waits_for_one_alone(site: Site):
    rows = "".join(f"Import {i},{0x0116000000000000 + i:016X}\n" for i in range(500))
    report = imports.check(site.acting(MACHINE), f"name,idm\n{rows}".encode())
    assert report.import_id is not None
    imports.publish(site.acting(MACHINE), report.import_id)
    data = site.config.data
    key = load_key(data / "keys")
    copier = ActionCopier(lambda: Lookup(data / "registry" / "registry.db"), lambda: key, site.now)
    with Journal.open(data / "journal" / "journal.db", site.config.version) as journal:
        newest = [journal.newest_seq]
        while copier(journal):
            newest.append(journal.newest_seq)
    assert max(after - before for before, after in pairwise(newest)) <= 2  # the import, and one chunk
    assert len(newest) >= 8  # 1,000 subjects, 140 in a chunk
