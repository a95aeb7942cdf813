"""The log on paper: all rows of the filter up to 5,000, who printed, and how many are left out."""

import pytest

from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from tests.controller.services.door_side import DoorSide
from tests.sample_site import PASSWORD, idm
from tests.web.client import Client
from tests.web.routes.test_entry_log import granted
from tests.web.site import ServedSite
from web.routes import log_print


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def rows(text: str) -> int:
    return text.count("<tr><td><time")


def test_sheet_has_every_row_of_the_filter_and_says_who_printed_what(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    person = people.add(Acting(served.site, MACHINE, served.moment), "佐藤 花子", "サトウ ハナコ").id
    badges.add(Acting(served.site, MACHINE, served.moment), person, idm(0xBEEF))
    for _ in range(230):
        granted(door, "佐藤 花子", person)
    granted(door, "Taro", "p2")
    page = admin.get(f"/log/print?result=granted&person={person}&day=2026-11-24")
    assert rows(page.text) == 230
    assert "Granted only · All doors · 佐藤 花子 (サトウ ハナコ, …BEEF) · 24 November 2026" in page.words
    assert "Printed 2026-11-24 15:00:00 by Admin" in page.words and "230 rows" in page.words
    assert "left out" not in page.words
    newest = changes.page(Acting(served.site, MACHINE, served.moment))[0]
    assert newest.action == "log_exported" and newest.after is not None
    assert (newest.after["format"], newest.after["rows"]) == ("print", 230)


def test_rows_beyond_the_most_are_counted_as_left_out(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    assert log_print.MOST == 5000
    served.app.state.print_most = 20
    seqs = [granted(door) for _ in range(33)]
    page = admin.get("/log/print")
    assert rows(page.text) == 20 and "13 older rows omitted" in page.words
    assert f'"number">{seqs[-1]}<' in page.text and f'"number">{seqs[0]}<' not in page.text


def test_name_of_nobody_prints_nothing_and_records_nothing(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    granted(door)
    page = admin.get("/log/print?name=Suzuki")
    assert rows(page.text) == 0 and "No person and no badge match" in page.words
    assert 'id="print"' not in admin.get("/log?name=Suzuki").text
    assert changes.page(Acting(served.site, MACHINE, served.moment))[0].action != "log_exported"


def test_viewer_prints_the_rows_of_the_page_and_no_sheet(served: ServedSite, door: DoorSide) -> None:
    for _ in range(101):
        granted(door)
    viewer = served.signed_in(OperatorRole.VIEWER)
    for address in ("/log/print", "/log/print?day=yesterday", "/log/print?name=Suzuki"):
        assert viewer.get(address).status == 403
    page = viewer.get("/log")
    assert 'id="print"' not in page.text and "data-print" in page.text
    assert "This print-out contains only the rows of this page; older rows are omitted." in page.words
    assert "up to 5,000" not in page.words


def test_mistyped_day_prints_nothing_and_says_so(served: ServedSite, admin: Client, door: DoorSide) -> None:
    granted(door)
    page = admin.get("/log/print?day=2026-13-01")
    assert rows(page.text) == 0 and "data-print" not in page.text
    assert "Nothing is printed: the filter has an error. Enter the day as" in page.words
    log = admin.get("/log?day=2026-13-01")
    assert 'id="print"' not in log.text  # and the browser's own print shows this sentence alone
    assert '<article class="sheet on-paper"><p>Nothing is printed' in log.text
    assert changes.page(Acting(served.site, MACHINE, served.moment))[0].action != "log_exported"


def test_mistyped_result_prints_and_exports_nothing_and_says_so(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    granted(door)
    sentence = "There is no such result; choose one from the list."
    page = admin.get("/log/print?result=grantd")
    assert rows(page.text) == 0 and f"Nothing is printed: the filter has an error. {sentence}" in page.words
    assert sentence in admin.get("/log?result=grantd").words
    assert sentence in admin.get("/log/export?result=grantd").words
    assert admin.post("/log/export", {"result": "grantd"}).status == 422
    assert changes.page(Acting(served.site, MACHINE, served.moment))[0].action != "log_exported"


def test_sheet_asks_a_session_of_a_while_ago_for_the_password_and_then_opens(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    granted(door)
    served.pass_time(minutes=20)
    page = admin.get("/log/print?result=all")
    assert page.status == 403 and "Confirm with your password" in page.words
    assert 'action="/account/confirm"' in page.text and "sheet log-print" not in page.text
    back = {"back": "/log/print?result=all"}
    wrong = admin.post("/account/confirm", back | {"own_password": "not this one"})
    assert wrong.status == 403 and 'value="/log/print?result=all"' in wrong.text
    assert admin.post("/account/confirm", back | {"own_password": PASSWORD}).to == "/log/print?result=all"
    assert "sheet log-print" in admin.get("/log/print?result=all").text


def test_confirmation_leads_to_no_other_site(admin: Client) -> None:
    assert admin.post("/account/confirm", {"back": "//elsewhere.example/"}).to == "/"
