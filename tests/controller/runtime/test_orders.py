"""Orders from the registry's row to the pin, in a running door."""

from dataclasses import replace

from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.doors import orders
from controller.services.doors.orders import OrderState
from controller.services.people import badges, people
from controller.services.site import Site
from tests.controller.site import STRANGER, Door, running_door
from tests.waiting import until


def test_unlock_order_releases_once_with_who_and_why(door: Door, site: Site):
    order = orders.unlock_once(site.acting(MACHINE), "entrance", "delivery")
    until(lambda: door.releases == 1)
    done = door.wait_for("order_done")[0]
    assert (done["order"], done["operator"]) == (order, MACHINE.display_name)
    assert orders.outcome(site.acting(MACHINE), order).state is OrderState.DONE
    door.wait_for("lock_secured")
    assert len(door.log("lock_released")) == 1


def test_order_of_another_boot_is_refused_and_nothing_moves(door: Door, site: Site):
    yesterday = replace(site.now(), boot="0" * 32)
    order = orders.unlock_once(Acting(site, MACHINE, yesterday), "entrance", "delivery")
    refused = door.wait_for("order_refused")[0]
    assert (refused["order"], refused["reason"]) == (order, "another_boot")
    assert not door.log("lock_released")


def test_order_sent_before_a_restart_never_opens_the_door_after_it(site: Site):
    with running_door(site) as door:
        door.wait_for("service_started")
        stale = replace(site.now(), mono_ms=site.now().mono_ms - 60_000)
        orders.unlock_once(Acting(site, MACHINE, stale), "entrance", "delivery")
        door.wait_for("order_refused")
    with running_door(site) as door:
        door.wait_for("service_started", count=2)
        door.present("entrance-in", STRANGER)
        door.wait_for("access_denied")
        assert len(door.log("order_refused")) == 1
        assert not door.log("lock_released")


def test_next_badge_is_learned_for_the_operator_who_asked(door: Door, site: Site):
    order = orders.learn_badge(site.acting(MACHINE), "entrance-in")
    present_until_learned(door, site, order)
    learned = orders.outcome(site.acting(MACHINE), order)
    assert (learned.state, learned.last_four) == (OrderState.DONE, STRANGER.last_four)
    person = people.add(site.acting(MACHINE), "新人 一郎")
    badges.add_learned(site.acting(MACHINE), person.id, order)
    door.present("entrance-in", STRANGER)
    assert door.wait_for("access_denied")[-1]["reason"] == "no_access_here"


def present_until_learned(door: Door, site: Site, order: int) -> None:
    """The door sees the order within 50 ms; a person waits for the page to show it, a test polls."""
    until(lambda: door.service.registry_watch.last_order(site.registry.id()) >= order)
    door.present("entrance-in", STRANGER)
    until(lambda: orders.outcome(site.acting(MACHINE), order).state is not OrderState.WAITING)


def test_order_still_waiting_at_a_restart_is_answered_after_it(site: Site):
    """A later order was done meanwhile, so its number alone would hide the one before."""
    with running_door(site) as door:
        learn = orders.learn_badge(site.acting(MACHINE), "entrance-in")
        until(lambda: door.service.registry_watch.last_order(site.registry.id()) >= learn)
        orders.unlock_once(site.acting(MACHINE), "entrance", "delivery")
        door.wait_for("order_done")
        door.wait_for("lock_released")
    with running_door(site) as door:
        present_until_learned(door, site, learn)
        assert orders.outcome(site.acting(MACHINE), learn).state is OrderState.DONE
    assert len(door.log("lock_released")) == 1


def test_row_no_program_can_understand_stops_nobody(door: Door, site: Site):
    """A newer or hijacked web writes an order of a kind this door has never heard of."""
    with site.registry.write() as db:
        db.execute(
            "INSERT INTO orders (type, operator_id, operator_name, boot, boottime_ms, limit_ms, utc) "
            "VALUES ('lockdown', 'x', 'x', 'b', 1, 1, 'now')"
        )
    door.present("entrance-in")
    door.wait_for("access_granted")
    orders.unlock_once(site.acting(MACHINE), "entrance", "delivery")
    door.wait_for("order_done")
