"""What deviates in a data folder, and root's correction."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.data_folder.owners import Owners
from controller.services.data_folder.permissions import Deviation, correct, correct_all, deviations
from controller.services.site import Site
from tests.sample_site import opened_site

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
USERS = Owners(door=64_101, registrar=64_102, web=64_103, services=64_110, keys=64_111)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    with opened_site(tmp_path / "data") as site:
        yield site.config.data


def corrected(data: Path, owners: Owners | None = USERS) -> list[Deviation]:
    return list(correct_all(data, owners, is_demo=True))


def test_fresh_folder_of_one_user_deviates_in_nothing(site: Site) -> None:
    assert list(deviations(site.config.data, None)) == []


def test_file_that_others_may_write_or_key_that_they_may_read_deviates(data: Path) -> None:
    for name, mode in (
        ("registry", 0o770),
        ("registry/registry.db", 0o666),
        ("registry/accounts.db", 0o640),
        ("journal/journal.db", 0o664),
        ("keys/shared/card_number.key", 0o664),
        ("genkan.toml", 0o646),
    ):
        (data / name).chmod(mode)
    found = {str(one.path.relative_to(data.resolve())): one.mode for one in deviations(data, None)}
    assert found == {
        "registry": 0o750,
        "registry/registry.db": 0o644,
        "registry/accounts.db": 0o600,
        "journal/journal.db": 0o644,
        "keys/shared/card_number.key": 0o640,
        "genkan.toml": 0o644,
    }


@ROOT_ONLY
def test_roots_file_in_a_users_folder_deviates_and_is_given_back(data: Path) -> None:
    for path in (data, *data.rglob("*")):
        os.chown(path, 1000, 1000)
    assert list(deviations(data, None)) == []
    os.chown(data / "registry" / "registry.db", 0, 0)
    os.chown(data / "genkan.toml", 0, 0)  # edited by root, which is right in any folder
    (one,) = corrected(data, None)
    assert (one.path.name, one.remedy) == ("registry.db", f"chown 1000 {one.path}")
    assert (data / "registry" / "registry.db").stat().st_uid == 1000


@ROOT_ONLY
def test_root_gives_each_service_its_files_once(data: Path) -> None:
    changed = corrected(data)
    assert changed and corrected(data) == []
    assert _seen(data / "registry") == (USERS.registrar, USERS.services, 0o2750)
    assert _seen(data / "registry" / "registry.db") == (USERS.registrar, USERS.services, 0o640)
    assert _seen(data / "journal" / "journal.db") == (USERS.door, USERS.services, 0o640)
    assert _seen(data / "keys" / "shared" / "card_number.key") == (0, USERS.keys, 0o640)
    assert _seen(data / "keys" / "web")[::2] == (USERS.web, 0o700)
    (data / "journal" / "new").touch()
    assert (data / "journal" / "new").stat().st_gid == USERS.services, "what is created gets the group"


@ROOT_ONLY
def test_folder_with_the_old_owners_is_named_file_by_file_with_the_command(data: Path) -> None:
    """As the program before wanted it: the web wrote the registry, and the readers' group read the key."""
    corrected(data)
    os.chown(data / "registry", USERS.web, USERS.services)
    (data / "registry").chmod(0o2770)
    os.chown(data / "registry" / "registry.db", USERS.web, USERS.services)
    (data / "registry" / "registry.db").chmod(0o660)
    os.chown(data / "keys" / "shared" / "card_number.key", 0, USERS.services)
    found = {str(one.path.relative_to(data.resolve())): one for one in deviations(data, USERS)}
    assert set(found) == {"registry", "registry/registry.db", "keys/shared/card_number.key"}
    one = found["registry/registry.db"]
    assert one.remedy == f"chown {USERS.registrar} {one.path} && chmod 0640 {one.path}"
    assert (one.present, one.wanted) == ("64103:64110 0660", "64102:64110 0640")
    assert found["keys/shared/card_number.key"].remedy.startswith("chown :64111 ")
    corrected(data)
    assert list(deviations(data, USERS)) == []


@ROOT_ONLY
def test_correction_follows_no_link_and_leaves_a_file_with_a_second_name(data: Path, tmp_path: Path) -> None:
    """The folder may belong to a process that somebody controls."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "shadow").write_text("root's")
    (data / "registry" / "private").mkdir(exist_ok=True)
    (data / "registry" / "private" / "shadow").touch()
    (one,) = [one for one in deviations(data, USERS) if one.path.name == "shadow"]
    (data / "registry" / "private" / "shadow").unlink()
    for left in (data / "registry" / "private").iterdir():
        left.unlink()
    (data / "registry" / "private").rmdir()
    (data / "registry" / "private").symlink_to(foreign)
    with pytest.raises(OSError, match="replaced"):
        correct(one)
    (data / "registry" / "private").unlink()
    os.link(foreign / "shadow", data / "registry" / "linked")
    (one,) = [one for one in deviations(data, USERS) if one.path.name == "linked"]
    with pytest.raises(OSError, match="second name"):
        correct(one)
    assert (foreign / "shadow").stat().st_uid == 0


def _seen(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)
