"""The levels that people hold, and a time of theirs that cannot be read."""

import pytest

from controller.errors import CorruptDatabase
from controller.registry.database import Registry
from controller.registry.level_times import held_levels
from tests.controller.registry.samples import fill
from tests.controller.unrecorded import unrecorded


@pytest.mark.parametrize("time", ["garbage", "2026-11-24T06:00"])
def test_time_that_is_not_a_moment_is_named_with_its_person_and_others_are_read(
    registry: Registry, time: str
) -> None:
    fill(registry, range(2))
    with unrecorded(registry) as db:
        db.execute("UPDATE cardholder_levels SET valid_from = ? WHERE cardholder_id = 'p0'", (time,))
    with registry.read() as db:
        assert len(held_levels(db, "p1")) == 1
        with pytest.raises(CorruptDatabase, match="table cardholder_levels, row p0:"):
            held_levels(db, "p0")
