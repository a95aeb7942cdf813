"""Standing as rows: each person's own, read for one or for many together."""

from datetime import date

import pytest

from controller.registry import standing
from controller.registry.database import Registry
from controller.registry.standing import Standing
from tests.controller.registry.samples import fill

SUPERVISOR = Standing("sv", (("first_aid", date(2027, 4, 1)), ("nda", date(2030, 1, 1))), overrides=True)
AGENCY = Standing("agency", (("nda", date(2026, 12, 1)),), more_time=True)


@pytest.fixture
def filled(registry: Registry) -> Registry:
    fill(registry, range(3), level=None)
    with registry.write() as db:
        standing.save_standing(db, "p0", SUPERVISOR)
        standing.save_standing(db, "p1", AGENCY)
    return registry


def test_each_of_many_has_the_own_standing_and_an_unknown_person_none(filled: Registry) -> None:
    with filled.read() as db:
        found = standing.standings(db, ["p2", "p1", "nobody", "p0"])
        assert found == {"p0": SUPERVISOR, "p1": AGENCY, "p2": Standing()}
        assert [standing.standing(db, one) for one in ("p0", "nobody")] == [SUPERVISOR, Standing()]
        assert standing.standings(db, []) == {}


def test_saved_standing_replaces_the_earlier_one(filled: Registry) -> None:
    with filled.write() as db:
        standing.save_standing(db, "p0", AGENCY)
        assert standing.standing(db, "p0") == AGENCY


def test_category_is_counted_and_moved_as_a_whole(filled: Registry) -> None:
    with filled.write() as db:
        assert standing.category_counts(db) == {"sv": 1, "agency": 1}
        standing.move_category(db, "agency", "sv")
        assert [id_ for id_, _name in standing.people_in_category(db, "sv")] == ["p0", "p1"]
        assert [standing.category_of(db, one) for one in ("p1", "p2", "nobody")] == ["sv", None, None]
