"""What a page costs, counted: views and statements of the databases, and calls of Python functions.

A page of a hundred rows may take 10 ms (`make bench ARGS=pages`). The limits are a fifth above what was
counted when it took 7.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from starlette.requests import Request

from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.web.client import Client
from tests.web.site import ServedSite
from web.frame.cookies import SESSION
from web.frame.visitor import find_visitor
from web.routes.entry_log import PAGE, log_page


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def fill(door: DoorSide, rows: int) -> None:
    for index in range(rows):
        person = f"{index:016x}"
        door.record(
            EventType.ACCESS_GRANTED,
            door="entrance",
            access_point="entrance-in",
            direction="in",
            result="granted",
            person=person,
            assurance=0,
            details={"name": f"Person {index}", "last_four": person[-4:].upper()},
        )


@contextmanager
def counted(site: Site) -> Iterator[dict[str, list[str]]]:
    """The statements that the site's connections run meanwhile, one list for each database."""
    found: dict[str, list[str]] = {"journal": [], "registry": []}
    with site.journal.snapshot() as journal, site.registry.read() as registry:
        journal.set_trace_callback(found["journal"].append)
        registry.set_trace_callback(found["registry"].append)
    found["journal"].clear()
    found["registry"].clear()
    yield found
    with site.journal.snapshot() as journal, site.registry.read() as registry:
        journal.set_trace_callback(None)
        registry.set_trace_callback(None)


def statements(served: ServedSite, client: Client, path: str) -> tuple[int, int, int]:
    """Views of the log, statements of the log, statements of the registry, by the web process."""
    assert client.get(path).status == 200
    with counted(served.reading) as found:
        assert client.get(path).status == 200
        log, registry = list(found["journal"]), list(found["registry"])
    assert registry, "the page's own connection was counted"
    return log.count("BEGIN"), len(log), len(registry)


def test_log_page_takes_two_views_of_the_log_and_few_statements(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    fill(door, PAGE + 1)
    views, log, registry = statements(served, admin, "/log")
    assert views == 2, "one for the rows and the doors, one for the frame"
    assert log <= 26
    assert registry <= 16


@pytest.mark.parametrize("path", ["/doors", "/doors/strip", "/doors/now", "/people", "/alarms"])
def test_page_takes_few_views_of_the_log(
    served: ServedSite, admin: Client, door: DoorSide, path: str
) -> None:
    fill(door, 3)
    views, _log, _registry = statements(served, admin, path)
    assert views <= 3


def calls(request: Request) -> int:
    """Of Python functions, for one page."""
    visitor = find_visitor(request)
    request.state.visitor = visitor
    log_page(request, visitor)  # what is read once a process is read
    found = 0

    def count(_frame: FrameType, event: str, _of: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        page = log_page(request, visitor)
    finally:
        sys.setprofile(None)
    assert bytes(page.body).count(b'<tr role="row" id="no-') == PAGE
    return found


def test_page_of_a_hundred_rows_takes_few_calls(served: ServedSite, admin: Client, door: DoorSide) -> None:
    fill(door, PAGE + 1)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/log",
        "query_string": b"",
        "headers": [(b"cookie", f"{SESSION}={admin.cookies[SESSION]}".encode())],
        "app": served.app,
    }
    assert calls(Request(scope)) <= 10_000


def test_list_of_people_takes_as_many_statements_for_fifty_as_for_one(
    served: ServedSite, admin: Client
) -> None:
    people.add(Acting(served.site, MACHINE, served.moment), "The first")
    served.open_door_side()
    _views, _log, one = statements(served, admin, "/people")
    for index in range(49):
        people.add(Acting(served.site, MACHINE, served.moment), f"Person {index}")
    _views, _log, fifty = statements(served, admin, "/people")
    assert fifty == one <= 20
