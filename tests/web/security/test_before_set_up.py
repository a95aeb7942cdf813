"""Before the first administrator exists nothing answers but the set-up page, /healthz and /readyz."""

from controller.services.operators import sign_in
from tests.sample_site import PASSWORD
from tests.web.form_errors import field_in_error
from tests.web.site import ServedSite
from web.frame.roles import ROLES

OPEN = {"/healthz", "/readyz", "/set-up", "/language", "/"}
CLOSED = [(method, path) for method, path in ROLES if path not in OPEN]


def test_before_set_up_no_other_route_answers(new_site: ServedSite) -> None:
    client = new_site.client()
    for method, path in CLOSED:
        address = path.replace("{", "").replace("}", "")
        answer = client.get(address) if method == "GET" else client.post(address)
        assert answer.status == 503, (method, path)


def test_before_set_up_the_first_page_leads_to_set_up_and_healthz_answers(new_site: ServedSite) -> None:
    client = new_site.client()
    assert client.get("/").to == "/set-up"
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text.startswith("ok registry\n")
    assert client.get("/docs").status == 503


def form(code: str, **other: str) -> dict[str, str]:
    fields = {"code": code, "name": "hanako", "display_name": "山田 花子"}
    return fields | {"password": PASSWORD, "password_again": PASSWORD} | other


def test_code_makes_one_administrator_and_is_then_worth_nothing(new_site: ServedSite) -> None:
    code = sign_in.new_set_up_code(new_site.site, new_site.moment)
    assert code is not None
    first = new_site.client()
    assert first.post("/set-up", form(code)).to == "/welcome?done=set_up"
    assert first.get("/log").status == 200
    second = new_site.client()
    assert second.post("/set-up", form(code, name="taro")).status in (409, 422)
    assert second.get("/set-up").to == "/"
    assert second.get("/log").to == "/sign-in"


def test_code_dies_after_an_hour(new_site: ServedSite) -> None:
    code = sign_in.new_set_up_code(new_site.site, new_site.moment)
    assert code is not None
    new_site.pass_time(minutes=61)
    answer = new_site.client().post("/set-up", form(code))
    assert answer.status == 422
    assert 'id="code-error"' in answer.text
    assert sign_in.set_up_needed(new_site.site)


def test_wrong_code_and_differing_passwords_are_reported_beside_their_fields(new_site: ServedSite) -> None:
    client = new_site.client()
    answer = client.post("/set-up", form("0000"))
    assert answer.status == 422
    assert 'id="code-error"' in answer.text
    assert PASSWORD not in answer.text
    assert "山田 花子" in answer.text
    answer = client.post("/set-up", form("0000", password_again="something else"))
    assert 'id="password_again-error"' in answer.text


def test_code_is_kept_when_something_else_is_wrong_and_the_rule_is_reported_before(
    new_site: ServedSite,
) -> None:
    code = sign_in.new_set_up_code(new_site.site, new_site.moment)
    assert code is not None
    client = new_site.client()
    client.post("/language", {"language": "en", "back": "/"})
    assert "At least 15 characters" in client.get("/set-up").words
    answer = client.post("/set-up", form(code, password="short", password_again="short"))
    assert field_in_error(answer)["id"] == "password"
    assert f'value="{code}"' in answer.text and 'value="short"' not in answer.text


def test_set_up_ends_on_a_page_that_leads_to_what_comes_next(new_site: ServedSite) -> None:
    code = sign_in.new_set_up_code(new_site.site, new_site.moment)
    assert code is not None
    client = new_site.client()
    page = client.get(client.post("/set-up", form(code)).to)
    assert page.status == 200
    for path in (
        "/people/new",
        "/import",
        "/people",
        "/doors",
        "/levels",
        "/log/proof",
        "/operators/new",
        "/log",
    ):
        assert f'<a href="{path}"' in page.text, path
        assert client.get(path).status == 200, path
