"""G26: every change stands on the changes page, with before and after in words."""

from tests.sample_house import idm
from tests.web.client import Client
from tests.web.site import Site


def test_change_shows_before_and_after(site: Site, admin: Client) -> None:
    person = admin.post("/people/new", {"name": "Hanako Old"}).to.split("/")[2].partition("?")[0]
    admin.post(f"/people/{person}/edit", {"name": "Hanako New"})
    admin.post(f"/people/{person}/badges/new", {"number": idm(0xBEEF)})
    admin.post(f"/people/{person}/suspend", {"reason": "left the company"})
    page = admin.get("/changes")
    assert "Hanako Old → Hanako New" in page.words
    assert "Badge enrolled" in page.words
    assert "…BEEF" in page.words
    assert "In use → Suspended" in page.words
    assert "left the company" in page.words
    assert idm(0xBEEF) not in page.text
    assert f'href="/people/{person}"' in page.text


def test_failed_sign_in_is_there_and_the_password_is_not(site: Site, admin: Client) -> None:
    site.client().post("/sign-in", {"name": "admin-1", "password": "a guess of mine"})
    page = admin.get("/changes")
    assert "Sign-in failed" in page.words
    assert "a guess of mine" not in page.text


def test_pages_go_back(site: Site, admin: Client) -> None:
    for number in range(60):
        admin.post("/people/new", {"name": f"Person {number}"})
    page = admin.get("/changes")
    older = page.ids(r'href="(/changes\?before=\d+)"')
    assert older
    assert "Set up; first administrator added" in admin.get(older[0]).words


def test_view_of_the_log_is_no_change(admin: Client, site: Site) -> None:
    site.open_door_side()
    admin.get("/log")
    assert "viewed" not in admin.get("/changes").words
