"""Groups and order of the tests when pytest-xdist spreads them over workers.

A group runs on one worker, one test after the other. Tests share a group if they share a resource that one
test may use at a time (`SERIAL`), or a fixture of their module. Other tests that start child processes run
alone. In-process tests form groups of `CHUNK`, which keeps the scheduler's work small.
"""

import itertools
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

# One Chromium, one pcscd and one set of mounts at a time.
SERIAL = ("browser", "pcscd", "mounts")
# The tests about the source tree parse every file once, in one worker.
TREE = "tests/architecture/"
# Every test in these folders runs programs. `make test-fast` doesn't collect them.
ROOMS_OF_PROCESSES = ("tests/scenarios/", "tests/faults/")
# In process, but files of at least three seconds of CPU, or tests of two: `make test-fast` skips them.
HEAVY = (
    "tests/controller/assembly/test_start_on_damage.py",
    "tests/controller/commands/test_badge_import.py",
    "tests/controller/commands/issue/test_station.py",
    "tests/controller/decision/test_door_interleavings.py",
    "tests/controller/decision/test_first_last.py",
    "tests/controller/decision/test_site_world.py",
    "tests/controller/decision/test_pin_tries.py",
    "tests/controller/issuing/test_age_passphrase.py::test_file_of_the_age_library_opens_regardless_of_what_it_cost",
    "tests/controller/journal/export/test_archive.py",
    "tests/controller/journal/export/test_proof.py",
    "tests/controller/journal/test_seal.py",
    "tests/controller/journal/test_writing.py",
    "tests/controller/runtime/test_hostile_registries.py",
    "tests/controller/runtime/test_log_at_start.py",
    "tests/controller/runtime/test_retiring.py",
    "tests/controller/services/backup/test_backup.py",
    "tests/controller/services/backup/test_ciphers.py",
    "tests/controller/services/backup/test_restore.py",
    "tests/controller/services/log/test_export.py",
    "tests/controller/services/people/test_imports.py::test_more_than_a_hundred_thousand_rows_are_refused",
    "tests/controller/services/people/test_imports.py::test_ten_thousand_random_names_are_stored_in_nfc_and_the_door_starts",
    "tests/deploy/verify/test_export.py",
    "tests/deploy/verify/test_folder.py",
    "tests/firmware_bridge/osdp/test_line.py",
    "tests/controller/drivers/test_bridge_reader.py",
    "tests/web/routes/test_entry_log.py",
    "tests/web/test_hostile_requests.py",
)
CHUNK = 8
# Groups with child processes mostly wait, so mix them with the in-process tests, and finish them earlier.
ENDS_AT = 0.8


def mark_rooms(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(ROOMS_OF_PROCESSES):
            item.add_marker(pytest.mark.process)
        if item.nodeid.startswith(HEAVY):
            item.add_marker(pytest.mark.heavy)


def own_processes(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(marker) for marker in ("process", *SERIAL))


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _shares_module(item: pytest.Item) -> bool:
    info = getattr(item, "_fixtureinfo", None)
    definitions = itertools.chain.from_iterable(info.name2fixturedefs.values()) if info else ()
    return any(definition.scope in ("module", "class", "package") for definition in definitions)


def group_of(item: pytest.Item, place: int) -> str:
    """Return the name of the test's group. `place` is the number of the test within its file."""
    for marker in SERIAL:
        if item.get_closest_marker(marker):
            return marker
    if item.nodeid.startswith(TREE) and not own_processes(item):
        return TREE
    file = file_of(item).removeprefix("tests/").removesuffix(".py")
    if _shares_module(item):
        return file
    return f"{file}-{place}" if own_processes(item) else f"{file}-{place // CHUNK}"


def grouped(items: Iterable[pytest.Item]) -> dict[str, list[pytest.Item]]:
    groups: dict[str, list[pytest.Item]] = {}
    for _, tests in itertools.groupby(items, file_of):
        for place, item in enumerate(tests):
            groups.setdefault(group_of(item, place), []).append(item)
    return groups


def spread(groups: dict[str, list[pytest.Item]]) -> list[pytest.Item]:
    """Order the groups: serial ones first, then those with child processes evenly among the others."""
    groups = dict(groups)
    serial = [groups.pop(name) for name in SERIAL if name in groups]
    waiting = sorted((g for g in groups.values() if own_processes(g[0])), key=len, reverse=True)
    working = [g for g in groups.values() if not own_processes(g[0])]
    return [item for group in (*serial, *_interleaved(waiting, working)) for item in group]


def _interleaved(
    waiting: list[list[pytest.Item]], working: list[list[pytest.Item]]
) -> Iterator[list[pytest.Item]]:
    step = len(working) * ENDS_AT / max(1, len(waiting))
    done = 0
    for number, group in enumerate(waiting, 1):
        yield group
        until = int(number * step)
        yield from working[done:until]
        done = until
    yield from working[done:]


def shuffled(items: Iterable[pytest.Item], seed: int) -> list[pytest.Item]:
    """Shuffle the files and the tests of each file, but keep a file's tests together for its fixtures."""
    chance = random.Random(seed)
    files = [list(tests) for _, tests in itertools.groupby(items, file_of)]
    chance.shuffle(files)
    for tests in files:
        chance.shuffle(tests)
    return [item for tests in files for item in tests]


class GroupScheduling(LoadScopeScheduling):
    """Give a worker one group after the other, in the order of the collection.

    The groups are in a file that every worker writes with the same content. pytest-xdist's own `loadgroup`
    adds them to the names of the tests, which pytest 9.2 ignores: it then silently runs without groups
    (pytest-dev/pytest-xdist#1386).
    """

    def __init__(self, config: pytest.Config, groups: Path, log: object = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self._file = groups
        self._groups: dict[str, str] = {}

    def schedule(self) -> None:
        if not self._groups:
            self._groups = json.loads(self._file.read_text("utf-8"))
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._groups[nodeid]


def write_groups(groups: dict[str, list[pytest.Item]], file: Path, worker: str) -> None:
    names = {item.nodeid: name for name, tests in groups.items() for item in tests}
    own = file.with_suffix(f".{worker}")
    own.write_text(json.dumps(names), "utf-8")
    own.replace(file)
