"""What the door notices of the registry by itself: orders, and new versions."""

from controller.model.operators import MACHINE
from controller.services.doors import orders
from controller.services.people import people
from controller.services.site import Site
from tests.controller.runtime.decide_thread import DecideThread
from tests.controller.site import STRANGER, Door, admit
from tests.waiting import until


def test_card_shown_the_moment_after_somebody_asked_to_learn_it_is_learned(door: Door, site: Site) -> None:
    """However long ago the door last read the registry."""
    for count in range(1, 6):
        orders.learn_badge(site.acting(MACHINE), "entrance-in")
        door.present("entrance-in", STRANGER)
        door.wait_for("order_done", count=count)
    assert not door.log("access_denied")


def test_orders_wait_until_the_journal_reports_which_of_them_are_done(door: Door, site: Site) -> None:
    watch = door.service.registry_watch
    done, watch._orders_done = watch._orders_done, lambda registry_id: None
    order = orders.unlock_once(site.acting(MACHINE), "entrance", "delivery")
    door.pass_time(1)
    assert watch.last_order(site.registry.id()) == 0 and not door.log("order_done")
    watch._orders_done = done
    door.wait_for("order_done")
    assert watch.last_order(site.registry.id()) == order
    until(lambda: door.level == 1)


def test_each_version_of_the_registry_is_reported_once(door: Door, site: Site) -> None:
    versions: list[int] = []
    door.service.registry_watch._registry_changed = versions.append
    people.add(site.acting(MACHINE), "新人 一郎")
    door.pass_time(1)
    with site.registry.read() as db:
        (newest,) = db.execute("SELECT registry_version FROM meta").fetchone()
    assert versions == [newest]


def test_definitions_are_read_at_the_tick_after_a_commit_and_not_by_the_tap(site: Site) -> None:
    admit(site)
    thread = DecideThread(site)
    lookup = thread.registry.lookup
    assert lookup is not None
    people.add(site.acting(MACHINE), "新人 一郎")
    thread.wait(50)
    lookup._read_definitions = None  # type: ignore[assignment,method-assign]
    thread.card()
    assert thread.results == ["granted"]
    thread.registry.close()
