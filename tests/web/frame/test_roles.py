"""The role table against the router and against every role."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from controller.model.operators import OperatorRole
from controller.services.rights import RIGHTS, Right
from tests.sample_site import opened_site
from tests.web.site import ServedSite
from web.app import PAGES
from web.frame.guard import guarded_router
from web.frame.roles import ROLES

Statuses = dict[tuple[str, str, str], int]


def routes() -> set[tuple[str, str]]:
    every = [route for page in PAGES for route in page.router.routes if isinstance(route, APIRoute)]
    return {(method, route.path) for route in every for method in route.methods or ()}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert routes() == set(ROLES)


def test_route_without_a_row_stops_the_program() -> None:
    with pytest.raises(KeyError):
        guarded_router().get("/not-in-the-table")(lambda: None)


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> Statuses:
    """What each role, and nobody, gets from each route, with ids that do not exist."""
    found: Statuses = {}
    folder: Path = tmp_path_factory.mktemp("site") / "data"
    with opened_site(folder) as site, ServedSite(site) as served:
        served.set_up()
        clients = {role.value: served.signed_in(role) for role in OperatorRole} | {"nobody": served.client()}
        for method, path in sorted(ROLES):
            if path in ("/sign-out", "/log/live"):
                continue
            address = path.replace("{order_id}", "999").replace("{", "").replace("}", "")
            for who, client in clients.items():
                answer = client.get(address) if method == "GET" else client.post(address)
                found[method, path, who] = answer.status
    return found


@pytest.mark.parametrize("role", list(OperatorRole))
def test_role_gets_what_its_rights_say_and_nothing_else(statuses: Statuses, role: OperatorRole) -> None:
    for (method, path), rule in ROLES.items():
        status = statuses.get((method, path, role.value))
        if status is not None and isinstance(rule, Right):
            assert (status == 403) == (rule not in RIGHTS[role]), (method, path, status)


def test_nobody_gets_anything_but_what_is_open(statuses: Statuses) -> None:
    for (method, path), rule in ROLES.items():
        status = statuses.get((method, path, "nobody"))
        if status is not None and isinstance(rule, Right):
            assert status in (303, 401, 404), (method, path, status)


def test_documents_are_not_there_for_strangers(served: ServedSite) -> None:
    client = served.client()
    for path in ("/docs", "/redoc", "/openapi.json", "/api/v1/openapi.json"):
        assert client.get(path).status == 404
    document = served.signed_in(OperatorRole.VIEWER).get("/api/v1/openapi.json").json()
    read = {path for path in document["paths"] if not path.startswith("/api/v1/requests/")}
    assert read == {"/api/v1/events", "/api/v1/doors"}
    assert document["info"]["title"] == "Genkan"
