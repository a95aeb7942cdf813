"""Every form that refuses something names the field, gives it the focus and links to it."""

import re

import pytest

from controller.model.access import TimeWindow
from controller.model.operators import MACHINE
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.operators import operators
from controller.services.people import badges, people
from tests.sample_site import PASSWORD, idm
from tests.web.client import Client
from tests.web.form_errors import field_in_error, fields_in_error
from tests.web.site import ServedSite
from web.frame.forms import Form
from web.frame.roles import ROLES

MONDAY = {
    "weekday": ["0", "0", "1"],
    "start": ["09:00", "25:00", "09:00"],
    "end": ["12:00", "26:00", "18:00"],
}


@pytest.fixture
def ids(served: ServedSite) -> dict[str, str]:
    person = people.add(Acting(served.site, MACHINE, served.moment), "Hanako")
    level = levels.add(Acting(served.site, MACHINE, served.moment), "Staff", [("entrance-in", "always")])
    schedule = schedules.all_schedules(Acting(served.site, MACHINE, served.moment))[0]
    early = schedules.add(
        Acting(served.site, MACHINE, served.moment), "Early shift", [TimeWindow(0, 540, 1080)]
    )
    late = schedules.add(
        Acting(served.site, MACHINE, served.moment), "Late shift", [TimeWindow(0, 840, 1320)]
    )
    night = levels.add(
        Acting(served.site, MACHINE, served.moment), "Night staff", [("entrance-in", "always")]
    )
    for name in ("Same Name", "same  name"):
        people.add(Acting(served.site, MACHINE, served.moment), name)
    badge = badges.add(Acting(served.site, MACHINE, served.moment), person.id, CARD)
    operator = operators.all_operators(Acting(served.site, MACHINE, served.moment))[0]
    return {
        "person": person.id,
        "level": level.id,
        "night": night.id,
        "always": schedule.id,
        "early": early.id,
        "late": late.id,
        "operator": operator.id,
        "badge": badge.id,
    }


CARD = idm(0xCAFE)
NINE_TO_SIX = {"weekday": "0", "start": "09:00", "end": "18:00"}

CASES = [
    ("/people/new", {"name": ""}, "name"),
    ("/people/{person}/edit", {"name": "x" * 101}, "name"),
    ("/people/{person}/levels", {"level": "{level}", "since": "soon"}, "since"),
    ("/people/{person}/badges/new", {"number": "xyz"}, "number"),
    ("/people/{person}/badges/new", {"number": CARD}, "number"),
    ("/levels/new", {"name": "Staff", "rules": ["entrance-in|{always}"]}, "name"),
    ("/levels/{night}", {"name": "Staff", "rules": ["entrance-in|{always}"]}, "name"),
    ("/schedules/new", {"name": "Early shift"} | NINE_TO_SIX, "name"),
    ("/schedules/{late}", {"name": "Early shift"} | NINE_TO_SIX, "name"),
    (
        "/operators/new",
        {"name": "viewer-1", "display_name": "A", "role": "viewer", "language": "en", "password": PASSWORD},
        "name",
    ),
    ("/operators/{operator}", {"display_name": "Admin", "role": "viewer", "language": "en"}, "role"),
    ("/presence/correct", {"who": "", "name": "Same name", "what": "outside", "reason": "x"}, "who"),
    ("/people/{person}/erase", {"reason": ""}, "sure"),
    ("/levels/new", {"name": ""}, "name"),
    ("/levels/new", {"name": "Night", "rules": ["nowhere|{always}"]}, "rules"),
    ("/schedules/new", {"name": ""} | MONDAY | {"end": ["12:00", "13:00", "18:00"]}, "name windows.1"),
    ("/schedules/new", {"name": "Early"} | MONDAY, "windows.1"),
    (
        "/schedules/new",
        {"name": "Early", "weekday": ["0"] * 2, "start": ["9", "10"], "end": ["12", "13"]},
        "windows.1",
    ),
    ("/schedules/new", {"name": "Early"}, "spare.0.0"),
    (
        "/schedules/new",
        {"name": "Early", "special_type": "holiday", "special_as": "hours", "special_of": "holiday"}
        | {"special_start": "x", "special_end": "12:00"},
        "special.holiday.0",
    ),
    ("/schedules/new", {"name": "", "weekday": "0", "start": "09:00", "end": "18:00"}, "name"),
    ("/holidays/days", {"day": "soon", "day_type": "holiday"}, "day"),
    ("/holidays/country", {"country": "Atlantis"}, "country"),
    (
        "/operators/new",
        {"name": "two words", "display_name": "A", "role": "viewer", "language": "en"},
        "name password",
    ),
    (
        "/operators/new",
        {"name": "viewer-1", "display_name": "", "role": "king", "language": "fr", "password": "short"},
        "display_name name role language password",
    ),
    (
        "/operators/{operator}",
        {"display_name": "", "role": "king", "language": "fr"},
        "display_name role language",
    ),
    ("/people/new", {"name": "", "kana": "x" * 101}, "name kana"),
    ("/people/{person}/levels", {"level": "{level}", "since": "soon", "until": "late"}, "since until"),
    (
        "/people/{person}/badges/new",
        {"number": "xyz", "first_day": "soon", "last_day": "late"},
        "number first_day last_day",
    ),
    (
        "/people/{person}/badges/new",
        {"number": CARD, "first_day": "2026-05-02", "last_day": "2026-05-01"},
        "number last_day",
    ),
    (
        "/badges/{badge}",
        {"first_day": "soon", "first_time": "", "last_day": "", "last_time": "18:00"},
        "first_day last_time",
    ),
    ("/levels/new", {"name": "", "rules": ["nowhere|{always}", "there|gone"]}, "name rules"),
    (
        "/schedules/new",
        {
            "name": "Early shift",
            "weekday": ["0", "2", "4"],
            "start": ["25:00", "x", "9"],
            "end": ["1", "2", "9"],
        },
        "name windows.0 windows.1",
    ),
    (
        "/schedules/new",
        {"name": "Early", "weekday": ["0", "2", "4"], "start": ["9", "9", "9"], "end": ["9", "12", "9"]},
        "windows.0 windows.2",
    ),
    ("/lockdown/begin", {"area": "", "reason": ""}, "area reason"),
    ("/holidays/days", {"day": "soon", "day_type": "Short day"}, "day day_type"),
    (
        "/rules/areas/new",
        {"name": "Big Room", "occupancy.mode": "enforce", "occupancy.most": "many"}
        | {
            "occupancy.least": "few",
            "anti_passback.mode": "enforce",
            "anti_passback.minutes": "x",
        },
        "name label_ja label_en anti_passback.minutes occupancy.most occupancy.least",
    ),
    ("/operators/{operator}", {"display_name": "Admin", "role": "king", "language": "en"}, "role"),
    ("/operators/{operator}/password", {"password": "short"}, "password"),
    ("/account/password", {"current": PASSWORD, "password": "short", "password_again": "short"}, "password"),
    ("/lockdown/begin", {"area": "*", "reason": ""}, "reason"),
    ("/doors/entrance/unlock", {"reason": ""}, "reason-entrance"),
    ("/presence/correct", {"who": "", "name": "Nobody", "what": "outside", "reason": "x"}, "name"),
    ("/presence/correct", {"who": "", "name": "Hanako", "what": "", "reason": "x"}, "what"),
    ("/rules/areas/new", {"name": "Big Room"}, "name label_ja label_en"),
    (
        "/rules/categories",
        {"row": ["0", "1"], "name.0": "sv", "name.1": "S V", "label_en.0": "a", "label_ja.0": "a"},
        "name.1 label_ja.1 label_en.1",
    ),
    (
        "/rules/qualifications",
        {"row": ["0", "1"], "name.0": "nda", "name.1": "nda", "label_en.0": "", "label_ja.0": "a"}
        | {"warn_days.0": "x", "label_en.1": "b", "label_ja.1": "b", "warn_days.1": "-1"},
        "label_en.0 warn_days.0 name.1 warn_days.1",
    ),
    (
        "/rules/qualifications",
        {"row": "0", "name.0": "nda", "label_en.0": "a", "label_ja.0": "a", "warn_days.0": "x"},
        "warn_days.0",
    ),
]


def test_form_returned_names_marks_and_focuses_the_field_and_links_to_it(
    served: ServedSite, admin: Client, ids: dict[str, str]
) -> None:
    wrong = []
    for path, fields, expected in CASES:
        sent = {
            name: [one.format(**ids) for one in value] if isinstance(value, list) else value.format(**ids)
            for name, value in fields.items()
        }
        try:
            found = fields_in_error(admin.post(path.format(**ids), sent))
            assert [one["id"] for one in found] == expected.split()
        except (AssertionError, KeyError, ValueError) as error:
            wrong.append(f"{path} {fields}: {type(error).__name__} {error}")
    assert not wrong, "\n".join(wrong)


def test_form_sent_empty_or_with_nonsense_is_returned_without_a_fault(
    served: ServedSite, admin: Client, ids: dict[str, str]
) -> None:
    places = {
        "person_id": ids["person"],
        "level_id": ids["level"],
        "schedule_id": ids["late"],
        "operator_id": ids["operator"],
        "badge_id": ids["badge"],
        "door": "entrance",
        "reader": "entrance-in",
        "area": "floor",
    }
    names = ("name", "day", "number", "reader", "level", "since", "area", "pin", "file", "note", "summary")
    wrong = []
    for method, path in ROLES:
        if method != "POST" or path in ("/sign-out", "/language"):
            continue
        address = re.sub(r"{(\w+)}", lambda part: places.get(part[1], "1"), path)
        for fields in ({}, dict.fromkeys(names, "¿?")):
            status = admin.post(address, fields).status
            if status >= 500:
                wrong.append(f"{path} {fields}: {status}")
    assert not wrong, "\n".join(wrong)


def test_file_that_is_not_a_table_is_named_at_its_field(admin: Client) -> None:
    assert field_in_error(admin.upload("/import", b"PK\x03\x04"))["id"] == "file"


def test_error_without_a_field_has_the_banner_focused(admin: Client, ids: dict[str, str]) -> None:
    page = admin.post(f"/people/{ids['person']}/enrol", {"reader": "entrance-in"})
    assert page.status == 409
    assert page.text.count("autofocus") == 1


def test_field_has_its_own_id_unless_the_form_says_another() -> None:
    form = Form(ids={"note": "note-7"})
    assert (form.id_of("note"), form.id_of("name")) == ("note-7", "name")


def test_two_errors_of_one_field_are_both_named(admin: Client, ids: dict[str, str]) -> None:
    page = admin.post("/levels/new", {"name": "Night", "rules": ["nowhere|{always}", "there|gone"]})
    assert {one["id"] for one in fields_in_error(page)} == {"rules"}
    for name in ("nowhere", "there"):
        assert page.text.count(f"There is no access point {name}") == 2, "in the banner and at the field"
