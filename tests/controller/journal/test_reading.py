"""Reading beside a door that runs, has stopped, or was killed; never showing less than there is."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.errors import AwaitingRecovery, CorruptDatabase, GenkanError, InstallerError
from controller.journal.query import JournalReader, LogFilter
from tests.controller.journal.samples import grant, journal_in

NOBODY = 61234  # a user and group of no one, when the tests run as root


def in_a_child(act: Callable[[], None]) -> int:
    """Exit status of `act` in a process of its own; 100 when it raised."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException:
            os._exit(100)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_while_open(folder: Path, events: int) -> None:
    def act() -> None:
        journal_in(folder).append([grant(i) for i in range(events)])
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_child(act) == -signal.SIGKILL


def test_before_the_first_start_there_is_nothing_to_show(tmp_path: Path) -> None:
    with (
        JournalReader(tmp_path / "journal.db") as reader,
        pytest.raises(AwaitingRecovery, match="not created yet"),
    ):
        reader.page(LogFilter())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(30)
def test_pipe_in_place_of_the_log_is_named_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "journal.db")
    with (
        JournalReader(tmp_path / "journal.db") as reader,
        pytest.raises(CorruptDatabase, match="is not a file; put the right file there"),
    ):
        reader.newest_seq()


@pytest.mark.process
def test_killed_door_with_records_left_in_the_wal_is_awaiting_recovery(tmp_path: Path) -> None:
    killed_while_open(tmp_path, 3)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("journal.db*")}
    with JournalReader(tmp_path / "journal.db") as reader:
        with pytest.raises(AwaitingRecovery, match="awaiting recovery"):
            reader.page(LogFilter())
        assert {file.name: file.read_bytes() for file in tmp_path.glob("journal.db*")} == before
        with journal_in(tmp_path):
            assert reader.newest_seq() == 3


def test_one_reader_follows_the_door_through_stop_and_start(tmp_path: Path) -> None:
    with JournalReader(tmp_path / "journal.db") as reader:
        for run in range(1, 4):
            with journal_in(tmp_path) as journal:
                journal.append([grant(run)])
                assert reader.newest_seq() == run
            assert reader.newest_seq() == run
        assert [entry.seq for entry in reader.page(LogFilter())] == [3, 2, 1]


def test_door_that_ran_while_nobody_polled_is_noticed(tmp_path: Path) -> None:
    with JournalReader(tmp_path / "journal.db") as reader:
        for run in range(1, 4):
            with journal_in(tmp_path) as journal:
                journal.append([grant(run)])
            assert [entry.seq for entry in reader.page(LogFilter())] == list(range(run, 0, -1))


def test_reading_a_stopped_journal_makes_no_files_beside_it(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
    before = sorted(file.name for file in tmp_path.iterdir())
    with JournalReader(tmp_path / "journal.db") as reader:
        assert reader.newest_seq() == 1
        assert sorted(file.name for file in tmp_path.iterdir()) == before


def test_journal_replaced_by_another_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for folder, events in ((tmp_path, 3), (tmp_path / "other", 1)):
        with journal_in(folder) as journal:
            journal.append([grant(i) for i in range(events)])
    with JournalReader(tmp_path / "journal.db") as reader:
        assert reader.newest_seq() == 3
        (tmp_path / "other" / "journal.db").replace(tmp_path / "journal.db")
        assert reader.newest_seq() == 1


def test_snapshot_does_not_move_while_the_door_writes(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with reader.snapshot() as connection:
            journal.append([grant()])
            assert connection.execute("SELECT count(*) FROM events").fetchone()[0] == 1
        assert reader.newest_seq() == 2


def test_readings_of_one_moment_share_a_view_and_later_ones_see_what_is_new(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with reader.one_moment():
            assert reader.newest_seq() == 1
            journal.append([grant()])
            with reader.one_moment():
                assert reader.newest_seq() == 1
            assert [entry.seq for entry in reader.page(LogFilter())] == [1]
        assert reader.newest_seq() == 2


def test_one_moment_holds_for_its_own_thread_alone(tmp_path: Path) -> None:
    found: list[int] = []
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with reader.one_moment():
            journal.append([grant()])
            other = threading.Thread(target=lambda: found.append(reader.newest_seq()))
            other.start()
            other.join(60)
            assert reader.newest_seq() == 1
    assert found == [2]


def test_without_a_view_each_reading_of_one_moment_says_why(tmp_path: Path) -> None:
    with JournalReader(tmp_path / "journal.db") as reader, reader.one_moment():
        for _ in range(2):
            with pytest.raises(AwaitingRecovery, match="not created yet"):
                reader.newest_seq()


def test_error_within_one_moment_is_explained_and_the_next_reading_has_a_view_of_its_own(
    tmp_path: Path,
) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with reader.one_moment():
            with pytest.raises(GenkanError, match=r"journal\.db"), reader.snapshot() as connection:
                connection.execute("SELECT * FROM nothing")
            journal.append([grant()])
            assert reader.newest_seq() == 2
        assert reader.newest_seq() == 2


def test_error_of_the_caller_ends_one_moment(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant()])
        with pytest.raises(RuntimeError), reader.one_moment():
            raise RuntimeError
        journal.append([grant()])
        assert reader.newest_seq() == 2


def test_many_threads_share_one_reader(tmp_path: Path) -> None:
    wrong: list[object] = []
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(300)])

        def read() -> None:
            for before in range(200, 300):
                found = [entry.seq for entry in reader.page(LogFilter(), before, limit=5)]
                if found != list(range(before - 1, before - 6, -1)):
                    wrong.append(found)

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        journal.append([grant()])
        for thread in threads:
            thread.join(60)
    assert wrong == []


@pytest.fixture
def groups_folder() -> Iterator[Path]:
    """A journal folder of which another user may read everything and write nothing."""
    folder = Path(tempfile.mkdtemp(prefix="journal-"))
    if os.geteuid() == 0:
        os.chown(folder, 0, NOBODY)
    folder.chmod(0o2750)  # new files in it belong to its group
    yield folder
    shutil.rmtree(folder)


def as_the_web(folder: Path, act: Callable[[], None]) -> int:
    """As another user where we may change to one; otherwise in a folder closed to ourselves."""

    def other() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            assert not os.access(folder, os.W_OK)
        act()

    return in_a_child(other)


@pytest.mark.process
def test_other_user_reads_the_running_and_the_stopped_journal(groups_folder: Path) -> None:
    def read() -> None:
        with JournalReader(groups_folder / "journal.db") as reader:
            assert len(reader.page(LogFilter())) == 2

    with journal_in(groups_folder) as journal:
        journal.append([grant(), grant()])
        assert as_the_web(groups_folder, read) == 0
        journal.append_actions("registry-1", [])
    assert as_the_web(groups_folder, read) == 0


@pytest.mark.process
def test_other_user_is_reported_records_awaiting_recovery(groups_folder: Path) -> None:
    def read() -> None:
        with JournalReader(groups_folder / "journal.db") as reader, pytest.raises(AwaitingRecovery):
            reader.newest_seq()

    killed_while_open(groups_folder, 2)
    assert as_the_web(groups_folder, read) == 0


def test_folder_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """As on a disk that is dead: a thread of the door must not end with it."""
    journal_in(tmp_path).close()
    (tmp_path / "alive").unlink()
    (tmp_path / "alive").symlink_to("alive")
    with (
        JournalReader(tmp_path / "journal.db") as reader,
        pytest.raises(InstallerError, match="cannot be used"),
    ):
        reader.newest_seq()
