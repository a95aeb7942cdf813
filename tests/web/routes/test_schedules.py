"""Schedules as an administrator types them."""

import pytest

from controller.model.access import Hours, SpecialDay, TimeWindow
from controller.model.operators import MACHINE, OperatorRole
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.rules import books as rule_books
from tests.web.client import Client
from tests.web.site import ServedSite

NIGHT = {
    "name": "Night shift",
    "weekday": ["4", "4", "5"],
    "start": ["22:00", "", "0900"],
    "end": ["6:00", "", "24"],
}


def add_schedule(served: ServedSite) -> schedules.Schedule:
    return schedules.all_schedules(Acting(served.site, MACHINE, served.moment))[1]


def test_schedule_is_made_of_what_was_typed(served: ServedSite, admin: Client) -> None:
    assert admin.post("/schedules/new", NIGHT).to == "/schedules?done=added"
    schedule = add_schedule(served)
    assert schedule.name == "Night shift"
    assert set(schedule.windows) == {TimeWindow(4, 1320, 360), TimeWindow(5, 540, 1440)}
    words = admin.get("/schedules").words
    assert "Friday 22:00–06:00" in words
    assert "Saturday 09:00–24:00" in words
    form = admin.get(f"/schedules/{schedule.id}").text
    assert form.count('name="start"') == 14, "two windows for each day of the week"
    assert 'value="22:00"' in form


@pytest.mark.parametrize("start", ["25:00", "nine", "9:60", "-1", "0:000"])
def test_time_that_is_none_is_refused_and_shown_again(served: ServedSite, admin: Client, start: str) -> None:
    answer = admin.post("/schedules/new", {"name": "X", "weekday": ["0"], "start": [start], "end": ["10:00"]})
    assert answer.status == 422
    assert f"“{start} – 10:00” are not valid times" in answer.words
    assert f'value="{start}"' in answer.text
    assert len(schedules.all_schedules(Acting(served.site, MACHINE, served.moment))) == 1


def test_schedule_without_windows_or_with_a_used_name_is_refused(admin: Client) -> None:
    assert admin.post("/schedules/new", {"name": "Empty"}).status == 422
    admin.post("/schedules/new", NIGHT)
    assert admin.post("/schedules/new", NIGHT).status == 409


def test_always_is_built_in(served: ServedSite, admin: Client) -> None:
    always = schedules.all_schedules(Acting(served.site, MACHINE, served.moment))[0]
    assert admin.post(f"/schedules/{always.id}", NIGHT).status == 409
    assert "at any hour" in admin.get("/schedules").words


def test_auditor_sees_and_has_no_way_to_save(served: ServedSite, admin: Client) -> None:
    admin.post("/schedules/new", NIGHT)
    page = served.signed_in(OperatorRole.AUDITOR).get(f"/schedules/{add_schedule(served).id}")
    assert page.status == 200
    assert "<fieldset disabled>" in page.text
    assert "Save" not in page.words


def special(**typed: str | list[str]) -> dict[str, str | list[str]]:
    return {**NIGHT, "special_type": "holiday", **{f"special_{key}": value for key, value in typed.items()}}


def test_holidays_are_closed_or_have_hours_of_their_own(served: ServedSite, admin: Client) -> None:
    admin.post("/schedules/new", special(**{"as": "closed"}))
    assert add_schedule(served).special == (SpecialDay("holiday"),)
    assert "Holiday closed all day" in admin.get("/schedules").words
    path = f"/schedules/{add_schedule(served).id}"
    assert 'value="closed" selected' in admin.get(path).text
    hours = special(**{"as": "hours", "of": ["holiday"] * 2, "start": ["9", ""], "end": ["1200", ""]})
    assert admin.post(path, hours).to == "/schedules?done=saved"
    assert add_schedule(served).special == (SpecialDay("holiday", (Hours(540, 720),)),)
    assert "Holiday 09:00–12:00" in admin.get("/schedules").words
    assert "Special days" in admin.get("/changes").words
    admin.post(path, special(**{"as": ""}))
    assert add_schedule(served).special == ()


def test_day_types_of_the_sites_own_have_a_place_in_the_form(served: ServedSite, admin: Client) -> None:
    admin.post("/holidays/days", {"day": "2027-01-04", "day_type": "short-day"})
    assert 'name="special_type" value="short-day"' in admin.get("/schedules/new").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"as": "hours"}, "Enter the hours for holiday"),
        ({"as": "closed", "of": "holiday", "start": "9", "end": "10"}, "would have no effect"),
        ({"as": "hours", "of": "holiday", "start": "9", "end": "25:00"}, "“9 – 25:00” are not valid times"),
        ({"as": "hours", "of": "holiday", "start": "9", "end": "9"}, "starts and ends at 09:00"),
        (
            {"as": "hours", "of": ["holiday"] * 2, "start": ["9", "10"], "end": ["11", "12"]},
            "09:00–11:00 and 10:00–12:00 overlap",
        ),
    ],
)
def test_hours_of_a_special_day_that_mean_nothing_are_refused(
    served: ServedSite, admin: Client, typed: dict[str, str | list[str]], sentence: str
) -> None:
    answer = admin.post("/schedules/new", special(**typed))
    assert answer.status == 422 and sentence in answer.words
    assert len(schedules.all_schedules(Acting(served.site, MACHINE, served.moment))) == 1


def test_schedule_says_to_whom_a_change_matters(served: ServedSite, admin: Client) -> None:
    admin.post("/schedules/new", NIGHT)
    night = add_schedule(served)
    assert "so it has no effect yet" in admin.get(f"/schedules/{night.id}").words
    levels.add(Acting(served.site, MACHINE, served.moment), "Guards", [("entrance-in", night.id)])
    unlocked = DoorRules("entrance", scheduled=(ScheduledMode("Night shift", DoorMode.UNLOCKED),))
    rule_books.publish(
        Acting(served.site, MACHINE, served.moment), RuleBook(doors={"entrance": unlocked}), ""
    )
    words = admin.get(f"/schedules/{night.id}").words
    assert "Access level Guards : 0 people" in words and "entrance: Unlocked" in words
