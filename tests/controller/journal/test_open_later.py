"""A journal that could not be opened at the start of the door, and may be later."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning, CorruptDatabase, JournalUnavailable, NewerDatabase
from controller.journal.append import Journal
from controller.journal.door_lock import DoorLock, is_held
from controller.journal.failures import FailureCause, cause_of
from tests.controller.databases import make_newer
from tests.controller.journal.samples import grant, journal_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Not there yet, as before its disk is mounted."""
    return tmp_path / "journal"


@pytest.fixture
def unopened(folder: Path) -> Iterator[Journal]:
    journal, problem = Journal.open_or_later(folder / "journal.db", "config-1")
    assert isinstance(problem, JournalUnavailable)
    assert "check folder, owner and disk" in str(problem)
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
    assert is_held(folder)
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


@pytest.mark.parametrize("damage", ["newer", "corrupt", "running"])
def test_what_does_not_go_away_by_itself_stops_the_start(folder: Path, damage: str) -> None:
    folder.mkdir()
    journal_in(folder).close()
    file = folder / "journal.db"
    held = DoorLock.acquire(folder) if damage == "running" else None
    if damage == "newer":
        make_newer(file)
    elif damage == "corrupt":
        file.write_bytes(b"x" * 8192)
    with pytest.raises((AlreadyRunning, CorruptDatabase, NewerDatabase)):
        Journal.open_or_later(file, "config-1")
    assert is_held(folder) is (held is not None)
