"""A journal that could not be opened at the start of the door, and may be later."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning, JournalUnavailable
from controller.journal.alive import is_door_alive
from controller.journal.append import Journal
from controller.journal.door_lock import DoorLock
from controller.journal.failures import FailureCause, cause_of
from tests.controller.databases import make_newer
from tests.controller.journal.samples import grant, journal_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Not there yet, as before its disk is mounted."""
    return tmp_path / "journal"


@pytest.fixture
def unopened(folder: Path) -> Iterator[Journal]:
    journal = Journal.for_door(folder / "journal.db", "config-1")
    yield journal
    journal.close()


def reopening(journal: Journal, folder: Path) -> FailureCause:
    """Why it still cannot be opened."""
    with pytest.raises(JournalUnavailable) as error:
        journal.reopen()
    return cause_of(error.value, folder)


def test_it_is_opened_as_soon_as_it_can_be_and_holds_its_lock_then(unopened: Journal, folder: Path) -> None:
    assert reopening(unopened, folder) is FailureCause.CANNOT_OPEN
    folder.mkdir()
    unopened.reopen()
    assert is_door_alive(folder)
    assert unopened.append([grant()]) == [1]


def test_nothing_is_written_while_another_process_has_the_folder(unopened: Journal, folder: Path) -> None:
    folder.mkdir()
    other = DoorLock.acquire(folder)
    assert reopening(unopened, folder) is FailureCause.LOCKED
    assert not (folder / "journal.db").exists()
    other.release()
    unopened.reopen()


def test_file_that_turns_out_to_be_no_journal_is_a_failing_journal(unopened: Journal, folder: Path) -> None:
    folder.mkdir()
    (folder / "journal.db").write_bytes(b"x" * 8192)
    assert reopening(unopened, folder) is FailureCause.CORRUPT
    (folder / "journal.db").unlink()
    unopened.reopen()


def test_nothing_is_opened_before_the_exits_are_served(folder: Path) -> None:
    folder.mkdir()
    journal_in(folder).close()
    (folder / "journal.db").write_bytes(b"x" * 8192)
    journal = Journal.for_door(folder / "journal.db", "config-1")
    assert is_door_alive(folder), "no second door touches the pins"
    journal.close()


def test_second_door_is_refused_before_it_opens_anything(folder: Path) -> None:
    folder.mkdir()
    held = DoorLock.acquire(folder)
    with pytest.raises(AlreadyRunning):
        Journal.for_door(folder / "journal.db", "config-1")
    held.release()


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        (make_newer, FailureCause.NEWER),
        (lambda file: file.write_bytes(b"x" * 8192), FailureCause.CORRUPT),
        (lambda file: os.truncate(file, 0), FailureCause.CORRUPT),
        (lambda file: (file.unlink(), os.mkfifo(file)), FailureCause.CORRUPT),
    ],
    ids=["newer", "corrupt", "empty", "pipe"],
)
def test_anything_that_is_in_its_place_is_a_failing_journal_and_the_good_one_ends_that(
    folder: Path, damage: Callable[[Path], object], cause: FailureCause
) -> None:
    folder.mkdir()
    journal_in(folder).close()
    file = folder / "journal.db"
    good = Path(shutil.copy(file, folder.parent / "good.db"))
    damage(file)
    journal = Journal.for_door(file, "config-1")
    assert reopening(journal, folder) is cause
    good.replace(file)
    journal.reopen()
    journal.close()
