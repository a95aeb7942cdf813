"""No other site changes anything or reads the live stream."""

import pytest
from starlette.datastructures import Headers

from controller.model.operators import OperatorRole
from tests.web.site import ServedSite
from web.frame.roles import ROLES
from web.security.same_site import is_form_or_json, is_same_site

CHANGES = sorted(path for method, path in ROLES if method == "POST")
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Content-Type": "text/plain"},
    {},
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], int]:
    """Every change, asked for in every foreign way, by a browser that is signed in."""
    from tests.sample_site import opened_site

    found = {}
    with opened_site(tmp_path_factory.mktemp("site") / "data") as site, ServedSite(site) as served:
        served.set_up()
        client = served.signed_in(OperatorRole.ADMIN)
        for path in CHANGES:
            address = path.replace("{", "").replace("}", "")
            for number, headers in enumerate(FOREIGN):
                found[path, number] = client.request("POST", address, b"name=x", headers).status
        assert client.get("/log").status == 200, "still signed in, so nothing got through"
    return found


def test_change_asked_for_by_another_site_is_refused(answers: dict[tuple[str, int], int]) -> None:
    assert set(answers) == {(path, number) for path in CHANGES for number in range(len(FOREIGN))}
    assert {place: status for place, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize(
    "kind", ["text/plain", "TEXT/PLAIN; charset=utf-8", "text/csv", "", "application/jsonp"]
)
def test_change_that_is_not_a_form_and_no_json_is_refused_even_from_our_own_page(
    served: ServedSite, kind: str
) -> None:
    client = served.signed_in()
    answer = client.request("POST", "/sign-out", b"name=x", client.own_page() | {"Content-Type": kind})
    assert answer.status == 403
    assert client.request("POST", "/sign-out", b"name=x", client.own_page()).status == 403
    assert client.get("/log").status == 200, "still signed in"


def test_form_json_and_no_body_are_what_a_change_may_be() -> None:
    for kind in (
        "application/x-www-form-urlencoded",
        "Multipart/Form-Data; boundary=x",
        "application/json;x=y",
    ):
        assert is_form_or_json(Headers({"content-type": kind, "content-length": "1"}))
    assert is_form_or_json(Headers({})) and is_form_or_json(Headers({"content-length": "0"}))
    assert not is_form_or_json(Headers({"content-length": "1"}))
    assert not is_form_or_json(Headers({"transfer-encoding": "chunked"}))


def test_other_methods_are_refused_too(served: ServedSite) -> None:
    client = served.signed_in()
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.request(method, "/people/x", b"", {"Sec-Fetch-Site": "cross-site"}).status == 403


def test_live_stream_is_not_for_other_sites(served: ServedSite) -> None:
    client = served.signed_in()
    assert client.get("/log/live", {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert client.get("/log/live", {"Origin": "https://evil.example"}).status == 403


def test_program_without_cookie_and_browser_headers_is_not_a_forgery() -> None:
    assert is_same_site(Headers({"host": "127.0.0.1"}))
    assert not is_same_site(Headers({"host": "127.0.0.1", "cookie": "a=b"}))


def test_own_page_passes_with_either_header() -> None:
    assert is_same_site(Headers({"host": "h:1", "cookie": "a=b", "origin": "http://h:1"}))
    assert is_same_site(Headers({"host": "h:1", "cookie": "a=b", "sec-fetch-site": "same-origin"}))
    assert not is_same_site(Headers({"host": "h:1", "origin": "http://[bad"}))
