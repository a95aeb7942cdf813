"""Each file of a data folder has a place, and each place an owner."""

from pathlib import Path

from controller.services.data_folder.layout import PLACES, Owner, Readers, place_of, places
from controller.services.site import Site
from tests.controller.site import running_door


def test_every_file_of_a_running_site_has_a_place(site: Site) -> None:
    with running_door(site):
        names = {str(path.relative_to(site.config.data)) for path in site.config.data.rglob("*")}
    assert "journal/journal.db" in names
    assert [name for name in names if place_of(name) is None and not name.startswith("simulator/")] == []


def test_nobody_but_its_owner_may_write_a_file_and_nobody_else_may_look_at_it() -> None:
    for place in PLACES:
        assert place.mode & 0o023 == (0o020 if place.pattern == "run/web.sock" else 0), place
        assert (place.mode & 0o077 == 0) == (place.readers is Readers.NOBODY), place


def test_keys_are_read_by_those_who_need_them() -> None:
    by_pattern = {place.pattern: place for place in PLACES}
    assert by_pattern["keys/shared/card_number.key"].readers is Readers.DOOR_AND_REGISTRAR
    for pattern in ("keys/door/*", "keys/web/*", "registry/*", "registry/private/*", "journal/private/*"):
        assert by_pattern[pattern].readers is Readers.NOBODY, pattern


def test_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "private").mkdir(parents=True)
    (tmp_path / "elsewhere" / "private" / "file").touch()
    (tmp_path / "data" / "registry").mkdir(parents=True)
    (tmp_path / "data" / "registry" / "private").symlink_to(tmp_path / "elsewhere" / "private")
    found = {str(path.relative_to(tmp_path)) for path, _ in places(tmp_path / "data")}
    assert found == {"data", "data/registry", "data/registry/private"}


def test_first_pattern_that_fits_counts(tmp_path: Path) -> None:
    for name in ("registry.db", "accounts.db", "registry.db-wal"):
        (tmp_path / "registry").mkdir(exist_ok=True)
        (tmp_path / "registry" / name).touch()
    found = {path.name: place for path, place in places(tmp_path)}
    assert found["registry.db"].mode == found["registry.db-wal"].mode == 0o640
    assert (found["accounts.db"].owner, found["accounts.db"].mode) == (Owner.REGISTRAR, 0o600)
