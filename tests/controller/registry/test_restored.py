"""A registry that goes on in place of another: a new id, and an authentic action that accepts it."""

from pathlib import Path

from controller.model.registry_mark import RegistryMark, rollback_cause
from controller.registry.database import Registry
from controller.registry.history import found_registry
from controller.registry.restored import begin_in_place_of, begin_restored
from controller.registry.schema import SCHEMA
from tests.sample_site import NOW

KEY = b"k" * 32
ORDER = (
    "INSERT INTO orders (type, door, operator_id, operator_name, boot, boottime_ms, limit_ms, utc)"
    " VALUES ('unlock_once', 'entrance', 'o', 'o', 'b', 1, 1, '2026-01-01T00:00:00.000Z')"
)


def test_restored_registry_is_accepted_in_place_of_the_one_that_the_log_goes_by(tmp_path: Path):
    file = tmp_path / "registry.db"
    registry = Registry.open(file, KEY)
    own = registry.id()
    with registry.write() as db:
        db.execute(ORDER)
    registry.close()
    begun = begin_restored(file, KEY, "of-the-log", NOW.utc)
    assert begun.before == own != begun.now and begun.newest_action == 0
    mark = RegistryMark("of-the-log", 900, 7, b"another")
    with Registry.open(file, KEY).read() as db:
        assert not db.execute("SELECT 1 FROM orders").fetchall()
        found = found_registry(db, SCHEMA, mark, KEY)
        assert rollback_cause(mark, found) is None
        assert found.newest_action > 1_000_000, (
            "above all actions since the backup, which somebody may have kept"
        )
        other = RegistryMark("of-another-log", 900, 7, b"another")
        assert rollback_cause(other, found_registry(db, SCHEMA, other, KEY)) is not None
        assert rollback_cause(mark, found_registry(db, SCHEMA, mark, b"x" * 32)) is not None, "forged"


def test_new_id_without_an_acceptance_proves_nothing(tmp_path: Path):
    registry = Registry.open(tmp_path / "registry.db", KEY)
    mark = RegistryMark(registry.id(), 0, 0, None)
    with registry.write() as db:
        assert begin_in_place_of(db, None).before == mark.registry_id
    with registry.read() as db:
        assert rollback_cause(mark, found_registry(db, SCHEMA, mark, KEY)) is not None
    registry.close()
