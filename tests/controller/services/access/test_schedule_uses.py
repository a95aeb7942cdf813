from controller.model.access import TimeWindow
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import levels, schedules
from controller.services.access.schedule_uses import ScheduleUses, uses
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW


def test_levels_with_their_people_and_modes_of_doors_are_named(site: Site) -> None:
    day = schedules.add(Acting(site, ADMIN, NOW), "Day", [TimeWindow(0, 540, 1080)])
    night = schedules.add(Acting(site, ADMIN, NOW), "Night", [TimeWindow(0, 1320, 360)])
    assert uses(site.acting(ADMIN), day) == ScheduleUses((), ())
    staff = levels.add(Acting(site, ADMIN, NOW), "Staff", [("entrance-in", day.id), ("entrance-out", day.id)])
    levels.add(Acting(site, ADMIN, NOW), "Guards", [("entrance-in", night.id)])
    people.add(Acting(site, ADMIN, NOW), "佐藤 太郎", levels=[staff.id])
    entrance = DoorRules("entrance", scheduled=(ScheduledMode("Day", DoorMode.UNLOCKED),))
    rule_books.publish(Acting(site, ADMIN, NOW), RuleBook(doors={"entrance": entrance}), "")
    found = uses(site.acting(ADMIN), day)
    assert [(one.name, one.people) for one in found.levels] == [("Staff", 1)]
    assert found.doors == (("entrance", DoorMode.UNLOCKED),)
    assert [one.name for one in uses(site.acting(ADMIN), night).levels] == ["Guards"]
    assert uses(site.acting(ADMIN), night).doors == ()
