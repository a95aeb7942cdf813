"""Door, registrar and web as three Unix users: each works, and none reaches what is another's."""

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from controller.commands.program import Program
from controller.journal.state import ServiceState
from controller.journal.state import read as read_state
from controller.services.data_folder.layout import Owner
from controller.services.data_folder.permissions import deviations
from tests.controller.commands.command import genkan as in_this_process
from tests.controller.commands.command import sentence
from tests.controller.lock_holder import Held, held_lock, read_transaction
from tests.firmware_bridge.nfc.field import held
from tests.scenarios.demo import Demo
from tests.scenarios.test_pages import PASSWORD, set_up
from tests.scenarios.three_users import USERS, before, folder_of_three_users, open_to_others, run_as
from tests.waiting import until
from tests.web.client import Client

# Of each (path, way): the error that the operating system answers, or "done".
_TRIES = """
import json, os, socket, sys

def connect(path):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)

def write(path):
    os.close(os.open(path, os.O_RDWR))

def read(path):
    os.close(os.open(path, os.O_RDONLY))

found = {}
os.chdir(sys.argv[1])
for path, way in json.loads(sys.argv[2]):
    try:
        {"connect": connect, "write": write, "read": read}[way](path)
        found[way + " " + path] = "done"
    except OSError as error:
        found[way + " " + path] = type(error).__name__
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Demo]:
    with folder_of_three_users() as data:
        demo = Demo(data, before=open_to_others())
        try:
            demo.wait_for("reader_online", count=2)
            yield demo
        finally:
            demo.stop()


def test_run_starts_the_door_and_no_service_whose_user_a_missing_folder_hides() -> None:
    with folder_of_three_users() as data:
        (data / "registry").rename(data / "aside")
        demo = Demo(data, before=open_to_others())
        try:
            assert "The registrar service does not start" in demo.printed
            assert Path("/proc", str(demo.service("door"))).stat().st_uid == USERS.door
            demo.sim("rex")
            until(lambda: demo.level == 1, what="the exit button releases")
        finally:
            demo.stop()


def tried(data: Path, owner: Owner, *tries: tuple[str, str]) -> dict[str, str]:
    answer = run_as(owner, _TRIES, str(data), json.dumps(tries))
    assert answer.returncode == 0, answer.stderr
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def test_taps_pages_and_commands_work_and_no_file_has_a_wrong_owner(site: Demo) -> None:
    for name, uid in (("door", USERS.door), ("registrar", USERS.registrar), ("web", USERS.web)):
        assert Path("/proc", str(site.service(name))).stat().st_uid == uid
    assert site.tap() == "granted"
    site.walk_through()
    client = Client(site.port)
    assert set_up(client, site.set_up_code).status == 303
    assert client.get("/log").status == client.get("/people").status == client.get("/doors").status == 200
    site.command("badge", "add", "--person", "Sato Hanako", "--idm", "0101031284C0AB12")
    assert "Sato Hanako" in client.get("/people").words
    before = site.newest
    site.sim("rex")
    site.wait_for("rex_pressed", after=before)
    owners = next(line for line in site.command("check").splitlines() if " owners: " in line)
    assert owners.startswith("ok"), owners


def test_hole_in_the_web_opens_nothing_that_is_not_the_webs(site: Demo) -> None:
    refused = [
        ("registry/registry.db", "write"),
        ("registry/registry.db-wal", "write"),
        ("registry/registry.db-shm", "write"),
        ("journal/journal.db", "write"),
        ("journal/journal.db-wal", "write"),
        ("journal/journal.db-shm", "write"),
        ("journal/state.json", "write"),
        ("genkan.toml", "write"),
        ("registry/accounts.db", "read"),
        ("journal/alive", "write"),
        ("journal/private/door.lock", "read"),
        ("registry/accounts.db", "read"),
        ("registry/private/registry.lock", "read"),
        ("keys/shared/card_number.key", "read"),
        ("keys/door", "read"),
        ("run/machine.sock", "connect"),
    ]
    found = tried(site.data, Owner.WEB, *refused)
    assert set(found.values()) == {"PermissionError"}, found
    allowed = tried(
        site.data,
        Owner.WEB,
        ("registry/registry.db", "read"),
        ("journal/journal.db", "read"),
        ("run/web.sock", "connect"),
    )
    assert set(allowed.values()) == {"done"}, allowed


_REQUEST = """
import contextlib, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    with contextlib.suppress(BrokenPipeError):
        line.sendall(b'{"v":1,"kind":"add_person","fields":{"name":"Eve"}}' + bytes([10]))
    print(line.recv(65536).decode())
"""


def test_registrar_answers_the_webs_user_alone_of_those_that_may_read(site: Demo) -> None:
    answer = run_as(Owner.DOOR, _REQUEST, str(site.data / "run" / "web.sock"))
    assert f"of uid {USERS.door} may not use" in answer.stdout, answer.stderr
    assert "SessionEnded" in run_as(Owner.WEB, _REQUEST, str(site.data / "run" / "web.sock")).stdout


@pytest.mark.parametrize("owner", [Owner.WEB, Owner.DOOR])
def test_command_of_another_user_is_one_sentence_that_says_sudo(site: Demo, owner: Owner) -> None:
    add = ("badge", "add", "--person", "Eve", "--idm", "0101031284C0AB13")
    for words in (("badge", "list"), add, ("operator", "list")):
        answer = subprocess.run(
            [*before(owner), *Program().command(*words, "--data", str(site.data))],
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 1 and answer.stdout == ""
        assert "sudo" in sentence(answer.stderr)
    assert "Eve" not in site.command("person", "list")


def test_root_without_services_leaves_no_file_of_roots(tmp_path: Path) -> None:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    with folder_of_three_users() as data:
        for words in (
            ("badge", "add", "--person", "Sato Hanako", "--idm", "0101031284C0AB12"),
            ("operator", "add", "--name", "anna", "--role", "admin", "--password-file", "-"),
            ("log", "show"),
            ("log", "checkpoint", "--output", str(tmp_path / "checkpoint")),
            ("backup", "--output", str(tmp_path / "backup"), "--recipient", recipient),
            ("init",),
        ):
            answer = subprocess.run(
                [*open_to_others(), *Program().command(*words, "--data", str(data))],
                input=PASSWORD,
                capture_output=True,
                text=True,
                check=False,
            )
            assert answer.returncode == 0, (words, answer.stderr)
        assert [one.path for one in deviations(data, USERS)] == []
        assert (tmp_path / "backup").stat().st_uid == 0


def leaves(site: Demo) -> None:
    """By the button and by the outward reader."""
    for begin, end in ((lambda: site.sim("rex"), lambda: None), _card_outside(site)):
        until(lambda: site.level == 0, what="the lock is secured")
        begin()
        until(lambda: site.level == 1, what="the lock is released")
        end()


def _card_outside(site: Demo) -> tuple[Callable[[], object], Callable[[], object]]:
    card = contextlib.ExitStack()
    return lambda: card.enter_context(held(site.card("entrance-out"))), card.close


def test_web_that_locks_the_log_keeps_people_out_and_nobody_in_until_it_ends(site: Demo) -> None:
    shared = site.data / "journal" / "journal.db-shm"
    with held_lock(shared, Held.READ, first=120, length=8, before=before(Owner.WEB)) as process:
        state = until(lambda: _blocked(site), what="the door reports the lock")
        assert f"({process})" in str(state.held_by)
        leaves(site)
        check = in_this_process("check", "--data", site.data)
        assert check.status == 1 and f"({process})" in check.text
    until(lambda: read_state(site.data / "journal").journal == "ok", what="the log is written again")
    until(lambda: site.level == 0)
    assert site.tap() == "granted"
    site.walk_through()
    assert f"({process})" in json.dumps(site.log("journal_failed")[-1])
    assert "journal_failed" in site.command("alarms", "list", "--json")


def _blocked(site: Demo) -> ServiceState | None:
    state = read_state(site.data / "journal")
    return state if state.journal_held == "lock" else None


def test_web_that_locks_the_registry_is_named_and_taps_go_on(site: Demo) -> None:
    shared = site.data / "registry" / "registry.db-shm"
    add = ("badge", "add", "--person", "Ito Ren", "--idm", "0101031284C0AB14")
    with held_lock(shared, Held.READ, first=120, length=8, before=before(Owner.WEB)) as process:
        refused = in_this_process(*add, "--data", site.data)
        assert refused.status == 1 and f"({process})" in sentence(refused.err)
        assert site.tap() == "granted"
        site.walk_through()
        leaves(site)
    site.command(*add)


def test_web_that_reads_without_end_holds_up_neither_taps_nor_changes(site: Demo) -> None:
    databases = site.data / "registry" / "registry.db", site.data / "journal" / "journal.db"
    with contextlib.ExitStack() as reading:
        for file in databases:
            reading.enter_context(read_transaction(file, before=before(Owner.WEB)))
        site.command(
            "badge", "add", "--person", "Mori Aoi", "--idm", "0101031284C0AB15", "--level", "Everywhere"
        )
        assert site.tap(idm="0101031284C0AB15") == "granted"
        site.walk_through()
        leaves(site)
