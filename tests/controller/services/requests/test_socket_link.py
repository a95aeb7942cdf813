"""Requests by the socket, as the pages and the command line send them."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import BadRequest, InstallerError, NotFound, RegistrarUnavailable
from controller.model.operators import MACHINE
from controller.registrar import server as server_module
from controller.registrar.server import RegistrarServer
from controller.services.acting import Acting
from controller.services.people.requests import AddPerson, ReportBadgeLost
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import connect, machine_socket, short_address
from controller.services.site import Site
from tests.sample_site import NOW, opened_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """In a folder whose sockets have paths that are too long for unix(7)."""
    deep = tmp_path / ("a long name of a folder " * 4)
    deep.mkdir()
    with opened_site(deep / "data") as site:
        yield site


@pytest.fixture
def server(site: Site) -> Iterator[RegistrarServer]:
    server = RegistrarServer(site)
    server.start()
    yield server
    server.end()


@pytest.fixture
def link(site: Site) -> Iterator[SocketLink]:
    link = SocketLink(machine_socket(site.config.data))
    yield link
    link.close()


def test_result_arrives_before_and_after_a_refusal(
    site: Site, server: RegistrarServer, link: SocketLink
) -> None:
    acting = Acting(site, MACHINE, NOW)
    assert link.send(acting, AddPerson(name="Sato")).name == "Sato"
    with pytest.raises(NotFound, match="no such badge"):
        link.send(acting, ReportBadgeLost(badge_id="b"))
    assert link.send(acting, AddPerson(name="Abe")).name == "Abe"


def test_refused_connection_says_why_also_when_it_closed_before_the_request_was_sent(
    site: Site, server: RegistrarServer, link: SocketLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_peer", lambda connection: (77, 12345, 12345))
    for _ in range(50):  # who is first differs
        with pytest.raises(InstallerError, match="uid 12345 may not use"):
            link.send(Acting(site, MACHINE, NOW), AddPerson(name="Sato"))


def test_threads_send_at_the_same_time(site: Site, server: RegistrarServer, link: SocketLink) -> None:
    names: list[str] = []

    def add(number: int) -> None:
        names.append(link.send(Acting(site, MACHINE, NOW), AddPerson(name=f"P{number}")).name)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(names) == [f"P{number}" for number in range(8)]


def test_registrar_that_started_again_is_found_by_the_next_request(site: Site, link: SocketLink) -> None:
    for name in ("Sato", "Abe"):
        server = RegistrarServer(site)
        server.start()
        try:
            assert link.send(Acting(site, MACHINE, NOW), AddPerson(name=name)).name == name
        finally:
            server.end()


def test_socket_that_nobody_listens_at_says_how_to_start_the_registrar(site: Site, link: SocketLink) -> None:
    with pytest.raises(RegistrarUnavailable, match="systemctl start genkan-registrar"):
        link.send(Acting(site, MACHINE, NOW), AddPerson(name="Sato"))
    assert not link.is_answered()
    with socket.socket(socket.AF_UNIX) as dead, short_address(machine_socket(site.config.data)) as address:
        dead.bind(address)  # its file stays when the process is killed
        with pytest.raises(RegistrarUnavailable, match="does not run"):
            link.send(Acting(site, MACHINE, NOW), AddPerson(name="Sato"))


def test_answer_that_does_not_come_leaves_open_whether_it_was_carried_out(
    site: Site, link: SocketLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AddPerson, "answered_within_s", 0.1)
    with socket.socket(socket.AF_UNIX) as silent, short_address(machine_socket(site.config.data)) as address:
        silent.bind(address)
        silent.listen()
        with pytest.raises(RegistrarUnavailable, match="may or may not have been carried out"):
            link.send(Acting(site, MACHINE, NOW), AddPerson(name="Sato"))


def test_request_above_64_kib_is_not_sent(site: Site, server: RegistrarServer, link: SocketLink) -> None:
    with pytest.raises(BadRequest, match="65536 are the most"):
        link.send(Acting(site, MACHINE, NOW), AddPerson(name="x" * 70_000))


def test_end_of_the_registrar_closes_the_connections(site: Site, server: RegistrarServer) -> None:
    with connect(machine_socket(site.config.data), 5) as connection:
        server.end()
        assert connection.recv(1) == b""
