import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from controller.registry import badges, imports, people
from controller.registry.database import Registry
from controller.registry.imports import StagedImport, StagedRow
from tests.controller.registry.samples import UTC_NOW, badge_row, card_hash, fill, found_at, person_row


def rows(numbers: range) -> Iterator[StagedRow]:
    for number in numbers:
        person = person_row(number)
        yield StagedRow(person, badge_row(number, person), card_hash(number), ("everywhere",))


def stage(registry: Registry, id_: str, numbers: range) -> None:
    imports.stage(registry, StagedImport(id_, "operator", "hash", len(numbers)), UTC_NOW, rows(numbers))


def counted(registry: Registry) -> tuple[int, int, int]:
    with registry.read() as db:
        return (
            db.execute("SELECT count(*) FROM cardholders").fetchone()[0],
            db.execute("SELECT count(*) FROM credentials").fetchone()[0],
            db.execute("SELECT count(*) FROM cardholder_levels").fetchone()[0],
        )


def test_staged_rows_are_invisible_everywhere_until_published(registry: Registry):
    fill(registry, range(1))
    stage(registry, "i", range(1, 1201))
    with registry.read() as db:
        assert [row.id for row in people.people_page(db, "", None, 10)] == ["p0"]
        assert badges.badge(db, "b5") is people.person(db, "p5") is None
        assert badges.badges_page(db, "", None, 10) == [badge_row(0, person_row(0))]
        assert people.people_named(db, "人5") == []
        assert badges.is_staged(db, card_hash(5)) and not badges.is_staged(db, card_hash(0))
    assert found_at(registry.file, 5) is None
    with registry.write() as db:
        imports.publish(db, "i", UTC_NOW)
    record = found_at(registry.file, 1200)
    assert record is not None and record.rules[0].schedule.always
    with registry.read() as db:
        assert len(people.people_page(db, "", None, 10_000)) == 1201
        assert imports.staged_import(db, "i") is None


def test_removed_import_takes_everything_with_it_and_nothing_else(registry: Registry):
    fill(registry, range(1))
    stage(registry, "published", range(1, 3))
    with registry.write() as db:
        imports.publish(db, "published", UTC_NOW)
    stage(registry, "dropped", range(10, 1210))
    imports.remove(registry, ["dropped", "published"])
    assert counted(registry) == (3, 3, 3)
    stage(registry, "again", range(10, 12))


def test_what_is_to_be_cleared_at_a_start(registry: Registry):
    fill(registry, range(1))
    stage(registry, "checked", range(10, 12))
    with registry.housekeeping() as db:
        db.execute(
            "INSERT INTO imports VALUES ('killed', 'operator', '2026-11-24T06:00:00.000Z', 'h', 5, 0, NULL)"
        )
    assert imports.unpublished(registry, UTC_NOW) == ["killed"]
    assert sorted(imports.unpublished(registry, UTC_NOW + timedelta(hours=2))) == ["checked", "killed"]
    assert sorted(imports.unpublished(registry)) == ["checked", "killed"]
    with registry.read() as db:
        assert imports.staged_import(db, "killed") is None


IMPORTER = """
import sys
from pathlib import Path
from controller.registry import imports
from controller.registry.database import Registry
from tests.controller.registry.test_imports import rows, UTC_NOW, StagedImport
registry = Registry.open(Path(sys.argv[1]))
def told():
    for row in rows(range(10, 50_010)):
        if row.badge.id.endswith("00"):
            print(row.badge.id, flush=True)
        if row.badge.id.endswith("40000"):
            sys.stdin.readline()  # it does not end before it is killed
        yield row
with imports.one_import(registry) as free:
    imports.stage(registry, StagedImport("i", "operator", "hash", 50_000), UTC_NOW, told())
"""


@pytest.mark.process
def test_killed_import_leaves_nothing_that_is_seen_and_is_cleared(registry: Registry):
    fill(registry, range(1))
    child = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(registry.file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=Path.cwd(),
    )
    assert child.stdout is not None
    for _ in range(15):
        child.stdout.readline()
    with imports.one_import(registry) as free:
        assert not free, "while it runs no other import may"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert counted(registry)[0] > 1, "it was killed in the middle"
    assert found_at(registry.file, 10) is None
    with imports.one_import(registry) as free:
        assert free, "the lock ends with the process"
        imports.remove(registry, imports.unpublished(registry, UTC_NOW))
    assert counted(registry) == (1, 1, 1)
