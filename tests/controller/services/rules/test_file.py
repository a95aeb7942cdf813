"""The file of rules: reading returns what was written, and an invalid file is reported with its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.model.access import Hours, Schedule, SpecialDay, TimeWindow
from controller.model.rule_book import Category, RuleBook
from controller.registry.levels import LevelRow
from controller.services.rules.file import Times, read, to_text
from controller.services.rules.findings import RulesRefused
from tests.controller.model.rule_books import FULL

NIGHT = Schedule(
    "1",
    "Night",
    (TimeWindow(0, 1320, 360), TimeWindow(4, 1320, 360), TimeWindow(5, 360, 1440)),
    special=(SpecialDay("holiday"), SpecialDay("short-day", (Hours(0, 60), Hours(1320, 60)))),
)
ALWAYS = Schedule("0", "always", always=True)
EVERYWHERE = LevelRow("2", "Every door", (("entrance-in", "0", "always"), ("entrance-in", "1", "Night")))
BOOK = FULL.__class__(0, FULL.areas, FULL.doors, FULL.categories, FULL.qualifications, FULL.holidays)


def test_whole_floor_comes_back_as_it_was() -> None:
    file = read(to_text(BOOK, [ALWAYS, NIGHT], [EVERYWHERE]).encode())
    assert file.book == BOOK
    assert file.schedules == {"Night": Times(NIGHT.windows, NIGHT.special)}
    assert file.levels == {"Every door": (("entrance-in", "always"), ("entrance-in", "Night"))}


def test_windows_and_levels_are_written_as_people_write_them() -> None:
    text = to_text(RuleBook(), [NIGHT], [LevelRow("3", "day", (("entrance-in", "0", "always"),))])
    assert text.startswith(
        '[schedules.Night]\nmon = ["22:00-06:00"]\nfri = ["22:00-06:00"]\nsat = ["06:00-24:00"]\n'
        '\n[schedules.Night.special]\nholiday = []\nshort-day = ["00:00-01:00", "22:00-01:00"]\n'
    )
    assert '[levels.day]\nentrance-in = "always"\n' in text


labels = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)


@given(labels.filter(str.isprintable), st.booleans())
def test_label_of_any_text_comes_back(label: str, supervisor: bool) -> None:
    book = RuleBook(categories={"x": Category("x", label, label, supervisor)})
    assert read(to_text(book, [], []).encode()).book == book


def test_file_of_schedules_only_leaves_the_book_alone() -> None:
    assert read(b'[schedules.day]\nmon = ["09:00-18:00"]\n').book is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file contains no rules"),
        ("[areas", "This is not TOML"),
        ("x = " + "[" * 5000, "nested too deeply"),
        ("[zones]", "the rules.zones: is not known"),
        ("schedules = 3", "schedules: must be a table of tables"),
        ("[schedules]\nnight = 3", "schedules.night: must be a table"),
        ('[schedules.night]\nfriday = ["09:00-18:00"]', "schedules.night.friday: is not a day"),
        ('[schedules.night]\nfri = "09:00-18:00"', "schedules.night.fri: must be a list of windows"),
        ('[schedules.night]\nfri = ["09:00"]', "schedules.night.fri: '09:00' is not a window"),
        ('[schedules.night]\nfri = ["09:00-25:00"]', "schedules.night.fri: This is not a time of day"),
        ('[schedules.night]\nfri = ["9-18"]', "schedules.night.fri: This is not a time of day"),
        ('[schedules.night]\nfri = ["09:00-09:00"]', "schedules.night.fri: A time window starts and ends"),
        ("[schedules.night]", "schedules.night: The schedule has no time window"),
        (
            '[schedules.a]\nfri = ["22:00-06:00"]\nsat = ["05:00-09:00"]',
            "schedules.a: The time windows 22:00",
        ),
        ('[schedules.a]\nmon = ["0:00-3:00"]\nspecial = 3', "schedules.a.special: must be a table"),
        (
            '[schedules.a.special]\nholiday = ["0:00-25:00"]',
            "schedules.a.special.holiday: This is not a time",
        ),
        ('[schedules.a.special]\nHoliday = ["0:00-5:00"]', "schedules.a: There is no day type Holiday"),
        ('[schedules.""]\nfri = ["09:00-18:00"]', "schedules.: The name is empty"),
        ("[levels.day]\nentrance-in = 3", "levels.day.entrance-in: must be a schedule"),
        ("[levels.day]\nentrance-in = []", "levels.day.entrance-in: must be a schedule"),
        ('[areas.floor.rules.occupancy]\nmode = "maybe"', "areas.floor.rules.occupancy.mode: 'maybe'"),
    ],
)
def test_what_is_not_a_file_of_rules_is_reported_with_its_place(text: str, message: str) -> None:
    assert message in refusal(text.encode())


def refusal(content: bytes) -> str:
    with pytest.raises(RulesRefused) as refused:
        read(content)
    (found,) = refused.value.findings
    assert "\n" not in str(found)
    return f"{found.where}: {found}"


def test_bytes_that_are_not_text_and_files_too_large_are_reported() -> None:
    assert "not UTF-8" in refusal(b"\xff\xfe")
    assert "larger than 1 MB" in refusal(b"#" * 1_000_001)


scalars = st.booleans() | st.integers() | st.text(max_size=8)
anything = st.recursive(
    scalars | st.lists(scalars, max_size=3),
    lambda inner: (
        st.lists(inner.filter(lambda one: isinstance(one, dict)), max_size=3)
        | st.dictionaries(st.sampled_from(["mon", "entrance-in", "mode", "rules", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["schedules", "levels", "areas", "doors", "holidays"]), anything)
def test_anything_at_all_is_a_file_or_one_sentence(part: str, plain: Any) -> None:
    from controller.services.rules.toml_text import to_toml

    try:
        read(to_toml({part: {"a": plain}}).encode("utf-8", "replace"))
    except RulesRefused as error:
        assert str(error)
