"""What the rules know, at a running door."""

from datetime import timedelta

from controller.model.operators import MACHINE
from controller.model.rule_book import Area, RuleBook
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.registry import rule_books as rows
from controller.services.doors import lockdown
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.databases import blocked
from tests.controller.site import BADGE, STRANGER, Door, admit, running_door
from tests.controller.unrecorded import unrecorded
from tests.waiting import until

FEW = {RuleName.OCCUPANCY: OccupancySetting(RuleMode.ENFORCE, most=2)}


def publish(site: Site, with_rules: bool = True) -> None:
    floor = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",), FEW if with_rules else {})
    rule_books.publish(site.acting(MACHINE), RuleBook(areas={"floor": floor}), "first")


def inside(door: Door) -> int | None:
    presence = door.service.live_facts.facts.presence
    return None if presence is None else presence.count("floor")


def test_site_without_rules_reads_no_log_for_them(door: Door) -> None:
    door.present("entrance-in")
    door.wait_for("access_granted")
    assert inside(door) is None


def test_who_taps_in_and_out_is_counted_also_after_a_restart(site: Site) -> None:
    admit(site)
    publish(site)
    with running_door(site) as door:
        until(lambda: inside(door) == 0)
        door.present("entrance-in")
        until(lambda: inside(door) == 1)
    with running_door(site) as door:
        until(lambda: inside(door) == 1)
        door.present("entrance-out")
        until(lambda: inside(door) == 0)


def test_rules_published_while_the_door_runs_make_it_count(door: Door, site: Site) -> None:
    publish(site, with_rules=False)
    until(lambda: inside(door) == 0)


def test_entry_waits_for_the_fate_of_the_one_before_it_and_ways_out_do_not(door: Door, site: Site) -> None:
    """Nobody can be recorded, so both are refused, each two seconds after the tap; out goes who wants to."""
    admit(site, STRANGER, "佐藤 次郎")
    publish(site)
    until(lambda: inside(door) == 0)
    with blocked(site.config.data):
        door.present("entrance-in", BADGE)
        door.present("entrance-in", STRANGER)
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        until(lambda: door.service.readers["entrance-in"].indications == ["refused", "refused"])
    assert inside(door) == 0
    door.wait_for("access_denied", count=2)


def test_lockdown_of_the_area_around_is_behind_a_door_of_the_room_within(door: Door, site: Site) -> None:
    """An earlier order to unlock is refused, as at the doors of the area itself."""
    room = Area("room", "Room", "部屋", ("entrance-in",), ("entrance-out",), within="floor")
    book = RuleBook(areas={"floor": Area("floor", "Floor", "フロア", (), ()), "room": room})
    with unrecorded(site.registry) as db:
        rows.publish(db, book, MACHINE, site.now().utc, "a room that takes up the floor")
    before = site.now().utc - timedelta(seconds=1)
    lockdown.begin(site.acting(MACHINE), "floor", "a drill")
    floor = door.service.live_facts
    until(lambda: floor.facts.lockdowns == {"floor"})
    assert floor.has_lockdown_since(["entrance-in"], before)
    assert not floor.has_lockdown_since(["elsewhere-in"], before)
