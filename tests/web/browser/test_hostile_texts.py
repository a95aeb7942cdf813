"""Nothing that is typed, read from a card or sent in an address is ever executed."""

import pytest
from playwright.sync_api import Browser, Page

from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import people
from tests.web.browser.conftest import sign_in
from tests.web.site import ServedSite

pytestmark = pytest.mark.browser

CALL = "window.hit=1"
SHAPES = [
    "<script>{0}</script>",
    "<ScRiPt src=//evil.example></sCrIpT><script>{0}//",
    "<img src=x onerror={0}>",
    '"><svg onload={0}>',
    "'><svg/onload={0}>",
    "</title><script>{0}</script>",
    "</textarea><script>{0}</script>",
    "</option></select><img src=x onerror={0}>",
    '" autofocus onfocus={0} x="',
    "' autofocus onfocus={0} x='",
    "javascript:{0}",
    "<a href=javascript:{0}>x</a>",
    "<iframe srcdoc='<script>parent.{0}</script>'>",
    "<style>@import 'javascript:{0}'</style>",
    "{{{{ self.__init__.__globals__ }}}}",
    "{{% for x in () %}}{0}{{% endfor %}}",
    "${{{0}}}",
    "%(name)s {{name}} %s {0}",
    "<!--<img src='--><img src=x onerror={0}//'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={0}>",
]
FILLERS = ["", " ", "\u3000", "髙", "&lt;", "&#60;", "%3C", "\\u003c", "\u202e", "𠮷"]
PAYLOADS = [(filler + shape.format(CALL))[:100] for shape in SHAPES for filler in FILLERS]


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    from tests.sample_site import opened_site

    with opened_site(tmp_path_factory.mktemp("site") / "data") as site, ServedSite(site) as served:
        served.set_up()
        always = schedules.all_schedules(Acting(site, MACHINE, served.moment))[0].id
        door = served.open_door_side()
        for number, payload in enumerate(PAYLOADS):
            typed = payload.replace("\u202e", "\u200f")  # the first is refused, and only the log may hold it
            person = people.add(Acting(site, MACHINE, served.moment), typed, typed)
            if number % 5 == 0:
                people.suspend(Acting(site, MACHINE, served.moment), person.id, payload)
                name = f"{payload[:90]}{number}"
                levels.add(Acting(site, MACHINE, served.moment), name, [("entrance-in", always)])
                schedules.add(
                    Acting(site, MACHINE, served.moment), name, [schedules.window(0, "09:00", "18:00")]
                )
            door.record(
                EventType.ACCESS_GRANTED,
                result=payload,
                door=payload,
                reader=payload,
                person=payload,
                details={"name": payload, "last_four": payload},
            )
            door.record(EventType.ACCESS_DENIED, reason=payload, codes={"warning": payload})
            door.record(
                EventType.READER_OFFLINE,
                reader="entrance-in",
                details={"problem": payload, "reason": payload},
            )
            door.record(
                EventType.OPERATOR_ACTION,
                codes={"action": payload},
                details={"operator": payload, "before": {payload: payload}, "after": {"name": payload}},
            )
        yield served


def everywhere(page: Page, address: str, path: str) -> int:
    """Follow "More" and "Older" to the end; how many pages that were."""
    seen = 0
    page.goto(address + path)
    while True:
        seen += 1
        assert page.evaluate("window.hit") is None, page.url
        more = page.locator("a[rel=next]")
        if not more.count():
            return seen
        page.goto(address + (more.get_attribute("href") or ""))


def test_no_text_is_executed_on_any_page(poisoned: ServedSite, chromium: Browser) -> None:
    assert len(PAYLOADS) == 200
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    sign_in(page, poisoned)
    assert everywhere(page, poisoned.address, "/people") >= 4
    assert everywhere(page, poisoned.address, "/log?result=all") >= 8
    assert everywhere(page, poisoned.address, "/changes") >= 4
    for path in ("/levels", "/schedules", "/people/new", "/levels/new", "/doors"):
        everywhere(page, poisoned.address, path)
    for path in ("/people", "/levels", "/schedules"):
        page.goto(poisoned.address + path)
        hrefs = [link.get_attribute("href") or "" for link in page.locator("td a.name").all()[:10]]
        for href in hrefs:
            everywhere(page, poisoned.address, href)
    context.close()


def test_no_address_is_executed(poisoned: ServedSite, chromium: Browser) -> None:
    context = chromium.new_context(locale="en")
    page = context.new_page()
    sign_in(page, poisoned)
    from urllib.parse import quote

    for shape in SHAPES:
        text = quote(shape.format(CALL))
        for path in (f"/log?name={text}&day={text}&door={text}&person={text}", f"/people?q={text}"):
            page.goto(poisoned.address + path)
            assert page.evaluate("window.hit") is None, path
    context.close()
