"""axe-core finds nothing on any page, in both languages, wide and narrow; none is wider than its screen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from controller.journal.state import ServiceState, write
from tests.sample_site import NOW
from tests.web.browser.conftest import PHONE, WIDE, sign_in
from tests.web.site import ServedSite
from web.frame.roles import ROLES

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parents[1] / "vendor" / "axe-4.14.1.min.js").read_text("utf-8")
PARTS = {
    "/log/live",
    "/doors/now",
    "/doors/strip",
    "/presence/now",
    "/rules/rehearse/now",
    "/doors/readers/{reader}/key/now",
}
NO_PAGES = {"/", "/healthz", "/metrics", "/readyz", "/set-up", "/sign-in"} | PARTS
FILES = {"/log/proof/checkpoint", "/log/proof/key", "/log/proof/genkan_verify.py", "/badge-keys/door"}
PAGES = sorted(
    path
    for method, path in ROLES
    if method == "GET"
    and path not in NO_PAGES | FILES
    and not path.startswith("/api/")
    and "{order_id}" not in path
)
BEFORE = ["/sign-in", "/nothing-here"]
MORE = [
    "/log/proof/month?month=2026-11",
    "/log?result=all",
    "/log?result=denied&day=nonsense",
    "/log?name=nobody",
    "/log/print?day=nonsense",
    "/people?q=nobody",
]


def addresses(page: Page, served: ServedSite) -> list[str]:
    """Every page of the role table, with ids as the lists give them."""
    found = {}
    for kind, path in (("person", "/people"), ("level", "/levels"), ("operator", "/operators")):
        page.goto(served.address + path)
        found[kind] = page.locator("td a.name").first.get_attribute("href") or ""
    page.goto(served.address + "/schedules")
    found["schedule"] = page.locator("td a.name").first.get_attribute("href") or ""
    page.goto(served.address + "/people?q=A002")
    page.goto(served.address + (page.locator("td a.name").first.get_attribute("href") or ""))
    found["badge"] = page.locator("td a.four").first.get_attribute("href") or ""
    ids = {f"{{{kind}_id}}": href.rpartition("/")[2] for kind, href in found.items()}
    page.goto(served.address + "/log?result=denied")
    why = page.locator('a[href$="/why"]').first.get_attribute("href") or ""
    ids |= {"{area}": "floor", "{door}": "entrance", "{version}": "1", "{reader}": "entrance-in"}
    ids["{seq}"] = why.split("/")[2]
    paths = []
    for path in PAGES:
        for key, value in ids.items():
            path = path.replace(key, value)
        assert "{" not in path, path
        paths.append(path)
    return paths + MORE


def erased(page: Page, served: ServedSite) -> str:
    """The page of the person who was erased, as the log leads to it."""
    page.goto(served.address + "/log?result=operator")
    link = page.locator("td.who a.name", has_text=re.compile("erased|消去済み")).first
    return "/people/" + (link.get_attribute("href") or "").partition("person=")[2]


def violations(page: Page) -> list[str]:
    """Only what fails crosses to this process: the list of all that passes costs as much as the search."""
    page.evaluate(AXE)
    return violations_again(page)


def violations_again(page: Page) -> list[str]:
    """The same document, at another width."""
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(all => all.violations)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:150]}" for v in found]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing(furnished: ServedSite, chromium: Browser, language: str) -> None:
    """Load each page wide, then narrow it: only the style sheet depends on the width."""
    config = furnished.site.config
    on_a_line = {**config.readers, "entrance-in": replace(config.readers["entrance-in"], path="osdp:USB0:0")}
    furnished.reading.config = furnished.site.config = replace(
        config, readers=on_a_line
    )  # readers that can get a key
    context = chromium.new_context(viewport=WIDE, bypass_csp=True, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    problems: dict[str, list[str]] = {}

    def visit(path: str) -> None:
        answer = page.goto(furnished.address + path)
        assert answer is not None and (answer.status != 404 or path == BEFORE[-1]), path
        assert page.locator("html").get_attribute("lang") == language, path
        for size, search in ((WIDE, violations), (PHONE, violations_again)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found = search(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append("wider than the screen")
            if found:
                problems[f"{path} at {size['width']}"] = found
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    for path in BEFORE:
        visit(path)
    sign_in(page, furnished)
    switch = page.locator(f".language button[lang={language}]")
    if switch.count():
        with page.expect_navigation():
            switch.click()
    for path in [*addresses(page, furnished), erased(page, furnished)]:
        visit(path)
    with everything_wrong(furnished):
        for path in ("/doors", "/people"):
            visit(path)
    context.close()
    assert problems == {}


@contextmanager
def everything_wrong(served: ServedSite) -> Iterator[None]:
    """All kinds of alarm at the same time, as the door would report them."""
    file = served.site.config.data / "journal" / "state.json"
    worst = ServiceState(
        journal="remembering",
        journal_since=NOW.utc,
        journal_cause="disk_full",
        remembered=37,
        reserve="released",
        registry="last_good",
        registry_copy_utc=NOW.utc,
        config="last_good",
        config_problem="bad_value",
        config_problem_fields={"where": "[doors.entrance] lock_pin", "value": "8"},
    )
    write(file, worst)
    try:
        yield
    finally:
        file.unlink()


def test_colours_of_the_dark_scheme_can_be_read_too(furnished: ServedSite, chromium: Browser) -> None:
    context = chromium.new_context(viewport=WIDE, bypass_csp=True, color_scheme="dark", locale="en")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, furnished)
    problems = {}
    with everything_wrong(furnished):
        for path in ("/log?result=all", "/doors", "/people", "/account", "/people/new", "/log/proof"):
            page.goto(furnished.address + path)
            if found := violations(page):
                problems[path] = found
    context.close()
    assert problems == {}
