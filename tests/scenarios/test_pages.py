"""On the pages: set up with the printed code, then a browser beside the door."""

import csv
import io
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.auditor import run_verifier
from tests.controller.commands.command import genkan as in_this_process
from tests.scenarios.demo import Demo
from tests.waiting import LONG, until
from tests.web.client import Answer, Client

expect.set_options(timeout=LONG * 1000)
PASSWORD = "the badge opens the door at nine"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def set_up(client: Client, code: str, name: str = "anna") -> Answer:
    passwords = {"password": PASSWORD, "password_again": PASSWORD}
    return client.post("/set-up", {"code": code, "name": name, "display_name": "山田 花子"} | passwords)


def test_printed_code_makes_the_first_administrator_once_and_nothing_answers_before(demo: Demo):
    client = Client(demo.port)
    assert client.get("/healthz").status == 200
    for path in ("/", "/log", "/doors", "/people", "/sign-in", "/metrics", "/api/v1/events", "/api/v1/doors"):
        answer = client.get(path)
        assert (answer.status, answer.to) == (303, "/set-up") or answer.status in (401, 403, 404, 503), path
    assert client.get("/set-up").status == 200
    wrong = set_up(client, "0000-" * 7 + "0000")
    assert wrong.status == 422
    assert client.post("/sign-in", {"name": "anna", "password": PASSWORD}).to != "/"
    assert set_up(client, demo.set_up_code).status == 303
    assert client.get("/log").status == 200

    other = Client(demo.port)
    set_up(other, demo.set_up_code, "eve")
    assert other.get("/log").status != 200
    assert (
        other.post("/sign-in", {"name": "anna", "password": "the badge opens the door at ten"}).status == 422
    )
    assert other.get("/log").status != 200
    assert other.post("/sign-in", {"name": "anna", "password": PASSWORD}).status == 303
    assert other.get("/log").status == 200
    assert demo.command("operator", "list") == "anna\tadmin\tactive\n"
    assert "Set-up code" not in demo.command("init")
    actions = [line["action"] for line in until(lambda: _actions(demo, "signed_in"))]
    assert actions.count("first_administrator_added") == 1
    assert actions.count("sign_in_failed") == 1
    assert actions.count("signed_in") == 1


def _actions(demo: Demo, last: str) -> list[dict[str, object]]:
    found = demo.log("operator_action")
    return found if last in {line["action"] for line in found} else []


@pytest.fixture(scope="module")
def administrator(site: Demo) -> Client:
    client = Client(site.port)
    assert set_up(client, site.set_up_code).status == 303
    return client


@pytest.fixture(scope="module")
def page(site: Demo, administrator: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Signed in, in a browser nobody has used before."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        profile = tmp_path_factory.mktemp("profile")
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=QUIET, locale="en-GB", accept_downloads=True
        )
        context.set_default_timeout(LONG * 1000)
        page = context.new_page()
        page.goto(site.page)
        page.get_by_label("Sign-in name").fill("anna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/log")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Entry log")).to_be_visible()
        yield page
        context.close()


@pytest.mark.browser
def test_live_page_shows_the_tap_without_being_loaded_again(site: Demo, page: Page):
    page.goto(f"{site.page}/log")
    expect(page.locator("#live")).to_contain_text("Live")
    page.evaluate("window.stayed = true")
    before = site.newest
    assert site.tap() == "granted"
    site.walk_through()
    seq = site.log("access_granted", after=before)[0]["seq"]
    row = page.locator(f"#no-{seq}")
    expect(row).to_contain_text("Hanako Sato")
    expect(row).to_contain_text("Granted")
    expect(row).to_contain_text("FFEE")
    assert page.evaluate("window.stayed")


@pytest.mark.browser
def test_live_page_says_in_words_why_a_card_was_refused(site: Demo, page: Page):
    page.goto(f"{site.page}/log")
    expect(page.locator("#live")).to_contain_text("Live")
    assert site.tap("01010312DEAD0002") == "denied: credential_unknown"
    expect(page.locator("#rows tr", has_text="0002").first).to_contain_text("Refused")
    expect(page.locator("#rows tr", has_text="0002").first.locator(".why")).not_to_be_empty()


@pytest.mark.browser
def test_unlock_once_moves_the_pin_and_says_so(site: Demo, page: Page):
    before = site.newest
    page.goto(f"{site.page}/doors")
    page.get_by_label("Reason for unlocking").fill("a parcel")
    page.get_by_label("Your own password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock Entrance once").click()
    done = site.wait_for("order_done", after=before)[0]
    site.walk_through()
    expect(page.get_by_text("The lock was released once.")).to_be_visible()
    assert (done["order_type"], done["operator"]) == ("unlock_once", "山田 花子")
    assert done["details"]["reason"] == "a parcel"
    page.reload()
    assert len(site.log("order_done", after=before)) == 1
    assert site.level == 0


@pytest.mark.browser
def test_badge_is_enrolled_by_tapping_it_and_opens_then(site: Demo, page: Page):
    new, before = "01010312000088AA", site.newest
    page.goto(f"{site.page}/people")
    page.get_by_role("link", name="Hanako Sato").first.click()
    page.get_by_role("link", name="Add a badge").click()
    page.get_by_role("button", name="Wait for a tap").click()
    expect(page.get_by_text("Hold the badge to the reader")).to_be_visible()
    assert site.tap(new) == "learned"
    assert site.level == 0
    expect(page.get_by_text("The badge ending in 88AA was read.")).to_be_visible()
    page.get_by_role("button", name="Enrol it for").click()
    expect(page.get_by_text("…88AA").first).to_be_visible()
    assert not site.log("access_granted", "access_denied", after=before)
    assert site.tap(new) == "granted"
    site.walk_through()
    page.locator("tr", has_text="88AA").get_by_role("button", name="Report lost").click()
    page.wait_for_url("**done=lost")
    assert site.tap(new) == "denied: credential_lost"


@pytest.mark.browser
def test_exported_file_holds_every_row(site: Demo, page: Page, tmp_path: Path):
    assert site.tap() == "granted"
    site.walk_through()
    page.goto(f"{site.page}/log?result=all")
    page.get_by_role("link", name="Export the log").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    file = tmp_path / "log.csv"
    download.value.save_as(file)
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "No."
    numbers = [int(row[0]) for row in rows[1:]]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert f"_{len(numbers)}-rows.csv" in download.value.suggested_filename
    assert any(row[2] == "Hanako Sato" for row in rows[1:])


@pytest.mark.browser
@pytest.mark.parametrize("button", ["CSV with proof", "JSON Lines with proof"])
def test_downloaded_proof_convinces_the_auditors_program(site: Demo, page: Page, tmp_path: Path, button: str):
    page.goto(f"{site.page}/log/export?result=all")
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    status, sentence = run_verifier(file, site.data / "keys" / "shared" / "log.vkey")
    assert status == 0, sentence
    assert file.suffix == ".zip"


def test_order_is_refused_while_the_door_is_down_and_never_carried_out_later(
    site: Demo, administrator: Client
):
    """What an operator does meanwhile is in the log once when the door is back."""
    before = site.newest
    site.kill(site.process.pid, signal.SIGSTOP)
    try:
        site.kill(site.service("door"))
        until(lambda: "awaiting recovery" in in_this_process("log", "show", "--data", site.data).err)
        refused = administrator.post("/doors/entrance/unlock", {"reason": "while it is down"})
        assert refused.status == 409
        assert administrator.post("/people/new", {"name": "Noted meanwhile"}).status == 303
    finally:
        site.kill(site.process.pid, signal.SIGCONT)
    site.door_answers_again(before)
    added = until(lambda: [line for line in site.log("operator_action", after=before) if _adds(line)])
    assert len(added) == 1
    assert site.level == 0
    assert not site.log("order_done", "lock_released", after=before)
    ids = [line["action_id"] for line in site.log("operator_action")]
    assert ids == list(range(1, len(ids) + 1))


def _adds(line: dict[str, object]) -> bool:
    return line["action"] == "person_added" and "Noted meanwhile" in str(line["details"])
