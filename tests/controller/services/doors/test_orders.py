from dataclasses import replace

import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted, Throttled
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import OrderType
from controller.model.reasons import OrderRefusal
from controller.registry import operators
from controller.registry.accounts import sessions
from controller.services.acting import Acting
from controller.services.doors import lockdown, orders
from controller.services.doors.lockdown import SITE
from controller.services.doors.orders import OrderState
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, AUDITOR, BOOT, NOW, SUPERVISOR, VIEWER, idm, later


@pytest.fixture(autouse=True)
def signed_in(site: Site) -> None:
    """A session of each operator who may unlock, named like the operator."""
    with unrecorded(site.registry) as db, site.accounts.write() as accounts:
        for operator in (ADMIN, SUPERVISOR):
            operators.add_operator(db, operator)
            sessions.add_session(accounts, operator.name, operator.id, NOW.utc)


def unlock(
    site: Site, operator: Operator, now: Moment, door: str, reason: str, despite_lockdown: bool = False
) -> int:
    return orders.unlock_once(Acting(site, operator, now), door, reason, despite_lockdown)


def test_unlock_order_carries_boot_age_and_reason(site: Site):
    with DoorSide(site) as door:
        order_id = unlock(site, SUPERVISOR, NOW, "entrance", " a parcel ")
        (order,) = door.lookup.orders_after(0)
        assert order.id == order_id
        assert (order.type, order.door, order.reason) == (OrderType.UNLOCK_ONCE, "entrance", "a parcel")
        assert (order.boot, order.boottime_ms, order.limit_ms) == (BOOT, NOW.mono_ms, 5000)
        assert (order.operator_id, order.operator_name) == (SUPERVISOR.id, "Supervisor")
        assert order.utc == NOW.utc
        assert door.lookup.orders_after(order_id) == []
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert (change.action, change.object_id, change.reason) == ("unlock_ordered", "entrance", "a parcel")


def test_order_without_reason_or_for_no_door_is_refused_and_not_written(site: Site):
    with DoorSide(site) as door:
        with pytest.raises(BadInput):
            unlock(site, ADMIN, NOW, "entrance", "  ")
        with pytest.raises(NotFound):
            unlock(site, ADMIN, NOW, "cellar", "why")
        with pytest.raises(NotFound):
            orders.learn_badge(Acting(site, ADMIN, NOW), "cellar")
        assert door.lookup.orders_after(0) == []


def test_seventh_unlock_within_a_minute_is_refused_for_this_operator_alone(site: Site):
    """A stolen session cannot open doors repeatedly."""
    with DoorSide(site) as door:
        for second in range(6):
            unlock(site, SUPERVISOR, later(seconds=second), "entrance", "why")
        with pytest.raises(Throttled, match="6 times within a minute; wait 50 seconds"):
            unlock(site, SUPERVISOR, later(seconds=10), "entrance", "why")
        unlock(site, ADMIN, later(seconds=10), "entrance", "why")
        orders.learn_badge(Acting(site, ADMIN, later(seconds=10)), "entrance-in")
        unlock(site, SUPERVISOR, later(seconds=60), "entrance", "why")
        assert len(door.lookup.orders_after(0)) == 9


def test_door_under_lockdown_is_unlocked_only_for_who_says_so(site: Site):
    with DoorSide(site) as door:
        lockdown.begin(Acting(site, ADMIN, NOW), SITE, "drill")
        with pytest.raises(BadInput, match="The area behind this door is under lockdown") as refusal:
            unlock(site, SUPERVISOR, NOW, "entrance", "the police")
        assert refusal.value.field == "despite_lockdown"
        assert door.lookup.orders_after(0) == []
        unlock(site, SUPERVISOR, NOW, "entrance", "the police", despite_lockdown=True)
        assert len(door.lookup.orders_after(0)) == 1
    ordered = changes.page(Acting(site, ADMIN, NOW))[0]
    assert (ordered.action, (ordered.after or {})["despite_lockdown"]) == ("unlock_ordered", True)


def test_order_while_the_door_service_is_down_is_refused_immediately(site: Site):
    with pytest.raises(Conflict, match="not running"):
        unlock(site, ADMIN, NOW, "entrance", "why")
    with site.registry.read() as db:
        assert db.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_roles_without_the_right_order_nothing(site: Site):
    with DoorSide(site):
        for asker in (AUDITOR, VIEWER):
            with pytest.raises(NotPermitted):
                unlock(site, asker, NOW, "entrance", "why")
        with pytest.raises(NotPermitted):
            orders.learn_badge(Acting(site, SUPERVISOR, NOW), "entrance-in")


def test_outcome_follows_what_the_door_recorded(site: Site):
    with DoorSide(site) as door:
        done = unlock(site, ADMIN, NOW, "entrance", "why")
        assert orders.outcome(Acting(site, ADMIN, NOW), done).state is OrderState.WAITING
        door.answer(done, EventType.ORDER_DONE)
        assert orders.outcome(Acting(site, ADMIN, NOW), done).state is OrderState.DONE
        late = unlock(site, ADMIN, NOW, "entrance", "why")
        door.answer(late, EventType.ORDER_REFUSED, "too_old")
        refused = orders.outcome(Acting(site, ADMIN, NOW), late)
        assert (refused.state, refused.refusal) == (OrderState.REFUSED, OrderRefusal.TOO_OLD)


def test_order_nobody_answers_ends_with_no_answer(site: Site):
    with DoorSide(site):
        order = orders.learn_badge(Acting(site, ADMIN, NOW), "entrance-in")
        assert orders.outcome(Acting(site, ADMIN, later(seconds=31)), order).state is OrderState.WAITING
        assert orders.outcome(Acting(site, ADMIN, later(seconds=33)), order).state is OrderState.NO_ANSWER
        other_boot = replace(NOW, boot="1" * 32)
        assert orders.outcome(Acting(site, ADMIN, other_boot), order).state is OrderState.NO_ANSWER


def test_learned_card_tells_whether_it_is_enrolled_already(site: Site):
    person = people.add(Acting(site, ADMIN, NOW), "山田")
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(0xBEEF))
    with DoorSide(site) as door:
        order = orders.learn_badge(Acting(site, ADMIN, NOW), "entrance-in")
        door.learned(order, idm(0xBEEF))
        found = orders.outcome(Acting(site, ADMIN, NOW), order)
        assert (found.state, found.last_four, found.badge_id) == (OrderState.DONE, "BEEF", badge.id)
        new = orders.learn_badge(Acting(site, ADMIN, NOW), "entrance-in")
        door.learned(new, idm(0xCAFE))
        assert orders.outcome(Acting(site, ADMIN, NOW), new).badge_id is None


@pytest.fixture
def osdp(site: Site) -> Site:
    """The same site, with its inward reader on an RS-485 line."""
    readers = dict(site.config.readers)
    readers["entrance-in"] = replace(readers["entrance-in"], path="osdp:USB0:0")
    site.config = replace(site.config, readers=readers)
    return site


def test_install_window_is_ordered_by_an_admin(osdp: Site):
    with DoorSide(osdp) as door:
        order_id = orders.open_install(Acting(osdp, ADMIN, NOW), "entrance-in", True)
        (order,) = door.lookup.orders_after(0)
        assert (order.id, order.type, order.reader) == (order_id, OrderType.OPEN_INSTALL, "entrance-in")
        assert order.limit_ms == 5000
    change = changes.page(Acting(osdp, ADMIN, NOW))[0]
    assert (change.action, change.object_id) == ("install_ordered", "entrance-in")


def test_install_window_is_refused_and_nothing_ordered(osdp: Site):
    with DoorSide(osdp) as door:
        for operator in (SUPERVISOR, AUDITOR, VIEWER):
            with pytest.raises(NotPermitted):
                orders.open_install(Acting(osdp, operator, NOW), "entrance-in", True)
        with pytest.raises(BadInput) as unready:
            orders.open_install(Acting(osdp, ADMIN, NOW), "entrance-in", False)
        assert unready.value.field == "ready"
        for name in ("entrance-out", "cellar"):
            with pytest.raises(NotFound):
                orders.open_install(Acting(osdp, ADMIN, NOW), name, True)
        assert door.lookup.orders_after(0) == []
    with pytest.raises(Conflict):
        orders.open_install(Acting(osdp, ADMIN, NOW), "entrance-in", True)


def test_order_of_somebody_else_is_not_found(site: Site):
    with DoorSide(site):
        order = orders.learn_badge(Acting(site, ADMIN, NOW), "entrance-in")
        with pytest.raises(NotFound):
            orders.outcome(Acting(site, replace(ADMIN, id="e" * 16), NOW), order)
        with pytest.raises(NotFound):
            orders.outcome(Acting(site, ADMIN, NOW), order + 1)
        with pytest.raises(BadInput):
            orders.outcome(Acting(site, ADMIN, NOW), 2**70)
