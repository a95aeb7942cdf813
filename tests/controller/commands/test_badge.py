"""`genkan badge`: enrolling, listing, blocking; bad input changes nothing."""

import unicodedata
from pathlib import Path

import pytest

from tests.controller.commands.command import Answer, done, genkan, listed, refused, unchanged

IDM = "0101031284C01234"
TAKEN = "0101031284C0FFEE"


def add(data: Path, holder: str, idm: str = IDM, *more: str) -> Answer:
    return genkan("badge", "add", "--data", data, "--holder", holder, "--idm", idm, *more)


def test_added_badge_is_listed_with_its_holder_and_level(data: Path):
    answer = done(add(data, "田中 一", "01:01:03:12:84:c0:12:34", "--level", "Everywhere"))
    assert answer.lines == ["Badge …1234 enrolled for 田中 一.", "Access levels: Everywhere"]
    assert listed(data)["1234"] == {
        "person": "田中 一",
        "badge": "1234",
        "kind": "felica",
        "status": "active",
        "first_day": None,
        "last_day": None,
    }


def test_badge_for_a_time_is_granted_to_the_minute_or_by_days(data: Path):
    answer = done(add(data, "派遣 一", IDM, "--from", "2026-12-01 09:00", "--until", "2027-03-31"))
    assert answer.lines[0] == "Badge …1234 enrolled for 派遣 一 from 2026-12-01 09:00 until 2027-03-31."
    found = listed(data)["1234"]
    assert (found["first_day"], found["last_day"]) == ("2026-12-01 09:00", "2027-03-31")


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("2026-12-01 25:00", "", "not a date with a time"),
        ("soon", "", "not a day"),
        ("2026-12-01 09:00", "2026-12-01 08:00", "after the start"),
        ("2026-12-02", "2026-12-01", "before the first day"),
    ],
)
def test_time_that_means_nothing_is_refused_and_nothing_changes(data: Path, start: str, end: str, why: str):
    with unchanged(data):
        until = ("--until", end) if end else ()
        assert why in refused(add(data, "派遣 二", IDM, "--from", start, *until))


def test_number_typed_in_full_width_is_the_same_badge(data: Path):
    with unchanged(data):
        assert "Hanako Sato" in refused(add(data, "A", "０１０１０３１２８４Ｃ０ＦＦＥＥ"))


def test_badge_without_a_level_says_that_it_opens_nothing(data: Path):
    assert "opens nothing" in done(add(data, "Nobody")).text


def test_second_badge_goes_to_the_person_of_that_name(data: Path):
    assert "Everywhere" in done(add(data, "Hanako Sato")).text
    assert [badge["person"] for badge in listed(data).values()].count("Hanako Sato") == 2


def test_list_is_complete_over_many_pages(data: Path, tmp_path: Path):
    file = tmp_path / "many.csv"
    file.write_text("name,idm\n" + "".join(f"P{n},0102{n:012X}\n" for n in range(1200)), "utf-8")
    done(genkan("badge", "import", "--data", data, file))
    assert len(done(genkan("badge", "list", "--data", data)).lines) == 1204


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0", "😀 Emoji 👩‍👩‍👧", "ﾔﾏﾀﾞ 太郎", "O'Brien; DROP TABLE x", "𠮷野家", "@SUM(1)"],
)
def test_unusual_name_is_kept_as_it_is(data: Path, name: str):
    done(add(data, name))
    assert listed(data)["1234"]["person"] == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("​", "empty"),
        ("x" * 101, "101 characters"),
        ("x" * 1000, "1000 characters"),
        ("a\udce3\udc81b", "U+DCE3"),
        ("a\nb", "U+000A"),
        ("a\x1b[31mb", "U+001B"),
    ],
)
def test_impossible_name_is_refused_and_nothing_changes(data: Path, name: str, why: str):
    with unchanged(data):
        assert why in refused(add(data, name))


@pytest.mark.parametrize("idm", ["", "zz", IDM[:-1], IDM + "00", "08AABBCC", "=1+1", "\udc80" * 16])
def test_number_of_no_badge_is_refused_and_nothing_changes(data: Path, idm: str):
    with unchanged(data):
        refusal = refused(add(data, "A", idm))
    assert "number" in refusal


def test_duplicate_is_refused_by_whose_it_is_and_its_last_four_digits_only(data: Path):
    with unchanged(data):
        refusal = refused(add(data, "Another", TAKEN))
    assert "Hanako Sato" in refusal
    assert "FFEE" in refusal
    assert TAKEN not in refusal


def test_unknown_level_is_refused_and_no_person_is_left_behind(data: Path):
    with unchanged(data):
        assert "Nowhere" in refused(add(data, "A", IDM, "--level", "Nowhere"))


def test_namesakes_are_not_guessed_between(data: Path, tmp_path: Path):
    file = tmp_path / "two.csv"
    file.write_text("name,idm\nSame,0102000000000001\nSame,0102000000000002\n")
    genkan("badge", "import", "--data", data, file)
    with unchanged(data):
        assert "Same" in refused(add(data, "Same"))


@pytest.mark.parametrize(("verb", "status"), [("suspend", "suspended"), ("lost", "lost")])
def test_blocked_badge_says_so_until_it_is_resumed(data: Path, verb: str, status: str):
    done(genkan("badge", verb, "--data", data, "--idm", TAKEN, "--reason", "in the taxi"))
    assert listed(data)["FFEE"]["status"] == status
    done(genkan("badge", "resume", "--data", data, "--idm", TAKEN))
    assert listed(data)["FFEE"]["status"] == "active"


@pytest.mark.parametrize("verb", ["suspend", "resume", "lost"])
def test_unknown_badge_cannot_be_changed(data: Path, verb: str):
    with unchanged(data):
        assert "no such badge" in refused(genkan("badge", verb, "--data", data, "--idm", IDM))


def test_reason_too_long_is_refused_and_the_badge_keeps_its_state(data: Path):
    with unchanged(data):
        refused(genkan("badge", "lost", "--data", data, "--idm", TAKEN, "--reason", "x" * 501))
