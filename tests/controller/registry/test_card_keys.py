import sqlite3
from contextlib import closing
from pathlib import Path

from controller.model.credentials import Assurance
from controller.registry import badges, card_keys
from controller.registry.card_hash import card_hash
from controller.registry.card_keys import WrappedKey
from controller.registry.copy import load_copy, make_copy
from controller.registry.lookup import Lookup
from controller.registry.schema import FIRST_WITH_CARD_KEYS
from controller.services.site import Site
from tests.controller.issuing_side import issued
from tests.controller.site import BADGE, admit
from tests.controller.test_migration_cut import registry_at
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW


def save_key(site: Site, version: int = 1, door: str = "d" * 16) -> tuple[bytes, WrappedKey]:
    hash_ = card_hash(site.key, BADGE)
    key = WrappedKey(version, issued(site, BADGE.hex).wrapped, door, "00f1", 2024)
    with unrecorded(site.registry) as db:
        card_keys.save_key(db, hash_, key, NOW.utc)
    return hash_, key


def test_key_is_found_by_the_card_in_the_registry_and_in_the_doors_last_good_copy(site: Site, tmp_path):
    admit(site)
    hash_, key = save_key(site)
    lookup = Lookup(site.registry.file)
    try:
        make_copy(lookup, tmp_path / "copy.db", NOW.utc, lambda: None)
        copy = load_copy(tmp_path / "copy.db")
        assert lookup.card_key(hash_) == copy.card_key(hash_) == key
        assert lookup.card_key(bytes(32)) is None
        assert (lookup.foreign_card_keys("d" * 16), copy.foreign_card_keys("e" * 16)) == (0, 1)
        copy.close()
    finally:
        lookup.close()


def test_newer_key_takes_the_place_of_the_older_and_removal_sets_the_assurance_back(site: Site):
    badge_id = admit(site)
    save_key(site)
    hash_, newer = save_key(site, 2)
    with unrecorded(site.registry) as db:
        assert card_keys.wrapped_key_of_badge(db, badge_id) == newer
        assert badges.badge(db, badge_id).assurance is Assurance.CARD_KEY
        assert card_keys.remove_key(db, hash_) and not card_keys.remove_key(db, hash_)
        assert badges.badge(db, badge_id).assurance is Assurance.NUMBER_ONLY


def test_repr_of_a_key_shows_nothing_of_it(site: Site):
    admit(site)
    _, key = save_key(site)
    assert key.wrapped.hex() not in repr(key) and repr(key.wrapped) not in repr(key)


def test_registry_of_an_older_program_has_no_keys(tmp_path: Path):
    """The door may be upgraded before the registrar has brought the file up to date."""
    file = tmp_path / "registry.db"
    registry_at(FIRST_WITH_CARD_KEYS - 1, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute(
            "INSERT INTO cardholders (id, name, kana, sort_key, search_text, status)"
            " VALUES ('p', 'P', '', 'p', 'p', 'active')"
        )
        db.execute(
            "INSERT INTO credentials (card_hash, id, cardholder_id, last_four, kind, status)"
            " VALUES (?, 'b', 'p', '0001', 'felica', 'active')",
            (bytes(32),),
        )
    with closing(Lookup(file)) as lookup:
        assert lookup.card_key(bytes(32)) is None and lookup.foreign_card_keys("") == 0
        assert lookup.find(bytes(32), "entrance-in") is not None
