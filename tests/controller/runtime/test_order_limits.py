"""Orders that neither the pages nor the command line gave, at a running door."""

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.model.moment import Moment
from controller.model.operators import MACHINE, Operator, OperatorStatus
from controller.model.orders import ActionType
from controller.registry import actions, operators
from controller.services.site import Site
from tests.controller.rights import record_rights, wait_until_on_record
from tests.controller.runtime.order_rows import give_unlock
from tests.controller.site import Door
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, SUPERVISOR, VIEWER, moved
from tests.waiting import until


def enrol(site: Site, *added: Operator) -> None:
    with unrecorded(site.registry) as db:
        for one in added:
            operators.add_operator(db, one)


def refusals(door: Door) -> list[str]:
    return [record["reason"] for record in door.log("order_refused")]


def test_order_of_an_active_operator_with_the_right_is_carried_out(door: Door, site: Site) -> None:
    enrol(site, SUPERVISOR)
    with site.registry.write() as db:
        give_unlock(db, site.now(), SUPERVISOR)
    door.wait_for("order_done")
    until(lambda: door.releases == 1)
    assert not door.log("order_forged", "order_refused")


@pytest.mark.parametrize(
    ("operator", "order_at", "limit_ms", "with_action", "reason"),
    [
        (ADMIN, {}, 5000, True, "not_permitted"),  # no such operator
        (VIEWER, {}, 5000, True, "not_permitted"),
        (replace(SUPERVISOR, status=OperatorStatus.DISABLED), {}, 5000, True, "not_permitted"),
        (SUPERVISOR, {}, 5000, False, "no_action"),
        (SUPERVISOR, {"days": 1}, 5000, True, "from_the_future"),
        (SUPERVISOR, {}, 2**62, True, "unreadable"),
        (SUPERVISOR, {}, 5001, True, "limit_too_long"),
    ],
)
def test_forged_order_releases_nothing_and_is_an_alarm(
    door: Door,
    site: Site,
    operator,
    order_at: dict[str, float],
    limit_ms: int,
    with_action: bool,
    reason: str,
) -> None:
    if operator is not ADMIN:
        enrol(site, operator)
    with site.registry.write() as db:
        give_unlock(db, moved(site.now(), **order_at), operator, limit_ms, with_action)
    door.pass_time(1)
    assert door.releases == 0 and not door.log("order_done")
    (refused,) = door.log("order_refused")
    assert refused["reason"] == reason and not refused.get("operator")
    (alarm,) = door.log("order_forged")
    assert (alarm["reason"], alarm["order"]) == (reason, refused["order"])
    assert alarm.get("door") == (None if reason == "unreadable" else "entrance")


@pytest.mark.parametrize("edit", ["type = 'open_everything'", "reason = printf('%.*c', 1000000, 'x')"])
def test_order_with_values_that_no_order_has_is_a_record_and_an_alarm(
    door: Door, site: Site, edit: str
) -> None:
    with unrecorded(site.registry) as db:
        give_unlock(db, site.now())
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(f"UPDATE orders SET {edit}")
    (alarm,) = door.wait_for("order_forged")
    assert (alarm["reason"], refusals(door)) == ("unreadable", ["unreadable"]) and door.releases == 0
    with site.registry.write() as db:
        give_unlock(db, site.now(), MACHINE)
    door.wait_for("order_done")


def test_forged_order_of_another_kind_is_an_alarm_of_its_own(door: Door, site: Site) -> None:
    for limit_ms, with_action in ((5001, True), (2**62, True), (5000, False)):
        with site.registry.write() as db:
            give_unlock(db, site.now(), limit_ms=limit_ms, with_action=with_action)
    door.wait_for("order_forged", count=3)
    reasons = [one["reason"] for one in door.log("order_forged")]
    assert reasons == refusals(door) == ["limit_too_long", "unreadable", "no_action"]


def test_order_and_action_inserted_by_another_program_release_nothing(door: Door, site: Site) -> None:
    enrol(site, SUPERVISOR)
    with unrecorded(site.registry) as db:
        give_unlock(db, site.now(), SUPERVISOR)
    door.wait_for("order_forged")
    assert refusals(door) == ["no_action"] and door.releases == 0


def test_order_with_the_time_of_tomorrow_is_refused_also_if_its_boot_time_is_right(
    door: Door, site: Site
) -> None:
    """Otherwise it would be newer than any lockdown."""
    now: Moment = site.now()
    with site.registry.write() as db:
        give_unlock(db, replace(now, utc=now.utc + timedelta(days=1)))
    door.wait_for("order_forged")
    assert refusals(door) == ["from_the_future"] and door.releases == 0


def test_seventh_order_of_an_operator_within_a_minute_is_refused_and_no_alarm(door: Door, site: Site) -> None:
    enrol(site, SUPERVISOR)
    for _ in range(7):
        with site.registry.write() as db:
            give_unlock(db, site.now(), SUPERVISOR)
        door.pass_time(2)
    assert refusals(door) == ["too_many"] and len(door.log("order_done")) == 6
    assert not door.log("order_forged")
    door.pass_time(50)
    with site.registry.write() as db:
        give_unlock(db, site.now(), SUPERVISOR)
    door.wait_for("order_done", count=7)


def test_twenty_first_order_within_a_minute_is_refused_anyone_who_gave_it(door: Door, site: Site) -> None:
    many = [replace(SUPERVISOR, id=f"{number:016x}", name=f"super{number}") for number in range(21)]
    enrol(site, *many)
    with site.registry.write() as db:
        for operator in many:
            give_unlock(db, site.now(), operator)
    door.wait_for("order_done", count=20)
    door.wait_for("order_refused")
    assert refusals(door) == ["too_many"]


def test_flood_of_forged_orders_leaves_fifty_records_and_an_alarm_a_minute_with_the_count(
    door: Door, site: Site
) -> None:
    for _ in range(4):
        with site.registry.write() as db:
            for _ in range(40):
                give_unlock(db, site.now(), with_action=False)
        door.pass_time(1)
    assert refusals(door) == ["no_action"] * 50 and len(door.log("order_forged")) == 1
    assert door.releases == 0
    with site.registry.write() as db:
        give_unlock(db, site.now(), MACHINE)
    door.wait_for("order_done")
    door.pass_time(60)
    assert door.wait_for("order_forged", count=2)[1]["count"] == 159


def test_order_of_an_operator_whose_role_nobody_gave_releases_nothing(door: Door, site: Site) -> None:
    enrol(site, VIEWER)
    record_rights(site)
    wait_until_on_record(door)
    with unrecorded(site.registry) as db:
        db.execute("UPDATE operators SET role = 'admin'")
    with site.registry.write() as db:
        give_unlock(db, site.now(), VIEWER)
    (alarm,) = door.wait_for("rights_unaccounted")
    assert alarm["subject"] == f"o:{VIEWER.id}"
    door.wait_for("order_forged")
    assert refusals(door) == ["not_permitted"] and door.releases == 0


def test_order_of_an_operator_who_was_added_just_now_waits_for_the_log(door: Door, site: Site) -> None:
    record_rights(site)
    wait_until_on_record(door)
    with site.registry.write() as db:
        operators.add_operator(db, SUPERVISOR)
        actions.record(db, MACHINE, site.now().utc, ActionType.OPERATOR_ADDED, "operator", SUPERVISOR.id)
        give_unlock(db, site.now(), SUPERVISOR)
    door.wait_for("order_done")
    assert not door.log("order_forged", "order_refused", "rights_unaccounted")
