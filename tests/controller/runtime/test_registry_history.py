"""An older or another registry in place of the accepted one, and its acceptance."""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from controller.errors import Conflict
from controller.model.operators import MACHINE
from controller.registrar.chores import RegistrarChores
from controller.registry.database import Connection
from controller.services.backup import acceptance
from controller.services.backup.registry_comparison import RegistryComparison, compare
from controller.services.doors import alarms, lockdown, orders
from controller.services.found_rights import record_found
from controller.services.people import badges, erasing, people
from controller.services.site import Site
from tests.controller.erasure import request_erasure
from tests.controller.older_registry import EarlierRegistry
from tests.controller.runtime.decide_thread import OTHER
from tests.controller.runtime.order_rows import give_unlock
from tests.controller.site import Door, admit, running_door
from tests.controller.unrecorded import unrecorded
from tests.sample_site import later

SOON = 2.0  # seconds within which the door raises its alarm
WHY = "compared on paper"


@pytest.fixture
def badge(site: Site) -> str:
    """A badge whose rights, like all others, are on record."""
    badge = admit(site)
    record_found(site, site.now())
    return badge


@pytest.fixture
def earlier(site: Site, badge: str, tmp_path: Path) -> EarlierRegistry:
    """The registry before the badge was lost."""
    return EarlierRegistry(site, tmp_path / "earlier")


def lost_and_replaced(door: Door, badge: str, earlier: EarlierRegistry) -> dict[str, Any]:
    """The alarm."""
    badges.report_lost(door.site.acting(MACHINE), badge)
    door.wait_for("operator_action", count=5)
    restore_files(door, earlier)
    (alarm,) = door.log("registry_rolled_back")
    return alarm


def restore_files(door: Door, earlier: EarlierRegistry) -> None:
    """As somebody with access to the files would, beside the running door and registrar."""
    earlier.restore_files()
    RegistrarChores(door.site).open_replaced()  # otherwise a second one within 10 s cannot be read
    door.pass_time(SOON)


def accepted(door: Door) -> RegistryComparison:
    found = compare(door.site.acting(MACHINE))
    acceptance.accept(door.site.acting(MACHINE), found.fingerprint, WHY)
    door.pass_time(SOON)
    return found


def rights_in_force(door: Door) -> dict[str, int]:
    with door._reader() as journal, journal.snapshot() as connection:
        return {
            f"{kind}:{id_}": seq
            for kind, id_, seq in connection.execute("SELECT kind, id, seq FROM rights_in_force")
        }


def test_older_registry_is_an_alarm_within_two_seconds_and_its_next_changes_reach_the_log(
    site: Site, badge: str, earlier: EarlierRegistry
):
    with running_door(site) as door:
        copied = door.wait_for("operator_action", count=4)[-1]["action_id"]
        alarm = lost_and_replaced(door, badge, earlier)
        assert alarm["alarm"] == 1 and alarm["cause"] == "older"
        assert (alarm["action_id"], alarm["action_known"]) == (copied, copied + 1)
        assert door.service.state.now.registry_rolled_back
        people.add(site.acting(MACHINE), "後から 来た")
        added = door.wait_for("operator_action", count=6)[-1]
        assert added["action"] == "person_added" and "again" not in added
        assert "rights" not in added, "nobody has accepted this registry"
    with running_door(site) as door:
        door.pass_time(SOON)
        assert len(door.log("registry_rolled_back")) == 1, "the alarm is the same after a restart"
        assert door.service.state.now.registry_rolled_back
        assert len(door.log("operator_action")) == 6


def test_older_registry_put_back_while_the_door_is_stopped_is_an_alarm_at_its_start(
    site: Site, badge: str, earlier: EarlierRegistry
):
    with running_door(site) as door:
        badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=5)
    earlier.restore_files()
    people.add(site.acting(MACHINE), "後から 来た")  # takes the number of the report
    with running_door(site) as door:
        (alarm,) = door.wait_for("registry_rolled_back")
        assert alarm["cause"] == "rewritten" and alarm["action_id"] == alarm["action_known"]


def test_older_registry_accepted_while_the_door_is_stopped_is_none_to_alarm_about(
    site: Site, badge: str, earlier: EarlierRegistry
):
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        badges.report_lost(acting, badge)
        door.wait_for("operator_action", count=5)
    earlier.restore_files()
    acceptance.accept(acting, compare(acting).fingerprint, WHY)
    with running_door(site) as door:
        door.pass_time(SOON)
        assert not door.log("registry_rolled_back") and not door.service.state.now.registry_rolled_back
        actions = [line["action"] for line in door.log("operator_action") if not line.get("again")]
        assert actions[-2:] == ["registry_accepted", "rights_found"]
        door.present("entrance-in")
        door.wait_for("access_granted")
        assert not compare(acting).differing


def test_newest_registry_put_back_ends_the_alarm_and_goes_on_where_it_was(
    site: Site, badge: str, earlier: EarlierRegistry, tmp_path: Path
):
    with running_door(site) as door:
        badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=5)
        newest = EarlierRegistry(site, tmp_path / "newest")
        restore_files(door, earlier)
        restore_files(door, newest)
        (ended,) = door.log("registry_rollback_ended")
        assert ended["how"] == "put_back" and not door.service.state.now.registry_rolled_back
        people.add(site.acting(MACHINE), "後から 来た")
        added = door.wait_for("operator_action", count=6)[-1]
        assert "rights" in added and added["action_id"] == 6


def copy_rows(file: Path, registry: Connection, table: str, where: str) -> int:
    """From another registry's file into this one, as they are."""
    with closing(sqlite3.connect(file)) as other:
        rows = other.execute(f"SELECT * FROM {table} WHERE {where}").fetchall()
    for row in rows:
        registry.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    return len(rows)


def test_actions_of_the_replaced_registry_give_no_rights_in_the_accepted_one(
    site: Site, badge: str, earlier: EarlierRegistry, tmp_path: Path
):
    replaced = tmp_path / "replaced.db"
    with running_door(site) as door:
        for number in range(10):  # more than the acceptance records
            people.add(site.acting(MACHINE), f"P {number}")
        admit_later(site)
        door.pass_time(SOON)
        with closing(sqlite3.connect(site.registry.file)) as db:
            db.execute("VACUUM INTO ?", (str(replaced),))
        restore_files(door, earlier)
        accepted(door)
        with unrecorded(site.registry) as registry:
            for table in ("access_levels", "access_rules", "cardholders", "cardholder_levels", "credentials"):
                copy_rows(replaced, registry, table, "true")
            newest = registry.execute("SELECT max(id) FROM operator_actions WHERE id < 1000").fetchone()[0]
            assert copy_rows(replaced, registry, "operator_actions", f"id > {newest}") > 5
        door.pass_time(SOON)
        door.present("entrance-in", OTHER)
        assert door.wait_for("access_denied")[-1]["reason"] == "rights_unaccounted"


def test_acceptance_ends_the_alarm_and_its_rights_alone_are_in_force(
    site: Site, badge: str, earlier: EarlierRegistry
):
    with running_door(site) as door:
        new = admit_later(site)
        door.wait_for("operator_action", count=7)
        lost = badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=8)
        assert f"b:{new}" in rights_in_force(door) and lost.id == badge
        restore_files(door, earlier)
        found = accepted(door)
        assert found.differing == 4, "the lost badge; of the later one badge, person and level"
        assert found.named[0].name or found.named[0].subject.id
        assert not door.service.state.now.registry_rolled_back
        (ended,) = door.log("registry_rollback_ended")
        assert ended["how"] == "accepted"
        actions = door.log("operator_action")
        (record,) = [line for line in actions if line["action"] == "registry_accepted"]
        kinds = [alarm.newest.type for alarm in alarms.open_alarms(site.acting(MACHINE))]
        assert "registry_rolled_back" not in kinds, "the acceptance has acknowledged it"
        assert record["details"]["after"] == {"differences": 4} and record["details"]["reason"] == WHY
        assert {seq > record["seq"] for seq in rights_in_force(door).values()} == {True}
        assert f"b:{new}" not in rights_in_force(door)
        door.present("entrance-in")
        granted = door.wait_for("access_granted")[-1]
        assert granted["rights_seq"] > record["seq"], "the badge is accepted as it is: not lost"
        assert compare(site.acting(MACHINE)).differing == 0
        people.add(site.acting(MACHINE), "後から 来た")
        door.pass_time(SOON)
        assert "rights" in door.log("operator_action")[-1]


def admit_later(site: Site) -> str:
    return admit(site, number=OTHER, name="佐藤 愛")


def test_actions_copied_again_change_nothing(site: Site, badge: str, tmp_path: Path):
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        lockdown.begin(acting, lockdown.SITE, "drill")
        lockdown.end(acting, lockdown.SITE, "drill is over")
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        door.wait_for("operator_action", count=6)
        lost_badge = badges.report_lost(acting, badge)
        door.wait_for("operator_action", count=7)
        restore_files(door, earlier)
        before = door.log()[-1]["seq"]
        accepted(door)
        again = [line for line in door.log("operator_action") if line["seq"] > before]
        copied = [line for line in again if line.get("again")]
        assert [line["action"] for line in copied][-2:] == ["lockdown_begun", "lockdown_ended"]
        assert len(copied) == 6 and not any("rights" in line for line in copied)
        assert lost_badge.id == badge
        assert site.journal.logged_lockdowns()[0].action_id == 6
        assert not door.log("lockdown_doubtful") and not door.log("action_forged")


def test_erasure_requested_before_is_not_announced_again(site: Site, badge: str, tmp_path: Path):
    request_erasure(site, people.add(site.acting(MACHINE), "退職 花子").id, site.now())
    with running_door(site) as door:
        door.wait_for("erasure_pending")
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        badges.report_lost(site.acting(MACHINE), badge)
        door.pass_time(SOON)
        restore_files(door, earlier)
        accepted(door)
        assert len(door.log("erasure_pending")) == 1 and not door.log("erasure_refused")
        copied = [line for line in door.log("operator_action") if line.get("again")]
        assert "erasure_asked" in [line["action"] for line in copied]


def test_erasure_cancelled_since_waits_in_the_older_registry_and_its_acceptance_cancels_it(
    site: Site, badge: str, tmp_path: Path
):
    acting = site.acting(MACHINE)
    person = people.add(acting, "残る 花子").id
    request_erasure(site, person, site.now())
    with running_door(site) as door:
        door.wait_for("erasure_pending")
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        erasing.cancel(acting, person)
        door.pass_time(SOON)
        restore_files(door, earlier)
        assert erasing.carry_out_due(site, later(days=8)) == 0, "it may have been cancelled since"
        assert [one.person_id for one in erasing.all_pending(acting)] == [person]
        before = door.log()[-1]["seq"]
        accepted(door)
        assert erasing.all_pending(acting) == []
        cancelled = [
            line
            for line in door.log("operator_action")
            if line["seq"] > before and line["action"] == "erasure_cancelled"
        ]
        assert [(line["object_id"], line.get("again")) for line in cancelled] == [(person, None)]
        assert erasing.carry_out_due(site, later(days=8)) == 0
        request_erasure(site, person, site.now())
        assert erasing.carry_out_due(site, later(days=8)) == 1, "the accepted registry continues the log"


def test_changed_id_alone_clears_nothing_and_copies_nothing_unproven(site: Site, badge: str):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        with unrecorded(site.registry) as db:
            db.execute("UPDATE meta SET registry_id = ?", (secrets.token_hex(16),))
            db.execute("UPDATE operator_actions SET operator_name = 'nobody', mac = NULL")
        door.pass_time(SOON)
        (alarm,) = door.log("registry_rolled_back")
        assert alarm["cause"] == "unknown_registry"
        assert len(door.log("operator_action")) == 4
        accepted(door)
        assert not door.service.state.now.registry_rolled_back
        assert "nobody" not in str(door.log("operator_action")), "no row without a MAC is copied again"
        (forged,) = door.log("action_forged")
        assert (forged["action_id"], forged["count"]) == (1, 4) and "alarm" not in forged


def test_forged_action_in_an_older_registry_is_an_alarm(site: Site, badge: str, earlier: EarlierRegistry):
    with running_door(site) as door:
        badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=5)
        restore_files(door, earlier)
        with unrecorded(site.registry) as db:
            db.execute(
                "INSERT INTO operator_actions (utc, operator_name, role, action)"
                " VALUES ('2020-01-01T00:00:00Z', '', '', 'person_added')"
            )
        door.pass_time(SOON)
        (forged,) = door.log("action_forged")
        assert forged["alarm"] == 1 and forged["action_id"] == 5


UNREADABLE = "CAST(x'ff' AS TEXT)"  # not UTF-8


def test_newest_action_with_a_text_that_nobody_can_read_is_a_rewritten_registry(site: Site, badge: str):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        with unrecorded(site.registry) as db:
            db.execute(f"UPDATE operator_actions SET object_id = {UNREADABLE} WHERE id = 4")
        door.pass_time(SOON)
        (alarm,) = door.log("registry_rolled_back")
        assert alarm["cause"] == "rewritten"
        badges.report_lost(site.acting(MACHINE), badge)
        assert door.wait_for("operator_action", count=5)[-1]["action"] == "badge_lost"


def test_unreadable_action_behind_an_older_registry_does_not_hide_it(
    site: Site, badge: str, earlier: EarlierRegistry
):
    with running_door(site) as door:
        badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=5)
        earlier.restore_files()
        with unrecorded(site.registry) as db:
            db.execute(
                "INSERT INTO operator_actions (id, utc, operator_name, role, action, object_id)"
                f" VALUES (5, '2026-11-20T00:00:00Z', '', '', 'person_added', {UNREADABLE})"
            )
        door.pass_time(SOON)
        assert len(door.log("registry_rolled_back")) == 1


def forget_mark(site: Site) -> None:
    """As in a log that an earlier version has written."""
    with sqlite3.connect(site.config.data / "journal" / "journal.db") as db:
        db.execute("DELETE FROM registry_mark")
    db.close()


def test_log_of_an_earlier_version_goes_by_the_registry_that_it_finds(site: Site, badge: str):
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    forget_mark(site)
    with running_door(site) as door:
        people.add(site.acting(MACHINE), "後から 来た")
        assert "rights" in door.wait_for("operator_action", count=5)[-1]
        assert not door.log("registry_rolled_back")


def test_log_of_an_earlier_version_knows_an_older_and_another_registry(
    site: Site, badge: str, earlier: EarlierRegistry, tmp_path: Path
):
    with running_door(site) as door:
        badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=5)
    newest = EarlierRegistry(site, tmp_path / "newest")
    forget_mark(site)
    earlier.restore_files()
    with running_door(site) as door:
        assert door.wait_for("registry_rolled_back")[0]["cause"] == "older"
        restore_files(door, newest)
        door.wait_for("registry_rollback_ended")
    forget_mark(site)
    with unrecorded(site.registry) as db:
        db.execute("UPDATE meta SET registry_id = ?", (secrets.token_hex(16),))
    with running_door(site) as door:
        assert door.wait_for("registry_rolled_back", count=2)[-1]["cause"] == "unknown_registry"


def test_no_order_of_a_replaced_registry_is_carried_out(site: Site, badge: str, earlier: EarlierRegistry):
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        lost_and_replaced(door, badge, earlier)
        with site.registry.write() as db:
            give_unlock(db, site.now())
        door.wait_for("order_refused")
        assert door.log("order_refused")[0]["reason"] == "registry_rolled_back" and door.releases == 0
        assert not door.log("order_forged")
        with pytest.raises(Conflict, match="an administrator must accept it first"):
            orders.unlock_once(acting, "entrance", "parcel")
        accepted(door)
        orders.unlock_once(acting, "entrance", "parcel")
        door.wait_for("order_done")


def test_acceptance_of_another_registry_is_none_of_this_one(site: Site, badge: str, tmp_path: Path):
    """An accepted registry of an earlier time is an older one, like any other."""
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        earlier = EarlierRegistry(site, tmp_path / "first")
        badges.report_lost(site.acting(MACHINE), badge)
        door.wait_for("operator_action", count=5)
        restore_files(door, earlier)
        accepted(door)
        second = EarlierRegistry(site, tmp_path / "second")
        badges.report_lost(site.acting(MACHINE), badge)
        door.pass_time(SOON)
        assert not door.service.state.now.registry_rolled_back
        restore_files(door, second)
        assert door.service.state.now.registry_rolled_back
        accepted(door)
        restore_files(door, second)
        causes = [line["cause"] for line in door.log("registry_rolled_back")]
        assert causes == ["older", "older", "unknown_registry"]
