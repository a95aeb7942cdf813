import stat
from pathlib import Path

import pytest

from controller.config import load
from controller.errors import CorruptDatabase, InstallerError, NewerDatabase
from controller.journal.append import Journal
from controller.services import demo
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.site import Site
from tests.sample_site import ADMIN, CONFIG, NOW, opened_site


def mode(file: Path) -> str:
    return oct(stat.S_IMODE(file.stat().st_mode))


def test_init_makes_folders_keys_and_databases_that_only_their_owner_writes(tmp_path: Path):
    site = opened_site(tmp_path)
    site.close()
    assert mode(tmp_path / "registry") == "0o750" and mode(tmp_path / "registry" / "registry.db") == "0o640"
    assert mode(tmp_path / "journal") == "0o750" and (tmp_path / "journal" / "journal.db").is_file()
    assert mode(tmp_path / "keys" / "shared" / "card_number.key") == "0o640"
    assert len((tmp_path / "keys" / "shared" / "card_number.key").read_bytes()) == 32


def test_init_again_keeps_what_is_there(tmp_path: Path):
    with opened_site(tmp_path) as site:
        people.add(Acting(site, ADMIN, NOW), "山田")
        key, registry_id = site.key, site.registry.id()
    with opened_site(tmp_path) as site:
        assert (site.key, site.registry.id()) == (key, registry_id)
        assert [p.name for p in people.search(Acting(site, ADMIN, NOW)).people] == ["山田"]


def test_lost_or_cut_key_is_reported_and_never_created_again(tmp_path: Path):
    opened_site(tmp_path).close()
    key = tmp_path / "keys" / "shared" / "card_number.key"
    key.write_bytes(b"short")
    with pytest.raises(InstallerError, match="5 bytes instead of 32"):
        opened_site(tmp_path)
    key.unlink()
    for _ in range(2):
        with pytest.raises(InstallerError, match="restore it from a backup"):
            opened_site(tmp_path)
    assert not key.exists()


def test_folder_that_is_a_file_is_reported_in_one_sentence(tmp_path: Path):
    (tmp_path / "genkan.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "keys").write_text("in the way")
    with pytest.raises(InstallerError) as error:
        Site.init(load(tmp_path / "genkan.toml"))
    assert str(error.value).count("\n") == 0 and str(tmp_path) in str(error.value)


def test_newer_and_damaged_registry_are_distinguished(tmp_path: Path):
    with opened_site(tmp_path) as site, site.registry.housekeeping() as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(NewerDatabase, match="999"):
        opened_site(tmp_path)
    for file in (tmp_path / "registry").glob("registry.db*"):
        file.unlink()
    (tmp_path / "registry" / "registry.db").write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(CorruptDatabase, match="restore it"):
        opened_site(tmp_path)


def test_demo_people_are_added_once(tmp_path: Path):
    with opened_site(tmp_path) as site:
        demo.fill(site, NOW)
        demo.fill(site, NOW)
        found = people.search(Acting(site, ADMIN, NOW)).people
        assert len(found) == 4
        (sample,) = people.search(Acting(site, ADMIN, NOW), demo.SAMPLE_IDM[-4:]).people
        assert [level.name for level in sample.levels] == ["Everywhere"]


def test_emptied_registry_is_reported_and_not_begun_again_behind_the_operators_back(tmp_path: Path):
    opened_site(tmp_path).close()
    registry = tmp_path / "registry" / "registry.db"
    for file in registry.parent.glob("registry.db*"):
        file.unlink()
    registry.touch()
    with pytest.raises(CorruptDatabase, match="is empty"):
        Site.open(load(tmp_path / "genkan.toml"), lambda: NOW)
    assert registry.stat().st_size == 0


def test_init_begins_the_log_once_with_its_first_key(tmp_path: Path):
    with opened_site(tmp_path) as site:
        assert site.journal.newest_seq() == 1
        (key,) = site.journal.log_keys()
        assert site.journal.checkpoint_covering(1) is not None
    assert Site.init(load(tmp_path / "genkan.toml"), NOW) is None
    assert (tmp_path / "keys" / "shared" / "log.vkey").read_text() == f"{key.key}\n"


def test_init_beside_a_running_door_takes_only_the_public_key(tmp_path: Path):
    opened_site(tmp_path).close()
    file = tmp_path / "keys" / "shared" / "log.vkey"
    vkey = file.read_text()
    file.unlink()
    with Journal.open(tmp_path / "journal" / "journal.db", "c"):
        assert Site.init(load(tmp_path / "genkan.toml"), NOW) == vkey.strip()
    assert file.read_text() == vkey


def test_init_without_the_time_leaves_the_log_to_the_door(tmp_path: Path):
    (tmp_path / "genkan.toml").write_text(CONFIG, encoding="utf-8")
    assert Site.init(load(tmp_path / "genkan.toml")) is None
    with Journal.open(tmp_path / "journal" / "journal.db", "c") as journal:
        assert journal.newest_seq == 0
