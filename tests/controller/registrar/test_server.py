"""Hostile and broken clients at the sockets; nothing of what they send reaches a handler."""

import json
import logging
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from controller.errors import InstallerError
from controller.model.operators import MACHINE, OperatorRole
from controller.registrar import server as module
from controller.registrar.server import MOST_LINES, MOST_MACHINE, MOST_WEB, RegistrarServer
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.people.requests import AddPerson
from controller.services.requests.sockets import connect, machine_socket, web_socket
from controller.services.requests.wire import encode_request
from controller.services.site import Site
from tests.controller.registrar.desk import Desk
from tests.sample_site import NOW

ADD = {"v": 1, "kind": "add_person", "fields": {"name": "Sato"}}


@pytest.fixture
def server(site: Site) -> Iterator[RegistrarServer]:
    server = RegistrarServer(site)
    server.start()
    yield server
    server.end()


def at_web(site: Site) -> socket.socket:
    return connect(web_socket(site.config.data), 10)


def at_machine(site: Site) -> socket.socket:
    return connect(machine_socket(site.config.data), 10)


def answers(connection: socket.socket) -> list[Any]:
    """All that comes until the registrar closes the connection."""
    connection.settimeout(30)
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return [json.loads(line) for line in received.splitlines()]


def exchanged(connection: socket.socket, *messages: Any) -> list[Any]:
    for message in messages:
        connection.sendall(json.dumps(message).encode() + b"\n")
    connection.shutdown(socket.SHUT_WR)
    return answers(connection)


def classes(answer: Any) -> str:
    found: str = answer["error"]["classes"][0]
    return found


def names(site: Site) -> list[str]:
    return [one.name for one in people.search(Acting(site, MACHINE, NOW)).people]


def test_sockets_have_the_modes_of_their_clients(site: Site, server: RegistrarServer) -> None:
    found = {file: file.stat() for file in (web_socket(site.config.data), machine_socket(site.config.data))}
    assert all(stat.S_ISSOCK(one.st_mode) for one in found.values())
    assert [stat.S_IMODE(one.st_mode) for one in found.values()] == [0o660, 0o600]


def test_command_line_is_the_machine_and_the_web_is_nobody_without_a_session(
    site: Site, server: RegistrarServer
) -> None:
    with at_machine(site) as machine, at_web(site) as web:
        assert exchanged(machine, ADD)[0]["ok"]["name"] == "Sato"
        assert [classes(one) for one in exchanged(web, ADD, ADD | {"token": "planted"})] == [
            "SessionEnded"
        ] * 2
    assert names(site) == ["Sato"]


def test_session_acts_at_the_web_socket(site: Site, server: RegistrarServer) -> None:
    desk = Desk(site, OperatorRole.ADMIN)
    with at_web(site) as web:
        (answer,) = exchanged(web, encode_request(AddPerson(name="Abe"), desk.token, ""))
    assert answer["ok"]["name"] == "Abe"


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"null\n",
        b"5\n",
        b"{\n",
        b'{"v":1,"kind":"add_person"',
        b"\xff\xfe\n",
        b"[" * 60_000 + b"\n",
        b'{"v":1,"kind":"add_person","fields":' + b'{"a":' * 9_000 + b"\n",
        b'{"v":NaN}\n',
        b'{"v":' + b"9" * 5_000 + b"}\n",
        b"x" * 65_537,
        json.dumps(ADD | {"kind": "open_everything"}).encode() + b"\n",
        json.dumps(ADD | {"admin": True}).encode() + b"\n",
        json.dumps(ADD | {"fields": {"name": "Sato", "status": "active"}}).encode() + b"\n",
        json.dumps(ADD | {"fields": {}}).encode() + b"\n",
        json.dumps(ADD | {"fields": {"name": ["Sato"]}}).encode() + b"\n",
    ],
    ids=lambda sent: sent[:30].decode("latin-1"),
)
def test_what_is_not_a_request_gets_one_refusal_and_the_connection_ends(
    site: Site, server: RegistrarServer, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    with at_machine(site) as machine:
        machine.sendall(sent)
        machine.shutdown(socket.SHUT_WR)
        try:
            (answer,) = answers(machine)
        except ConnectionResetError:  # it did not read to the end of what is too long
            assert len(sent) > 65_536
        else:
            assert classes(answer) == "BadRequest"
            assert len(answer["error"]["text"]) < 200
    assert names(site) == []
    assert "Traceback" not in caplog.text
    with at_machine(site) as machine:
        assert exchanged(machine, ADD)[0]["ok"]["name"] == "Sato"


def test_flood_of_requests_is_cut_off_and_others_are_answered(site: Site, server: RegistrarServer) -> None:
    with at_web(site) as flood, at_machine(site) as machine:
        line = json.dumps(ADD).encode() + b"\n"
        begun = time.monotonic()
        try:
            for _ in range(10_000):
                flood.sendall(line)
        except OSError:
            pass  # closed meanwhile
        try:
            received = answers(flood)
        except ConnectionResetError:  # with lines that nobody read any more
            received = []
        seconds = 1 + int(time.monotonic() - begun)
        assert len(received) <= MOST_LINES * (seconds + 1)
        assert {classes(one) for one in received} <= {"SessionEnded", "Throttled"}
        assert exchanged(machine, ADD)[0]["ok"]["name"] == "Sato"


def test_connection_above_the_limit_is_refused_and_the_next_one_after_an_end_is_served(
    site: Site, server: RegistrarServer
) -> None:
    held = [at_machine(site) for _ in range(MOST_MACHINE)]
    try:
        for connection in held:  # each is served, not only in the kernel's queue
            connection.sendall(json.dumps(ADD).encode() + b"\n")
            assert connection.recv(65536)
        with at_machine(site) as one_more:
            (answer,) = answers(one_more)
            assert classes(answer) == "Busy"
        assert exchanged(held.pop(), ADD)[0]["ok"]["name"] == "Sato"
    finally:
        for connection in held:
            connection.close()


@pytest.mark.parametrize("at", [at_machine, at_web])
def test_user_of_no_service_is_refused_at_both_sockets_and_named_once(
    site: Site,
    server: RegistrarServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    at: Callable[[Site], socket.socket],
) -> None:
    monkeypatch.setattr(module, "_peer", lambda connection: (77, 12345, 12345))
    caplog.set_level(logging.WARNING)
    for _ in range(MOST_WEB + 1):  # none keeps a connection
        with at(site) as other:
            (answer,) = answers(other)
            assert classes(answer) == "InstallerError"
    assert caplog.text.count("Process 77 of uid 12345 may not use") == 1


def test_fault_of_a_handler_says_nothing_of_what_was_sent(
    site: Site, server: RegistrarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(people, "add", fail)
    with at_machine(site) as machine:
        (answer,) = exchanged(machine, ADD)
    assert classes(answer) == "RegistrarFault"
    assert "fault of ours" not in json.dumps(answer) and "Sato" not in json.dumps(answer)


def test_file_with_a_request_that_takes_none_is_refused(site: Site, server: RegistrarServer) -> None:
    descriptor = os.memfd_create("body")
    try:
        os.write(descriptor, b"x")
        with at_machine(site) as machine:
            socket.send_fds(machine, [json.dumps(ADD).encode() + b"\n"], [descriptor])
            (answer,) = answers(machine)
    finally:
        os.close(descriptor)
    assert classes(answer) == "BadRequest"
    assert names(site) == []


def test_dead_socket_of_a_killed_registrar_is_replaced(site: Site) -> None:
    web_socket(site.config.data).touch()
    server = RegistrarServer(site)
    server.start()
    try:
        with at_web(site) as web:
            assert classes(exchanged(web, ADD)[0]) == "SessionEnded"
    finally:
        server.end()


def test_folder_that_cannot_be_used_is_named(site: Site) -> None:
    (site.config.data / "run").rmdir()
    (site.config.data / "run").touch()
    with pytest.raises(InstallerError, match=r"web\.sock cannot be created"):
        RegistrarServer(site).start()
