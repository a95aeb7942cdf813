"""Only our own names are answered to."""

import pytest

from tests.web.site import ServedSite
from web.security.hosts import host_name

FOREIGN = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "",
    "127.0.0.1:80:90",
    "[::1",
    "127.0.0.1:abc",
    "10.0.0.5",
]


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_host_is_refused(served: ServedSite, host: str) -> None:
    answer = served.client().get("/sign-in", {"Host": host})
    assert answer.status in (400, 421)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8080", "[::1]:8080"])
def test_own_host_is_answered_on_any_port(served: ServedSite, host: str) -> None:
    assert served.client().get("/sign-in", {"Host": host}).status == 200


def test_redirects_never_use_the_host_that_was_sent(served: ServedSite) -> None:
    answer = served.client().get("/log", {"Host": "localhost:6666"})
    assert answer.to == "/sign-in"


@pytest.mark.parametrize(
    ("host", "name"),
    [("Door.Local:80", "door.local"), ("[::1]:80", "::1"), ("a:b:c", ""), ("door.local.", "door.local")],
)
def test_host_name_is_read_from_its_header(host: str, name: str) -> None:
    assert host_name(host) == name
