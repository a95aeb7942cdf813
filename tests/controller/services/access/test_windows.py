"""Time windows that mean nothing, or two things, are refused with one sentence."""

import pytest

from controller.errors import BadInput
from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.services.access.windows import refuse_bad, window, window_text

MORNING, NIGHT = TimeWindow(0, 540, 720), TimeWindow(4, 1320, 360)


@pytest.mark.parametrize(
    ("windows", "special", "sentence"),
    [
        ([], [], "no time window"),
        ([], [SpecialDay("holiday")], "no time window"),
        ([MORNING, TimeWindow(0, 719, 800)], [], "09:00–12:00 and 11:59–13:20 overlap"),
        ([MORNING, MORNING], [], "09:00–12:00 and 09:00–12:00 overlap"),
        ([TimeWindow(0, 0, 1440), MORNING], [], "overlap"),
        ([TimeWindow(5, 300, 400), NIGHT], [], "22:00–06:00 and 05:00–06:40 overlap"),
        ([TimeWindow(6, 1320, 600), MORNING], [], "22:00–10:00 and 09:00–12:00 overlap"),  # over the week
        ([MORNING], [SpecialDay("holiday", (Hours(0, 60), Hours(30, 90)))], "00:00–01:00 and 00:30–01:30"),
        ([MORNING], [SpecialDay("holiday", (Hours(60, 60),))], "starts and ends at 01:00"),
        ([MORNING], [SpecialDay("holiday", (Hours(1440, 60),))], "not within a week"),
        ([MORNING], [SpecialDay("Holiday")], "no day type Holiday"),
        ([MORNING], [SpecialDay("workday")], "no day type workday"),
        ([MORNING], [SpecialDay("a"), SpecialDay("a")], "used twice"),
        ([TimeWindow(7, 0, 60)], [], "not within a week"),
        ([MORNING], [SpecialDay("a", (Hours(0, 60),) * 50)], "at most 50 time windows"),
    ],
)
def test_windows_that_mean_nothing_or_two_things_are_refused(
    windows: list[TimeWindow], special: list[SpecialDay], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        refuse_bad(windows, special)


@pytest.mark.parametrize(
    ("windows", "special"),
    [
        ([MORNING, TimeWindow(0, 720, 800)], []),
        ([NIGHT, TimeWindow(5, 360, 1440)], [SpecialDay("holiday")]),
        ([TimeWindow(6, 1320, 540), MORNING], [SpecialDay("holiday", (Hours(540, 720),))]),
        ([], [SpecialDay("short-day", (Hours(0, 1440),))]),
        ([TimeWindow(day, 1320, 1320 - 1) for day in range(0, 7, 2)][:3], []),
    ],
)
def test_windows_that_touch_are_not_overlap(windows: list[TimeWindow], special: list[SpecialDay]) -> None:
    refuse_bad(windows, special)


def test_window_reads_as_it_was_typed() -> None:
    assert window_text(window(4, "22:00", "06:00")) == "22:00–06:00"
