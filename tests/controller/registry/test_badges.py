import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from controller.model.credentials import CredentialStatus
from controller.registry import badges
from controller.registry.database import Registry
from tests.controller.registry.samples import UTC_NOW, badge_row, card_hash, fill, person_row


def test_badge_comes_back_as_it_was_put_in(registry: Registry):
    fill(registry, range(2), level=None)
    with registry.write() as db:
        changed = replace(
            badge_row(1, person_row(1)),
            status=CredentialStatus.SUSPENDED,
            valid_from=UTC_NOW,
            valid_until=UTC_NOW + timedelta(milliseconds=1),
        )
        badges.change_badge(db, changed)
        assert badges.badge(db, "b1") == badges.badge_with_hash(db, card_hash(1)) == changed
        assert badges.badges_of(db, "p1") == [changed]
        assert badges.badge(db, "b0") == badge_row(0, person_row(0)), "another badge stays as it was"
        assert badges.badge(db, "b9") is badges.badge_with_hash(db, card_hash(9)) is None


def test_one_card_belongs_to_one_badge(registry: Registry):
    fill(registry, range(2), level=None)
    with pytest.raises(sqlite3.IntegrityError), registry.write() as db:
        badges.add_badge(db, badge_row(5, person_row(1)), card_hash(0))


def test_pages_by_last_four_digits(registry: Registry):
    fill(registry, range(10), level=None)
    with registry.read() as db:
        first = badges.badges_page(db, "", None, 6)
        second = badges.badges_page(db, "", first[-1].id, 6)
        assert [row.last_four for row in (*first, *second)] == [f"{n:04}" for n in range(10)]
        assert [row.id for row in badges.badges_page(db, "0007", None, 6)] == ["b7"]
        assert badges.badges_page(db, "0007", "b7", 6) == []
