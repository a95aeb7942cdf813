"""The same headers on every answer, errors included; nothing personal in any cache."""

import socket

import pytest

from tests.web.client import Answer, Client
from tests.web.site import ServedSite
from web.security.headers import HEADERS

PATHS = ["/log", "/sign-in", "/nothing-here", "/healthz", "/static/genkan.css", "/static/none", "/people/x"]


def check(answer: Answer) -> None:
    for name, value in HEADERS.items():
        assert answer.header(name) == value, (answer.status, name)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(served: ServedSite, path: str) -> None:
    for client in (served.client(), served.signed_in()):
        check(client.get(path))
        check(client.request("DELETE", path, headers=client.own_page()))


def test_refusals_before_any_route_carry_them_too(served: ServedSite) -> None:
    client = served.client()
    foreign_host = client.get("/", {"Host": "evil.example"})
    foreign_site = client.request("POST", "/sign-in", b"", {"Sec-Fetch-Site": "cross-site"})
    too_large = client.post("/sign-in", {"name": "x" * 300_000})
    assert [foreign_host.status, foreign_site.status, too_large.status] == [421, 403, 413]
    for answer in (foreign_host, foreign_site, too_large):
        check(answer)


def test_fault_of_ours_carries_them_and_tells_an_id_only(served: ServedSite, admin: Client) -> None:
    served.app.state.renderer = None  # what no request should ever find
    answer = admin.get("/log", {"Accept-Language": "en"})
    assert answer.status == 500
    check(answer)
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text
    assert "fault" in answer.text


def test_script_and_style_come_from_here_only(served: ServedSite, admin: Client) -> None:
    policy = admin.get("/log").header("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy


def test_pages_are_never_stored_and_styles_are_asked_for_again(served: ServedSite, admin: Client) -> None:
    assert admin.get("/people").header("cache-control") == "no-store"
    assert admin.get("/static/genkan.css").header("cache-control") == "no-cache"
    assert admin.get("/static/none.css").header("cache-control") == "no-store"


def test_no_answer_names_its_server_to_other_origins(served: ServedSite, admin: Client) -> None:
    answer = admin.get("/log", {"Origin": "https://evil.example"})
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_half_a_request_does_not_stop_the_others(served: ServedSite) -> None:
    """Slow clients hold a socket and nothing else."""
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(100)]
    for connection in slow:
        connection.sendall(b"GET /log HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    assert served.client().get("/healthz").status == 200
    for connection in slow:
        connection.close()
