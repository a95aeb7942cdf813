"""What people do here, with a real browser: with script, without it, and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from controller.model.events import EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.operators import operators, sign_in
from controller.services.people import people
from tests.sample_site import PASSWORD, idm
from tests.web.browser.conftest import PHONE, WIDE
from tests.web.browser.conftest import sign_in as browser_sign_in
from tests.web.routes.test_entry_log import granted
from tests.web.site import ROLE_NAMES, ServedSite

pytestmark = pytest.mark.browser


def test_set_up_leads_to_the_live_log(new_site: ServedSite, page: Page) -> None:
    code = sign_in.new_set_up_code(new_site.site, new_site.moment)
    door = new_site.open_door_side()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(new_site.address + "/")
    assert page.url.endswith("/set-up")
    page.fill("[name=code]", code or "")
    page.fill("[name=display_name]", "山田 花子")
    page.fill("[name=name]", "hanako")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=password_again]", PASSWORD)
    page.click("main form button")
    expect(page.get_by_text("Genkan is set up")).to_be_visible()
    page.get_by_role("link", name="Watch the entry log").click()
    expect(page.locator("#live")).to_contain_text("Live")
    granted(door, "Hanako Sato")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#rows tr").first).to_contain_text("Hanako Sato")
    expect(page.locator("#empty")).to_be_hidden()
    granted(door, "Second")
    expect(page.locator("#rows tr").first).to_contain_text("Second")
    assert complaints == [], "nothing breaks the content security policy"


def test_disabled_operators_page_says_signed_out(served: ServedSite, page: Page) -> None:
    served.open_door_side()
    browser_sign_in(page, served, ROLE_NAMES[OperatorRole.VIEWER])
    expect(page.locator("#live")).to_contain_text("Live")
    every = operators.all_operators(Acting(served.site, MACHINE, served.moment))
    viewer = next(o for o in every if o.role is OperatorRole.VIEWER)
    operators.disable(Acting(served.site, MACHINE, served.moment), viewer.id)
    expect(page.locator("#live")).to_contain_text("Signed out")


def test_enrolling_by_tap_goes_on_by_itself(served: ServedSite, page: Page) -> None:
    door = served.open_door_side()
    person = people.add(Acting(served.site, MACHINE, served.moment), "Hanako").id
    browser_sign_in(page, served)
    page.goto(f"{served.address}/people/{person}/badges/new")
    page.get_by_role("button", name="Wait for a tap").click()
    expect(page.get_by_text("Hold the badge to the reader")).to_be_visible()
    order = int(re.search(r"/enrol/(\d+)", page.url)[1])  # type: ignore[index]
    door.learned(order, idm(0xCAFE))
    expect(page.get_by_text("The badge ending in CAFE was read.")).to_be_visible()
    page.get_by_role("button", name="Enrol it for Hanako").click()
    expect(page.get_by_text("The badge is enrolled.")).to_be_visible()
    expect(page.locator("td a.four")).to_have_text("…CAFE")


def test_unlocking_once_shows_its_outcome_by_itself(served: ServedSite, page: Page) -> None:
    door = served.open_door_side()
    browser_sign_in(page, served)
    page.goto(served.address + "/doors")
    page.get_by_label("Reason for unlocking").fill("delivery")
    page.get_by_label("Your own password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock entrance once").click()
    expect(page.get_by_text("Sending the order")).to_be_visible()
    door.answer(int(page.url.partition("order=")[2]), EventType.ORDER_DONE)
    expect(page.get_by_text("The lock was released once.")).to_be_visible()


@pytest.fixture
def plain(chromium: Browser):  # type: ignore[no-untyped-def]
    context: BrowserContext = chromium.new_context(java_script_enabled=False, viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_everything_works_without_script(served: ServedSite, plain: Page) -> None:
    door = served.open_door_side()
    granted(door, "Somebody")
    browser_sign_in(plain, served)
    expect(plain.locator("#rows")).to_contain_text("Somebody")
    plain.get_by_text("Menu", exact=True).click()
    plain.get_by_role("link", name="People").click()
    plain.get_by_role("link", name="Add a person").click()
    plain.get_by_label("Name").fill("Hanako")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_text("Added.")).to_be_visible()
    plain.get_by_role("link", name="Add a badge").click()
    plain.get_by_role("button", name="Wait for a tap").click()
    plain.wait_for_url("**/enrol/*")
    order = int(re.search(r"/enrol/(\d+)", plain.url)[1])  # type: ignore[index]
    door.learned(order, idm(0xCAFE))
    expect(plain.get_by_text("The badge ending in CAFE was read.")).to_be_visible()  # it refreshes by itself
    plain.get_by_role("button", name="Enrol it for Hanako").click()
    expect(plain.get_by_text("…CAFE")).to_be_visible()
    plain.get_by_role("button", name="日本語").click()
    expect(plain.get_by_text("紛失を登録する")).to_be_visible()
    plain.get_by_role("button", name="紛失を登録する").click()
    expect(plain.get_by_text("紛失として届けました")).to_be_visible()
    plain.get_by_role("button", name="ログアウト").click()
    expect(plain.get_by_text("ログアウトしました。")).to_be_visible()


def test_keyboard_alone_reaches_the_content_first_and_signs_in(served: ServedSite, page: Page) -> None:
    served.open_door_side()
    page.goto(served.address + "/sign-in")
    assert page.evaluate("document.activeElement.name") == "name", "typing can start at once"
    page.keyboard.type(ROLE_NAMES[OperatorRole.ADMIN])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/log")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_log_page_prints_without_its_controls(furnished: ServedSite, page: Page) -> None:
    browser_sign_in(page, furnished)
    page.emulate_media(media="print")
    expect(page.locator("form.filter")).to_be_hidden()
    expect(page.locator("nav.menu.wide")).to_be_hidden()
    expect(page.locator("table.log")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_buttons_and_links_of_the_menu_are_big_enough_for_a_finger(
    furnished: ServedSite, page: Page, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    browser_sign_in(page, furnished)
    for button in page.locator("header button:visible, main button:visible, header nav a:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 40, button.inner_text()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_menu_is_one_row_in_both_languages(furnished: ServedSite, page: Page, language: str) -> None:
    browser_sign_in(page, furnished)
    if page.locator("html").get_attribute("lang") != language:
        page.click(f"form.language button[value={language}]")
    expect(page.locator("html")).to_have_attribute("lang", language)
    tops = page.locator("nav.menu.wide a").evaluate_all("all => all.map(one => one.offsetTop)")
    assert len(tops) >= 14 and len(set(tops)) == 1


@pytest.mark.parametrize(
    ("language", "numbered"),
    [("en", '"Page " counter(page) " of "'), ("ja", 'counter(page) " / " counter(pages) " ページ"')],
)
def test_log_printed_from_its_page_has_every_row_and_numbered_pages(
    served: ServedSite, page: Page, language: str, numbered: str
) -> None:
    door = served.open_door_side()
    for _ in range(150):
        granted(door)
    browser_sign_in(page, served)
    if language == "ja":
        page.click("button[value=ja]")
    expect(page.locator("#rows tr")).to_have_count(100)
    page.emulate_media(media="print")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3, (
        "150 rows with their heads fill more than two pages"
    )
    page.emulate_media(media="screen")
    expect(page.locator("#main .sheet")).to_have_count(0)
    expect(page.locator("#rows tr")).to_have_count(100)
    pages = "filter(r => r instanceof CSSPageRule).map(r => r.cssText)"
    rules = page.evaluate(f"[...document.styleSheets].flatMap(s => [...s.cssRules]).{pages}")
    assert any(f"log-{language}" in rule and numbered in rule for rule in rules), rules
