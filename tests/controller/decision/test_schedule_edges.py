from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.decision.schedule_edges import edges_after, edges_before
from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow

TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = Schedule("n", "Night", (TimeWindow(0, 22 * 60, 6 * 60), TimeWindow(2, 0, 1440)))
AT = datetime(2027, 3, 2, 3, 0, tzinfo=UTC)  # a Tuesday noon in Tokyo


def wall(edges: list[datetime]) -> list[str]:
    return [edge.astimezone(TOKYO).strftime("%d %H:%M") for edge in edges]


def test_edges_are_beginnings_ends_and_midnights_in_the_order_asked_for() -> None:
    assert wall(list(edges_before([NIGHT], AT, TOKYO, 1))) == [
        "02 06:00",
        "02 00:00",
        "01 22:00",
        "01 06:00",
        "01 00:00",
    ]
    assert wall(list(edges_after([NIGHT], AT, TOKYO, 1))) == ["02 22:00", "03 00:00", "03 06:00", "03 22:00"]


def test_edge_at_the_moment_itself_is_before_and_not_after() -> None:
    six = datetime(2027, 3, 1, 21, 0, tzinfo=UTC)
    assert next(edges_before([NIGHT], six, TOKYO, 1)) == six
    assert next(edges_after([NIGHT], six, TOKYO, 1)) > six


def test_day_with_a_change_of_clocks_has_its_edges_too() -> None:
    new_york = ZoneInfo("America/New_York")
    changes = datetime(2027, 3, 14, 5, 0, tzinfo=UTC)  # the hour from two to three is skipped this night
    early = Schedule("e", "Early", (TimeWindow(6, 150, 240),))
    found = list(edges_after([early], changes, new_york, 0))
    assert [edge.isoformat()[11:16] for edge in found] == ["07:30", "08:00"]


def test_hours_of_special_days_have_edges_too() -> None:
    short = Schedule(
        "s", "Short", special=(SpecialDay("holiday"), SpecialDay("short-day", (Hours(540, 1440),)))
    )
    assert wall(list(edges_before([short], AT, TOKYO, 0))) == ["02 09:00", "02 00:00"]
