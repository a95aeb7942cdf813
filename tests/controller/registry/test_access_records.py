"""Values that no Genkan writes, met at a tap: of one badge, or of a definition that many depend on."""

from collections.abc import Iterator

import pytest

from controller.registry.database import Registry
from controller.registry.lookup import BadgeUnreadable, Lookup, RegistryUnreadable
from tests.controller.registry.samples import card_hash, fill


@pytest.fixture
def lookup(registry: Registry) -> Iterator[Lookup]:
    fill(registry, range(2))
    lookup = Lookup(registry.file)
    yield lookup
    lookup.close()


def spoil(registry: Registry, statement: str, *values: object) -> None:
    with registry.housekeeping() as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(statement, values)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE cardholders SET name = ? WHERE id = 'p0'", "x" * 80_000_000),
        ("UPDATE cardholders SET name = ? WHERE id = 'p0'", "x" * 201),
        ("UPDATE cardholders SET name = CAST(? AS TEXT) WHERE id = 'p0'", b"\xff\xfe"),
        ("UPDATE cardholders SET status = ? WHERE id = 'p0'", "abroad"),
        ("UPDATE credentials SET assurance = ? WHERE id = 'b0'", 9),
        ("UPDATE credentials SET valid_from = ? WHERE id = 'b0'", "yesterday"),
        ("INSERT INTO cardholder_qualifications VALUES ('p0', ?, 'never')", "driver"),
        ("INSERT INTO cardholder_qualifications VALUES ('p0', ?, '2030-01-01')", "x" * 1_100_000),
    ],
)
def test_badge_with_a_value_that_no_genkan_writes_is_unreadable_and_others_are_not(
    registry: Registry, lookup: Lookup, statement: str, value: object
) -> None:
    spoil(registry, statement, value)
    with pytest.raises(BadgeUnreadable) as raised:
        lookup.find(card_hash(0), "entrance-in")
    assert raised.value.badge == "b0" and lookup.unreadable_badges() == ["b0"]
    assert lookup.find(card_hash(1), "entrance-in") is not None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO schedule_windows WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 5001) SELECT 'always', i % 7, i / 7, 0 FROM n",
        "UPDATE schedules SET always = 7",
        "INSERT INTO schedule_windows VALUES ('always', 9, 1, 2)",
        "INSERT INTO special_windows VALUES ('always', 'x', 2000, 1)",
    ],
)
def test_definition_that_no_genkan_writes_makes_the_registry_unreadable(
    registry: Registry, lookup: Lookup, statement: str
) -> None:
    spoil(registry, statement)
    with pytest.raises(RegistryUnreadable) as raised:
        lookup.find(card_hash(0), "entrance-in")
    assert not isinstance(raised.value, BadgeUnreadable)
