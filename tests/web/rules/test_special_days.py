from controller.model.access import Hours, SpecialDay
from web.rules.special_days import TypedDay, as_typed, parse_days, rows

SPECIAL = (SpecialDay("holiday"), SpecialDay("short-day", (Hours(540, 1440), Hours(0, 60))))


def test_what_is_shown_is_read_as_it_was() -> None:
    assert tuple(parse_days(as_typed(SPECIAL))) == SPECIAL
    assert parse_days({"holiday": TypedDay("")}) == []


def test_each_day_type_has_room_for_another_window() -> None:
    typed = rows(as_typed(SPECIAL), ["holiday", "short-day", "other"])
    assert [(day_type, what, len(windows)) for day_type, what, windows in typed] == [
        ("holiday", "closed", 2),
        ("short-day", "hours", 3),
        ("other", "", 2),
    ]
