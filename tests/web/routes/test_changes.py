"""Every change is on the changes page, with before and after in words."""

import re
from urllib.parse import quote

from controller.model.operators import MACHINE
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.people import badges, people
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.ruled_site import BOOK
from tests.web.site import ServedSite


def test_change_shows_before_and_after(served: ServedSite, admin: Client) -> None:
    person = admin.post("/people/new", {"name": "Hanako Old"}).to.split("/")[2].partition("?")[0]
    admin.post(f"/people/{person}/edit", {"name": "Hanako New"})
    admin.post(f"/people/{person}/badges/new", {"number": idm(0xBEEF)})
    admin.post(f"/people/{person}/suspend", {"reason": "left the company"})
    page = admin.get("/changes")
    assert "Hanako Old → Hanako New" in page.words
    assert "Badge enrolled" in page.words
    assert "…BEEF" in page.words
    assert "Active → Suspended" in page.words
    assert "left the company" in page.words
    assert idm(0xBEEF) not in page.text
    assert f'href="/people/{person}"' in page.text


def test_person_is_named_with_reading_and_badge(served: ServedSite, admin: Client) -> None:
    for kana, number in (("サトウ ハナコ", 0xAAAA), ("サトウ カコ", 0xBBBB)):
        person = people.add(Acting(served.site, MACHINE, served.moment), "佐藤 花子", kana).id
        badges.add(Acting(served.site, MACHINE, served.moment), person, idm(number))
    people.suspend(Acting(served.site, MACHINE, served.moment), person)
    page = admin.get("/changes").words
    assert "Person suspended Person: 佐藤 花子 (サトウ カコ, …BBBB)" in page
    assert "(サトウ カコ, …BBBB) Everybody" in admin.get(f"/changes?person={person}").words


def test_failed_sign_in_is_there_and_the_password_is_not(served: ServedSite, admin: Client) -> None:
    served.client().post("/sign-in", {"name": "admin-1", "password": "a guess of mine"})
    page = admin.get("/changes")
    assert "Sign-in failed" in page.words
    assert "a guess of mine" not in page.text


def test_pages_go_back(served: ServedSite, admin: Client) -> None:
    for number in range(60):
        admin.post("/people/new", {"name": f"Person {number}"})
    page = admin.get("/changes")
    older = page.ids(r'href="(/changes\?before=\d+)"')
    assert older
    assert "Set up; first administrator added" in admin.get(older[0]).words


def test_view_of_the_log_is_not_a_change(admin: Client, served: ServedSite) -> None:
    served.open_door_side()
    admin.get("/log")
    assert "viewed" not in admin.get("/changes").words


HEX = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{16,}(?![0-9a-zA-Z])")
UTC_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d")


def test_changes_are_words_local_times_and_names(served: ServedSite, admin: Client, ruled: int) -> None:
    served.open_door_side()
    level = levels.add(Acting(served.site, MACHINE, served.moment), "Staff", [("entrance-in", "always")]).id
    person = (
        admin.post("/people/new", {"name": "花子", "category": "agency", "levels": level})
        .to.split("/")[2]
        .partition("?")[0]
    )
    admin.post(f"/people/{person}/levels", {"level": level, "since": "2026-12-01T09:00"})
    admin.post(f"/people/{person}/badges/new", {"number": idm(7), "first_day": "2026-12-01"})
    admin.post("/log/export", {"person": person, "result": "denied", "day": "2026-11-24"})
    admin.upload("/import", f"name,idm\nTaro,{idm(8)}\n".encode())
    staged = admin.upload("/import", f"name,idm\nTaro,{idm(8)}\n".encode())
    admin.post(staged.ids(r'action="(/import/[^"]+/publish)"')[0])
    admin.post("/doors/entrance/unlock", {"reason": "delivery"})
    admin.post("/lockdown/begin", {"area": "floor", "reason": "drill"})
    admin.post("/language", {"language": "ja"})
    page = admin.get("/changes").words
    assert not HEX.findall(page) and not UTC_TEXT.findall(page)
    for word in ("花子", BOOK.categories["agency"].label_ja, "2026-11-24 00:00", "2026-11-25 00:00", "拒否"):
        assert word in page, word
    for word in (served.site.config.doors["entrance"].label_ja, BOOK.areas["floor"].label_ja):
        assert word in page, word
    for code in ("denied", "agency", "content_sha256", "csv"):
        assert code not in page, code


def test_changes_of_one_person_are_found_by_name_and_nobody_elses_are_shown(
    served: ServedSite, admin: Client
) -> None:
    admin.post("/people/new", {"name": "佐藤 花子", "kana": "サトウ ハナコ"})
    admin.post("/people/new", {"name": "佐藤 太郎"})
    page = admin.get("/changes?name=" + quote("さとうはなこ"))
    assert "佐藤 花子" in page.words and "太郎" not in page.words
    for text in ("佐藤", "鈴木"):
        page = admin.get("/changes?name=" + quote(text))
        assert "Person added" not in page.words
