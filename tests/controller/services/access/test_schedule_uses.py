from controller.model.access import TimeWindow
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import levels, schedules
from controller.services.access.schedule_uses import ScheduleUses, uses
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.sample_house import ADMIN, NOW


def test_levels_with_their_people_and_modes_of_doors_are_named(house: Site) -> None:
    day = schedules.add(Acting(house, ADMIN, NOW), "Day", [TimeWindow(0, 540, 1080)])
    night = schedules.add(Acting(house, ADMIN, NOW), "Night", [TimeWindow(0, 1320, 360)])
    assert uses(house.acting(ADMIN), day) == ScheduleUses((), ())
    staff = levels.add(
        Acting(house, ADMIN, NOW), "Staff", [("entrance-in", day.id), ("entrance-out", day.id)]
    )
    levels.add(Acting(house, ADMIN, NOW), "Guards", [("entrance-in", night.id)])
    people.add(Acting(house, ADMIN, NOW), "佐藤 太郎", levels=[staff.id])
    entrance = DoorRules("entrance", scheduled=(ScheduledMode("Day", DoorMode.UNLOCKED),))
    rule_books.publish(Acting(house, ADMIN, NOW), RuleBook(doors={"entrance": entrance}), "")
    found = uses(house.acting(ADMIN), day)
    assert [(one.name, one.people) for one in found.levels] == [("Staff", 1)]
    assert found.doors == (("entrance", DoorMode.UNLOCKED),)
    assert [one.name for one in uses(house.acting(ADMIN), night).levels] == ["Guards"]
    assert uses(house.acting(ADMIN), night).doors == ()
