"""Sample people for `genkan run --demo`."""

from controller.model.access import TimeWindow
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.services import badges, levels, people, schedules
from controller.services.house import House

SAMPLE_IDM = "0101031284C0FFEE"
_PEOPLE = (
    ("見本 花子", "ミホン ハナコ"),
    ("佐藤 太郎", "サトウ タロウ"),
    ("鈴木 愛", "スズキ アイ"),
    ("Maria Rossi", ""),
)


def fill(house: House, now: Moment) -> None:
    """Sample people, levels and schedules, once; the badge SAMPLE_IDM may always pass everywhere."""
    if people.search(house, MACHINE, now, limit=1).people:
        return
    always = schedules.all_schedules(house, MACHINE, now)[0]
    office = schedules.add(
        house, MACHINE, now, "Office hours", [TimeWindow(day, 8 * 60, 19 * 60) for day in range(5)]
    )
    points = list(house.config.access_points)
    everywhere = levels.add(house, MACHINE, now, "Everywhere", [(point, always.id) for point in points])
    daytime = levels.add(house, MACHINE, now, "Daytime", [(point, office.id) for point in points])
    for index, (name, kana) in enumerate(_PEOPLE):
        person = people.add(house, MACHINE, now, name, kana, [everywhere.id if index == 0 else daytime.id])
        number = SAMPLE_IDM if index == 0 else f"01010312{0x84C0FF00 + index:08X}"
        badges.add(house, MACHINE, now, person.id, number)
