"""HEAD answers with the headers of GET and no body, also where GET never ends."""

import http.client

import pytest

from tests.waiting import until
from tests.web.client import Client
from tests.web.site import ServedSite
from web.frame.cookies import SESSION


def head(client: Client, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    connection.request("HEAD", path, headers={"Cookie": f"{SESSION}={client.cookies.get(SESSION, '')}"})
    answer = connection.getresponse()
    assert answer.read() == b""
    connection.close()
    return answer


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/sign-in", "/people", "/static/genkan.css", "/nothing"]
)
def test_head_has_the_status_and_headers_of_get(served: ServedSite, admin: Client, path: str) -> None:
    got, answer = admin.get(path), head(admin, path)
    assert answer.status == got.status
    assert answer.getheader("content-type") == got.header("content-type")
    assert answer.getheader("x-content-type-options") == "nosniff"


def test_head_of_a_page_needs_a_sign_in_as_get_does(served: ServedSite) -> None:
    answer = head(served.client(), "/people")
    assert (answer.status, answer.getheader("location")) == (303, "/sign-in?back=/people")


def test_head_of_the_live_log_ends(served: ServedSite, admin: Client) -> None:
    served.open_door_side()
    answer = head(admin, "/log/live?after=0")
    assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream; charset=utf-8")
    until(lambda: served.live.watchers == 0)


def test_connection_serves_on_after_head(served: ServedSite) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    for method, body in (("HEAD", b""), ("GET", b"ok\n"), ("HEAD", b""), ("GET", b"ok\n")):
        connection.request(method, "/healthz")
        assert connection.getresponse().read() == body
    assert len(served.listener.connections) == 1
    connection.close()
