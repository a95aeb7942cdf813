"""What did not work is a sentence and what to do; never a trace, never what was sent."""

import os

import pytest

from controller.model.operators import OperatorRole
from controller.registry import lock
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import web_socket
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nothing", 404, "There is no such page"),
        ("DELETE", "/log", 405, "There is no such page"),
        ("GET", "/log?before=x", 400, "was not understood"),
        ("GET", "/people/0000", 404, "There is no such person"),
        ("GET", "/doors/orders/x", 400, "was not understood"),
    ],
)
def test_problem_is_reported_in_words_with_the_menu(
    admin: Client, method: str, path: str, status: int, words: str
) -> None:
    answer = admin.request(method, path, headers=admin.own_page())
    assert answer.status == status
    assert words in answer.words
    assert "Entry log" in answer.words
    assert "Traceback" not in answer.text


def test_refused_role_is_named_in_words(served: ServedSite) -> None:
    viewer = served.signed_in(OperatorRole.VIEWER)
    answer = viewer.get("/people")
    assert answer.status == 403
    assert "Your role" in answer.words
    viewer.post("/language", {"language": "ja"})
    assert "閲覧のみ" in viewer.get("/people").words


def test_stranger_sees_problems_too_and_no_menu(served: ServedSite) -> None:
    answer = served.client().get("/nothing", {"Accept-Language": "en"})
    assert answer.status == 404
    assert "Accounts" not in answer.words


def test_log_that_awaits_the_door_is_reported_in_one_sentence(served: ServedSite, admin: Client) -> None:
    """A write-ahead log is left and no door runs: less than there is must not be shown."""
    door = served.open_door_side()
    door.record("service_started")  # type: ignore[arg-type]
    left = served.site.config.data / "journal" / "journal.db-wal"
    content = left.read_bytes()
    door.__exit__()
    served.door = None
    if content:
        left.write_bytes(content)
    admin.post("/language", {"language": "ja"})
    answer = admin.get("/log")
    assert answer.status == 503
    assert "ドア制御が起動すると、ログを再び表示できます。" in answer.words
    assert "awaiting recovery" in answer.words, "for the installer"
    assert "Traceback" not in answer.text
    problem = admin.get("/api/v1/events").json()
    assert (problem["status"], problem["code"]) == (503, "awaiting_recovery")


def test_values_that_were_sent_are_not_repeated(admin: Client) -> None:
    sent = "secret-that-was-typed"
    assert sent not in admin.post("/doors/x/unlock", {"reason": sent * 200}).text


def test_title_and_detail_of_an_api_problem_are_in_one_language(admin: Client) -> None:
    admin.post("/language", {"language": "ja"})
    problem = admin.get("/api/v1/nothing").json()
    assert problem["status"] == 404
    assert problem["title"] == "見つかりません" and not problem["detail"].isascii()
    admin.post("/language", {"language": "en"})
    problem = admin.get("/api/v1/nothing").json()
    assert problem["title"] == "Not found" and problem["detail"].isascii()


def test_registrar_that_does_not_run_is_one_sentence_and_what_to_do(
    served: ServedSite, admin: Client
) -> None:
    served.site.link = SocketLink(web_socket(served.site.config.data))
    answer = admin.post("/people/new", {"name": "Sato"})
    assert answer.status == 503
    assert "the registrar service does not answer. Have it started." in answer.words
    assert "systemctl start genkan-registrar" in answer.words, "for the installer"
    assert "Traceback" not in answer.text
    assert [admin.get(path).status for path in ("/people", "/log", "/doors/now")] == [503] * 3
    stranger = served.client()
    assert stranger.get("/sign-in").status == 503
    assert stranger.post("/sign-in", {"name": "admin-1", "password": PASSWORD}).status == 503
    assert stranger.get("/healthz").status == 200
    ready = stranger.get("/readyz")
    assert ready.status == 503 and "fail registrar: no_answer" in ready.text
    assert stranger.get("/static/genkan.css").status == 200


def test_registry_that_another_program_holds_is_one_sentence_that_names_it(
    served: ServedSite, admin: Client
) -> None:
    with lock.hold_lock(served.site.registry.lock):
        answer = admin.post("/people/new", {"name": "Sato"})
    assert answer.status == 503
    assert "another program holds the registry" in answer.words
    assert f"({os.getpid()})" in answer.words
