"""Signing in and out, cookies, sessions that end."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.model.operators import OperatorRole
from controller.services.acting import Acting
from controller.services.operators import operators
from tests.sample_site import PASSWORD, opened_site
from tests.web.site import ROLE_NAMES, ServedSite
from web.frame.cookies import BROWSER, LANGUAGE, SESSION

ADMIN = {"name": ROLE_NAMES[OperatorRole.ADMIN], "password": PASSWORD}


def test_sign_in_leads_to_the_log_and_sign_out_ends_the_session(served: ServedSite) -> None:
    client = served.client()
    assert client.get("/").to == "/log"
    assert client.get("/log").to == "/sign-in"
    assert client.post("/sign-in", ADMIN).to == "/"
    assert client.get("/log").status == 200
    token = client.cookies[SESSION]
    assert client.post("/sign-out").to == "/sign-in?done=signed_out"
    assert SESSION not in client.cookies
    copied = served.client()
    copied.cookies[SESSION] = token
    assert copied.get("/log").to == "/sign-in"


def test_sign_in_returns_to_the_page_that_was_asked_for(served: ServedSite) -> None:
    client = served.client()
    to = client.get("/people?q=a&after=b").to
    assert to == "/sign-in?back=/people%3Fq%3Da%26after%3Db"
    assert client.post("/sign-in", ADMIN | {"back": "/people?q=a&after=b"}).to == "/people?q=a&after=b"
    assert served.client().post("/sign-in", ADMIN | {"back": "//evil.example"}).to == "/"
    assert client.get("/sign-in?back=//evil.example").to == "/"


def test_token_from_before_sign_in_is_worth_nothing_after_it(served: ServedSite) -> None:
    client = served.client()
    client.cookies[SESSION] = "planted"
    client.post("/sign-in", ADMIN)
    assert client.cookies[SESSION] != "planted"
    first = client.cookies[SESSION]
    client.post("/sign-in", ADMIN)
    assert client.cookies[SESSION] != first


def test_wrong_name_and_wrong_password_read_the_same(served: ServedSite) -> None:
    wrong_password = served.client().post("/sign-in", ADMIN | {"password": "not this one"})
    wrong_name = served.client().post("/sign-in", {"name": "nobody", "password": "not this one"})
    assert wrong_password.status == wrong_name.status == 422
    assert wrong_password.text.replace(ADMIN["name"], "nobody") == wrong_name.text
    assert "not this one" not in wrong_password.text
    assert SESSION not in "".join(wrong_password.cookies)


def test_guesses_are_throttled_and_the_known_browser_still_gets_in(served: ServedSite) -> None:
    signed_in = served.signed_in()
    signed_in.post("/sign-out")
    stranger = served.client()
    statuses = [
        stranger.post("/sign-in", ADMIN | {"password": f"guess number {n}"}).status for n in range(15)
    ]
    assert statuses.count(422) <= 10
    assert statuses[-1] == 429
    answer = stranger.post("/sign-in", ADMIN)
    assert answer.status == 429
    assert int(answer.header("retry-after") or 0) > 0
    assert signed_in.post("/sign-in", ADMIN).status == 303


def test_session_ends_after_half_an_hour_unused(served: ServedSite) -> None:
    client = served.signed_in()
    for _ in range(4):
        served.pass_time(minutes=20)
        assert client.get("/log").status == 200
    served.pass_time(minutes=31)
    assert client.get("/log").to == "/sign-in"


def test_open_page_that_refreshes_by_itself_does_not_keep_the_session_alive(served: ServedSite) -> None:
    client = served.signed_in()
    served.pass_time(minutes=20)
    assert client.get("/doors/now").status == 200
    assert client.get("/doors/strip").status == 200
    served.pass_time(minutes=20)
    assert client.get("/doors/now", {"HX-Request": "true"}).status == 401
    assert client.get("/log").to == "/sign-in"


def test_session_ends_after_twelve_hours_of_use(served: ServedSite) -> None:
    client = served.signed_in()
    for _ in range(36):
        served.pass_time(minutes=20)
        assert client.get("/healthz").status == 200
        last = client.get("/log").status
    assert last == 200
    served.pass_time(minutes=1)
    assert client.get("/log").to == "/sign-in"


def test_disabled_operator_is_out_immediately(served: ServedSite) -> None:
    client = served.signed_in(OperatorRole.VIEWER)
    assert client.get("/log").status == 200
    admin = served.signed_in()
    page = admin.get("/operators")
    viewer = next(
        ref
        for ref in page.ids(r"/operators/([0-9a-f]+)")
        if ROLE_NAMES[OperatorRole.VIEWER] in admin.get(f"/operators/{ref}").text
    )
    assert admin.post(f"/operators/{viewer}/disable").to == "/operators?done=disabled"
    assert client.get("/log").to == "/sign-in"


def flags(line: str) -> set[str]:
    return {part.strip().partition("=")[0].lower() for part in line.split(";")[1:]}


def test_cookies_are_kept_from_scripts_and_other_sites(served: ServedSite) -> None:
    client = served.client()
    lines = client.post("/language", {"language": "en"}).cookies
    lines += client.post("/sign-in", ADMIN).cookies
    lines += client.post("/sign-out").cookies
    assert {line.partition("=")[0] for line in lines} == {SESSION, BROWSER, LANGUAGE}
    for line in lines:
        assert {"httponly", "samesite", "path"} <= flags(line)
        assert "samesite=strict" in line.lower()
        assert "domain" not in flags(line)


@pytest.fixture
def site_on_tls(tmp_path: Path) -> ServedSite:
    site = opened_site(tmp_path / "data")
    web = replace(site.config.web, tls_certificate=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem")
    site.config = replace(site.config, web=web)
    return site


def test_on_tls_cookies_are_bound_to_this_host_and_hsts_is_sent(site_on_tls: ServedSite) -> None:
    """The server uses plain HTTP here; the test checks the effect of a configured certificate."""
    with site_on_tls, ServedSite(site_on_tls) as served:
        served.set_up()
        client = served.client()
        answer = client.post("/sign-in", ADMIN)
        assert answer.header("strict-transport-security")
        for line in answer.cookies:
            assert line.startswith("__Host-")
            assert "secure" in flags(line)
        assert client.get("/log").status == 200


def test_language_stays_after_signing_out(served: ServedSite) -> None:
    client = served.signed_in()
    client.post("/language", {"language": "ja"})
    client.post("/sign-out")
    assert '<html lang="ja">' in client.get("/sign-in", {"Accept-Language": "en"}).text


def test_sign_in_is_refused_to_a_disabled_operator(served: ServedSite) -> None:
    operators_list = operators.all_operators(Acting(served.site, site_admin(served), served.moment))
    viewer = next(o for o in operators_list if o.role is OperatorRole.VIEWER)
    operators.disable(Acting(served.site, site_admin(served), served.moment), viewer.id)
    answer = served.client().post("/sign-in", {"name": viewer.name, "password": PASSWORD})
    assert answer.status == 422


def site_admin(served: ServedSite):  # type: ignore[no-untyped-def]
    from controller.model.operators import MACHINE

    return MACHINE
