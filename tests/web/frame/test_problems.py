"""What did not work is a sentence and what to do; never a trace, never what was sent."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from controller.errors import RegistrarUnavailable
from controller.model.operators import MACHINE, OperatorRole
from controller.registry import lock
from controller.registry.accounts.database import new_file
from controller.registry.accounts.schema import create_tables
from controller.registry.card_hash import key_file
from controller.registry.schema import SCHEMA
from controller.services.acting import Acting
from controller.services.operators.sign_in_requests import FindSession
from controller.services.people.requests import AddPerson
from controller.services.requests.request import Request as RequestOf
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import web_socket
from tests.controller.databases import make_newer
from tests.controller.test_migration_cut import registry_at
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ServedSite
from web.frame.cookies import LANGUAGE


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
    assert problem["title"] == "現在利用できません" and problem["detail"].startswith("ドア制御が起動すると")
    assert "awaiting recovery" in problem["error"], "for the installer"


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


def test_api_asks_a_stranger_to_sign_in_in_the_language_of_the_client(served: ServedSite) -> None:
    for language, title in (("ja", "先にログインしてください"), ("en", "Sign in first")):
        answer = served.client().get("/api/v1/events", {"Accept-Language": language})
        refused = answer.json()
        assert (answer.status, refused["code"], refused["title"]) == (401, "sign_in_needed", title)
        assert refused["detail"].isascii() is (language == "en")


def test_registrar_that_does_not_run_is_one_sentence_and_what_to_do(
    served: ServedSite, admin: Client
) -> None:
    served.reading.link = SocketLink(web_socket(served.site.config.data))
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


def test_registrar_that_cannot_start_without_its_key_is_reported_with_the_key(
    served: ServedSite, admin: Client
) -> None:
    served.reading.link = SocketLink(web_socket(served.site.config.data))
    key = key_file(served.site.config.data / "keys")
    key.unlink()
    answer = admin.post("/people/new", {"name": "Sato"})
    assert answer.status == 503
    assert "the key of card numbers (keys/shared/card_number.key) is missing" in answer.words
    assert f"{key} is missing; put it back from a backup" in answer.words, "for the installer"
    ready = served.client().get("/readyz").text
    assert "fail registrar: no_answer\nfail card_number_key: missing\n" in ready


def test_page_asks_a_registrar_that_does_not_answer_once(served: ServedSite, admin: Client) -> None:
    """Each question takes seconds then."""
    questions = []

    class Unanswered:
        def send(self, acting: Acting, request: RequestOf[Any], body: bytes = b"") -> NoReturn:
            questions.append(request)
            raise RegistrarUnavailable("The registrar did not answer in 7 s.")

    served.reading.link = Unanswered()
    assert admin.get("/people").status == 503
    assert [type(one) for one in questions] == [FindSession]


def newer_registry(file: Path) -> None:
    registry_at(SCHEMA - 1, file)
    make_newer(file)


@pytest.mark.parametrize(
    ("create", "words"),
    [
        (lambda file: None, "The controller has a fault"),
        (lambda file: registry_at(SCHEMA - 1, file), "The registrar service must prepare the data first"),
        (newer_registry, "A newer version of Genkan wrote the data"),
        (lambda file: file.write_bytes(b"x" * 8192), "A database on the controller is damaged"),
    ],
    ids=["missing", "earlier", "newer", "damaged"],
)
def test_web_that_starts_before_its_registrar_answers_503_and_recovers_by_itself(
    new_site: ServedSite, create: Callable[[Path], None], words: str
) -> None:
    file, aside = new_site.site.registry.file, new_site.site.registry.file.with_name("aside.db")
    link, new_site.reading.link = new_site.reading.link, SocketLink(web_socket(new_site.site.config.data))
    new_site.site.registry.close()
    file.rename(aside)
    create(file)
    client = new_site.client()
    client.cookies[LANGUAGE] = "en"
    for path in ("/", "/set-up", "/sign-in", "/log"):
        answer = client.get(path)
        assert answer.status == 503 and "the registrar service does not answer" in answer.words, path
    assert client.get("/healthz").status == 200
    ready = client.get("/readyz")
    assert ready.status == 503 and ready.text.startswith(
        "fail registry: unreadable\nfail registrar: no_answer\n"
    )
    new_site.reading.link = link
    answer = client.get("/set-up")
    assert answer.status == 503 and words in answer.words and "Traceback" not in answer.text
    aside.rename(file)
    new_site.pass_time(seconds=2)
    assert client.get("/").to == "/set-up"
    assert client.get("/set-up").status == 200
    assert client.get("/readyz").text.startswith("ok registry\nok registrar\n")


def removed(file: Path) -> None:
    file.unlink()


def of_a_newer_version(file: Path) -> None:
    with new_file(file) as db:
        create_tables(db)
        db.execute("PRAGMA user_version = 99")


def without_sense(file: Path) -> None:
    file.unlink()
    file.write_bytes(b"x" * 8192)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (removed, "accounts.db is missing, so nobody can sign in; restore a backup"),
        (of_a_newer_version, "accounts.db was written by a newer Genkan"),
        (without_sense, "accounts.db is damaged or not a database"),
    ],
)
def test_accounts_that_cannot_be_read_are_one_sentence_and_the_command_line_goes_on(
    served: ServedSite, admin: Client, harm: Callable[[Path], None], words: str
) -> None:
    file = served.site.accounts.file
    kept = file.with_name("kept.db")
    served.site.accounts.close()
    file.rename(kept)
    file.touch()
    harm(file)
    stranger = served.client()
    for answer in (
        admin.get("/people"),
        admin.get("/sign-in"),
        stranger.post("/sign-in", {"name": "admin-1", "password": PASSWORD}),
    ):
        assert answer.status == 503 and words in answer.words and "Traceback" not in answer.text
    assert stranger.get("/healthz").status == 200
    served.pass_time(seconds=2)
    assert served.client().get("/readyz").status == 503
    machine = Acting(served.site, MACHINE, served.moment)
    assert machine.send(AddPerson(name="Sato")).name == "Sato"
    kept.replace(file)
    assert admin.get("/people").status == 200


def test_registry_that_another_program_holds_is_one_sentence_that_names_it(
    served: ServedSite, admin: Client
) -> None:
    with lock.hold_lock(served.site.registry.lock):
        answer = admin.post("/people/new", {"name": "Sato"})
    assert answer.status == 503
    assert "another program holds the registry" in answer.words
    assert f"({os.getpid()})" in answer.words
