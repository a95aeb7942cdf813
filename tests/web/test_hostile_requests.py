"""Paths, SQL and commands in every parameter end in a plain page, and nothing is disclosed."""

from urllib.parse import quote

import pytest

from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.log.signing import patience
from controller.services.people import people
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite
from web.frame.roles import ROLES

DOTS = ["..", "%2e%2e", "%252e%252e", "..%00", "....", "%c0%ae%c0%ae", "..;", ".%2e", "%2e.", "\\..", "..\\"]
SLASHES = ["/", "%2f", "%5c", "\\", "//", "%252f", "/./", "%u2215"]
TARGETS = [
    "etc/passwd",
    "genkan.toml",
    "keys/shared/card_number.key",
    "registry/registry.db",
    "app.py",
    "proc/self/environ",
]
TRAVERSALS = [
    (dot + slash) * depth + target
    for dot in DOTS
    for slash in SLASHES
    for depth in (1, 4)
    for target in TARGETS[:3]
][:528]
SQL = [
    "'", "\"", "' OR '1'='1", "1; DROP TABLE events;--", "') UNION SELECT password_hash FROM operators--",
    "%' AND 1=1--", "\\'; ATTACH DATABASE '/tmp/x' AS y;--", "1 OR 1=1", "x' AND sqlite_version()--",
    "%", "_", "' || (SELECT 1) || '", "NULL", "1e309", "-1", "0x41", "\x00", "';VACUUM;--", "*", "()",
]  # fmt: skip
COMMANDS = ["; id", "| id", "`id`", "$(id)", "&& id", "\nid", "--help", "-rf /", "'; id #", "${IFS}id"]
FIELDS_OF_FORMS = [
    "name", "display_name", "kana", "levels", "rules", "weekday", "start", "end", "number", "first_day",
    "last_day", "reader", "reason", "role", "language", "code", "current", "password_again", "back", "person",
    "door", "result", "day", "sure",
]  # fmt: skip
STARTS = ("", "a", "entrance", "2026-11-24", "é")
EVERY, PAIRS = len(STARTS), 1
SECRETS = (b"root:", b"[site]", b"SQLite format 3", b"$argon2", b"def create_app")


def texts(place: int, starts: int) -> list[str]:
    """Each text behind so many of the starts; PAIRS begins elsewhere at each place and for each text.

    So every text meets every place, and every start every text and every place.
    """
    return [
        STARTS[(number + place + more) % len(STARTS)] + text
        for number, text in enumerate(SQL + COMMANDS)
        for more in range(starts)
    ]


@pytest.fixture(params=[PAIRS, pytest.param(EVERY, marks=pytest.mark.long)], ids=["pairs", "every"])
def starts(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def harmless(body: bytes) -> bool:
    return not any(secret in body for secret in SECRETS)


def test_no_path_leads_out_of_the_static_folder_or_to_any_file(served: ServedSite, admin: Client) -> None:
    """500 variants on every route that takes something from the address."""
    assert len(TRAVERSALS) >= 500
    for path in TRAVERSALS:
        for start in ("/static/", "/static/vendor/"):
            answer = admin.get(quote(start + path, safe="/%\\;"))
            assert answer.status in (400, 404, 405), (start + path, answer.status)
            assert harmless(answer.body)
    for path in TRAVERSALS[::9]:
        for start in ("/people/", "/badges/", "/levels/", "/"):
            answer = admin.get(quote(start + path, safe="/%\\;"))
            assert answer.status in (303, 400, 404, 405), (start + path, answer.status)
            assert harmless(answer.body)


def test_texts_in_every_query_and_path_are_only_texts(served: ServedSite, admin: Client, starts: int) -> None:
    served.open_door_side()
    person = people.add(Acting(served.site, MACHINE, served.moment), "Hanako").id
    places = [
        "/log?name={}", "/log?person={}", "/log?door={}", "/log?result={}", "/log?day={}", "/log?before={}",
        "/log/export?door={}", "/people?q={}", "/people?after={}", "/people/{}", "/badges/{}", "/levels/{}",
        "/schedules/{}", "/operators/{}", "/changes?before={}", "/doors?order={}", "/api/v1/events?person={}",
        f"/people/{person}/enrol/{{}}", "/people/{}/erase",
        "/log/proof/month?month={}", "/doors/strip?shown={}",
    ]  # fmt: skip
    for number, place in enumerate(places):
        for text in texts(number, starts):
            answer = admin.get(place.format(quote(text, safe="")))
            assert answer.status in (200, 303, 400, 404, 422), (place, text, answer.status)
            assert harmless(answer.body)
    assert people.get(Acting(served.site, MACHINE, served.moment), person).name == "Hanako"


def test_texts_in_every_form_are_only_texts(served: ServedSite, admin: Client, starts: int) -> None:
    """Every route that changes something, and every field any of them has."""
    served.open_door_side()
    served.app.state.patience = lambda: patience(0)  # nobody signs
    skip = ("/sign-out", "/sign-in", "/set-up", "/account/password", "/import")
    routes = [path for method, path in ROLES if method == "POST" and path not in skip]
    for number, path in enumerate(routes):
        served.pass_time(minutes=1)  # a session has a limit for each minute
        for text in texts(number, starts):
            address = path.replace("{order_id}", "1").replace("{", "").replace("}", "")
            answer = admin.post(address, dict.fromkeys(FIELDS_OF_FORMS, text) | {"password": PASSWORD})
            assert answer.status < 500, (path, text)
            assert harmless(answer.body)
    assert admin.get("/people").status == 200
    assert admin.get("/log").status == 200


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/%5cevil.example/..//x", "/ok\tx"]
)
def test_redirects_stay_here(served: ServedSite, back: str) -> None:
    answer = served.client().post("/sign-in", {"name": "admin-1", "password": PASSWORD, "back": back})
    assert answer.to.startswith("/")
    assert not answer.to.startswith(("//", "/\\"))
