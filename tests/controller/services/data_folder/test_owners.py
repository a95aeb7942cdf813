"""Who should own a folder's files, by the machine's users or by the folder itself."""

import os
from pathlib import Path

import pytest

from controller.services.data_folder import owners as module
from controller.services.data_folder.layout import Owner
from controller.services.data_folder.owners import Owners, ProcessOwner, owners_of, owners_of_folder
from controller.services.site import Site

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
USERS = Owners(door=64_101, registrar=64_102, web=64_103, services=64_110, keys=64_111)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Site.make_folders(tmp_path)
    (tmp_path / "keys" / "shared" / "card_number.key").touch()
    return tmp_path


def give_away(data: Path) -> None:
    os.chown(data / "journal", USERS.door, USERS.services)
    os.chown(data / "registry", USERS.registrar, USERS.services)
    os.chown(data / "keys" / "web", USERS.web, USERS.web)
    os.chown(data / "keys" / "shared" / "card_number.key", 0, USERS.keys)


def test_folder_of_one_user_has_no_owners_for_services(data: Path) -> None:
    assert owners_of_folder(data) is None
    assert owners_of(data, is_demo=True) is None


@ROOT_ONLY
def test_owners_of_three_folders_are_the_services_users(data: Path) -> None:
    give_away(data)
    assert owners_of_folder(data) == USERS


@ROOT_ONLY
def test_key_that_every_reader_may_read_names_no_group_of_its_own(data: Path) -> None:
    give_away(data)
    os.chown(data / "keys" / "shared" / "card_number.key", 0, USERS.services)
    found = owners_of_folder(data)
    assert found is not None and found.keys == -1
    door = found.identity(Owner.DOOR)
    assert door is not None and door.groups == {USERS.services}


@ROOT_ONLY
def test_service_whose_folder_is_missing_has_no_user(data: Path) -> None:
    give_away(data)
    (data / "registry" / "private").rmdir()
    (data / "registry").rmdir()
    found = owners_of_folder(data)
    assert found is not None and found.identity(Owner.REGISTRAR) is None
    assert found.identity(Owner.DOOR) is not None


@ROOT_ONLY
def test_roots_folder_becomes_the_services_where_the_machine_has_their_users(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "owners_of_machine", lambda: USERS)
    assert owners_of(data, is_demo=False) == USERS
    assert owners_of(data, is_demo=True) is None, "a demo belongs to the user who runs it"
    os.chown(data / "registry", USERS.web, USERS.services)  # as before the registrar had a user of its own
    assert owners_of(data, is_demo=False) == USERS
    for folder in ("journal", "registry", "keys/web"):
        os.chown(data / folder, 1000, 1000)
    assert owners_of(data, is_demo=False) is None, "a developer's folder"


def test_process_has_the_groups_that_its_files_need() -> None:
    assert USERS.identity(Owner.WEB) == ProcessOwner(USERS.web, USERS.services, frozenset({USERS.services}))
    assert USERS.identity(Owner.REGISTRAR).groups == {USERS.services, USERS.keys}
