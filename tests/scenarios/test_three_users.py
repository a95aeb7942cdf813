"""Door, registrar and web as three Unix users: each works, and none reaches what is another's."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from controller.commands.program import Program
from controller.services.data_folder.layout import Owner
from controller.services.data_folder.permissions import deviations
from tests.controller.commands.command import sentence
from tests.scenarios.demo import Demo
from tests.scenarios.test_pages import PASSWORD, set_up
from tests.scenarios.three_users import USERS, before, folder_of_three_users, open_to_others, run_as
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
