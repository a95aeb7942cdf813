"""A real headless Chromium; without one these tests are skipped with a reason."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.sample_site import PASSWORD, opened_site
from tests.waiting import LONG
from tests.web.browser.furnished import furnish
from tests.web.site import ServedSite

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
expect.set_options(timeout=LONG * 1000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with the module: while it lives, no test in this process can run an event loop of its own."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=WIDE, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(LONG * 1000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """One site with people, badges, levels, schedules and a log, for tests that only read."""
    with opened_site(tmp_path_factory.mktemp("site") / "data") as site, ServedSite(site) as served:
        served.set_up()
        furnish(served)
        yield served


def sign_in(page: Page, served: ServedSite, name: str = "admin-1") -> None:
    page.goto(served.address + "/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/log")
