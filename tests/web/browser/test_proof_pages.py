"""The proof of the log in a real browser: nothing is blocked, and the review's sheet is one page of A4."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser.conftest import WIDE, sign_in
from tests.web.site import ServedSite

pytestmark = pytest.mark.browser
SHEET = "/log/proof/month?month=2026-11"


def test_nothing_on_the_pages_breaks_the_content_security_policy(furnished: ServedSite, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, furnished)
    for path in ("/log/proof", SHEET, "/log?result=all", "/doors"):
        page.goto(furnished.address + path)
    assert complaints == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_sheet_of_the_review_prints_on_one_page_of_a4(
    furnished: ServedSite, chromium: Browser, language: str
) -> None:
    context = chromium.new_context(viewport=WIDE, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, furnished)
    switch = page.locator(f".language button[lang={language}]")
    if switch.count():
        with page.expect_navigation():
            switch.click()
    page.goto(furnished.address + SHEET)
    paper = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    page.emulate_media(media="print")
    for hidden in ("header.top", "footer.foot", "button[data-print]"):
        expect(page.locator(hidden)).to_be_hidden()
    for selector in (".sheet-root", "svg.qr", ".sheet-signs"):
        expect(page.locator(selector)).to_be_visible()
    context.close()


def test_code_is_large_enough_to_photograph(furnished: ServedSite, page: Page) -> None:
    """At least 3 screen pixels for each of its modules."""
    sign_in(page, furnished)
    page.goto(furnished.address + "/log/proof")
    code = page.locator("svg.qr")
    modules = int((code.get_attribute("viewBox") or "").split()[2])
    box = code.bounding_box()
    assert box is not None
    assert box["width"] / modules >= 3


def test_verifier_is_downloaded_by_its_name(furnished: ServedSite, page: Page) -> None:
    sign_in(page, furnished)
    page.goto(furnished.address + "/log/proof")
    with page.expect_download() as download:
        page.get_by_role("link", name="genkan_verify.py").click()
    assert download.value.suggested_filename == "genkan_verify.py"


def test_alarms_of_the_strip_stay_the_same_element_while_nothing_changes(
    furnished: ServedSite, page: Page
) -> None:
    sign_in(page, furnished)
    page.goto(furnished.address + "/doors")
    page.evaluate("document.getElementById('strip').dataset.kept = 'yes'")
    with page.expect_response(lambda response: "/doors/strip" in response.url) as awaited:
        pass
    assert awaited.value.status == 204
    expect(page.locator("#strip[data-kept=yes]")).to_have_count(1)
