"""One session may occupy most threads, but not all; others are served meanwhile."""

import socket

from tests.waiting import until
from tests.web.client import Client
from tests.web.site import ServedSite
from web.frame.cookies import SESSION
from web.server.limits import ServerLimits
from web.server.listener import Stage

MOST = ServerLimits().requests_per_session


def slow_form(served: ServedSite, client: Client) -> socket.socket:
    """A form of this session whose last byte is missing."""
    request = socket.create_connection(("127.0.0.1", served.port), timeout=60)
    lines = [
        "POST /language HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/x-www-form-urlencoded",
        f"Cookie: {SESSION}={client.cookies[SESSION]}",
        "Content-Length: 11",
        "",
        "language=e",
    ]
    request.sendall("\r\n".join(lines).encode())
    return request


def test_session_with_ten_requests_under_way_gets_no_further_answer_until_one_ends(
    served: ServedSite,
) -> None:
    busy, other = served.signed_in(), served.signed_in()
    requests = [slow_form(served, busy) for _ in range(MOST)]
    until(lambda: sum(c.stage is Stage.BODY for c in served.listener.connections) == MOST)
    refused = busy.get("/log")
    assert (refused.status, refused.header("retry-after")) == (429, "1")
    assert other.get("/log").status == served.client().get("/sign-in").status == 200
    requests[0].sendall(b"n")
    assert requests[0].recv(1000).startswith(b"HTTP/1.1 303 ")
    assert busy.get("/log").status == 200
    for request in requests:
        request.close()
    until(lambda: busy.get("/log").status == 200)
