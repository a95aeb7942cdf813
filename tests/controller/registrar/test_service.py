"""The registrar as a process: one for each data folder, and old or new after a kill at any step."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import OperatorError
from controller.model.credentials import CardNumber, CredentialStatus
from controller.model.moment import Moment
from controller.model.operators import MACHINE, NOBODY
from controller.registrar.chores import RegistrarChores
from controller.registrar.dispatch import link_locally
from controller.registrar.server import RegistrarServer
from controller.registrar.service import watch
from controller.registry.card_hash import card_hash, load_key
from controller.registry.database import Registry
from controller.registry.lookup import Lookup
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.operators.sign_in_requests import SignIn
from controller.services.people import badges, people
from controller.services.people.requests import AddPerson, ReportBadgeLost
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import machine_socket
from controller.services.site import Site
from tests.controller.commands.command import sentence
from tests.sample_site import NOW, PASSWORD, idm, opened_site
from tests.waiting import LONG, until

PEAK_KIB = 50 * 1024


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with opened_site(tmp_path / "data") as site:
        return site.config.data


@pytest.fixture
def running(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = started(data)
    try:
        until(SocketLink(machine_socket(data)).is_answered, what="the registrar listens")
        yield process
    finally:
        process.kill()
        process.wait(60)


def started(data: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "controller.main", "registrar", "--config", str(data / "genkan.toml")]
    return subprocess.Popen(words, stderr=subprocess.PIPE)


@pytest.mark.process
def test_second_registrar_is_one_sentence_that_names_the_first_one(
    data: Path, running: subprocess.Popen[bytes]
) -> None:
    second = started(data)
    _, errors = second.communicate(timeout=120)
    assert second.returncode == 1
    text = sentence(errors.decode())
    assert "another registrar is running" in text and f"({running.pid})" in text
    assert SocketLink(machine_socket(data)).is_answered()


@pytest.mark.process
def test_registrar_keeps_to_its_memory_while_it_hashes_a_password_and_ends_when_asked(
    data: Path, running: subprocess.Popen[bytes]
) -> None:
    with opened_site(data) as site:
        link = SocketLink(machine_socket(data))
        for number in range(50):
            link.send(Acting(site, MACHINE, NOW), AddPerson(name=f"Person {number}"))
        with pytest.raises(OperatorError):  # after a hash of the full cost, as for a name that is known
            link.send(Acting(site, NOBODY, NOW), SignIn(name="anna", password=PASSWORD, address="127.0.0.1"))
        link.close()
    status = Path("/proc", str(running.pid), "status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak < PEAK_KIB
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (0, b"")


def test_registrar_that_answers_no_request_reports_nothing_to_systemd(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, ended = RegistrarServer(site), threading.Event()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, RegistrarChores(site) as chores:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(LONG)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        server.start()
        watching = threading.Thread(
            target=watch, args=(server, chores, site, ended), kwargs={"period_s": 0.05}
        )
        watching.start()
        try:
            assert systemd.recv(100) == b"WATCHDOG=1"
            with server._changed:  # each connection needs it: all of them hang
                systemd.settimeout(0.3)
                with pytest.raises(TimeoutError):
                    while True:
                        systemd.recv(100)
                assert server.is_alive
            systemd.settimeout(LONG)
            assert systemd.recv(100) == b"WATCHDOG=1"
        finally:
            ended.set()
            watching.join(LONG)
            server.end()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_registrar_whose_chores_have_died_ends_and_is_started_again(site: Site) -> None:
    def die() -> Moment:
        raise SystemExit  # ends the thread without a trace

    now, site.now = site.now, die
    with RegistrarChores(site) as chores:
        until(lambda: not chores.is_alive, what="the thread has died")
    site.now = now
    server, ended = RegistrarServer(site), threading.Event()
    server.start()
    watching = threading.Thread(
        target=watch, args=(server, chores, site, ended), kwargs={"period_s": LONG * 2}, daemon=True
    )
    watching.start()
    try:
        watching.join(LONG)
        assert not watching.is_alive() and not ended.is_set()
    finally:
        ended.set()
        server.end()


@pytest.mark.process
def test_sockets_folder_is_created_or_the_error_names_it(data: Path) -> None:
    (data / "run").rmdir()
    (data / "run").touch()
    process = started(data)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"{data / 'run'} cannot be created" in sentence(errors.decode())
    (data / "run").unlink()
    process = started(data)
    try:
        until(SocketLink(machine_socket(data)).is_answered, what="the registrar listens")
    finally:
        process.kill()
        process.communicate(timeout=60)


@pytest.mark.process
def test_kill_at_any_statement_leaves_the_old_state_or_the_new_one_with_its_action(data: Path) -> None:
    with opened_site(data) as site:
        acting = Acting(site, MACHINE, NOW)
        badge = badges.add(acting, people.add(acting, "Sato").id, idm(1))
    seen = set()
    for statement in range(1, 300):
        is_over = _killed_at(data, ReportBadgeLost(badge_id=badge.id), statement)
        found = _found_by_a_door(data, idm(1))
        with opened_site(data) as site:
            acting = Acting(site, MACHINE, NOW)
            recorded = [change.action for change in changes.page(acting)]
            is_new = badges.get(acting, badge.id).status is CredentialStatus.LOST
            assert recorded.count("badge_lost") == is_new
            assert found is (CredentialStatus.LOST if is_new else CredentialStatus.ACTIVE)
        seen.add(is_new)
        if is_over or is_new:
            break
    assert seen == {True, False}


@pytest.mark.process
@pytest.mark.parametrize("count", [3, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_door_finds_each_change_that_a_kill_cut_off_old_or_new(data: Path, count: int) -> None:
    chance, new = random.Random(12), 0
    for number in range(1, count + 1):
        with opened_site(data) as site:
            acting = Acting(site, MACHINE, NOW)
            badge = badges.add(acting, people.add(acting, f"Person {number}").id, idm(number))
        _killed_at(data, ReportBadgeLost(badge_id=badge.id), chance.randint(1, 90))
        found = _found_by_a_door(data, idm(number))
        with opened_site(data) as site:
            assert found is badges.get(Acting(site, MACHINE, NOW), badge.id).status
        new += found is CredentialStatus.LOST
    print(f"\n{count} kills: {new} new, {count - new} old, none else")


def _found_by_a_door(data: Path, number: str) -> CredentialStatus:
    """Before anything else opens the registry after the kill."""
    with contextlib.closing(Lookup(data / "registry" / "registry.db")) as lookup:
        record = lookup.find(card_hash(load_key(data / "keys"), CardNumber.parse(number)), "entrance-in")
    assert record is not None
    return record.credential.status


def _killed_at(data: Path, request: ReportBadgeLost, statement: int) -> bool:
    """Carry out `request` in a process that dies before this statement of its write.

    Return whether there were fewer.
    """
    child = os.fork()
    if child == 0:  # no return into the test from here
        try:
            site = opened_site(data)
            link_locally(site)
            left, writes = statement, False

            def count(sql: str) -> None:
                nonlocal left, writes
                writes = writes or sql.startswith("BEGIN IMMEDIATE")
                left -= writes
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            connect = Registry._connect

            def traced(registry: Registry):  # type: ignore[no-untyped-def]
                db = connect(registry)
                db.set_trace_callback(count)
                return db

            for db in site.registry._all:
                db.set_trace_callback(count)
            Registry._connect = traced  # type: ignore[method-assign]
            Acting(site, MACHINE, NOW).send(request)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)
