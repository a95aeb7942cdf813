"""SQLite's WAL-reset bug needs two writers of one file, and there never are two.

The stress test is the other half: everything that reads does so while the door writes, and no record is lost.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.errors import AlreadyRunning
from controller.journal.append import Journal
from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType
from deploy.verify import genkan_verify
from tests.sample_site import NOW
from tests.scenarios.demo import Demo, processes

_WRITES = {"1", "2"}  # O_WRONLY, O_RDWR


def open_files(pid: int) -> Iterator[tuple[str, bool]]:
    """Path, and whether it was opened for writing."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            info = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
            flags = next(line.split()[1] for line in info.splitlines() if line.startswith("flags:"))
            yield str(link.readlink()), flags[-1] in _WRITES
        except OSError:
            continue


def writers_of(data: Path, name: str) -> set[int]:
    """Every process that has the database or its WAL open for writing."""
    files = {str(data / name), str(data / f"{name}-wal")}
    found = set()
    for pid, _, _ in processes():
        try:
            if any(path in files and writes for path, writes in open_files(pid)):
                found.add(pid)
        except OSError:
            continue  # it has ended
    return found


def test_only_the_door_ever_has_the_log_open_for_writing(site: Demo):
    site.tap()
    site.walk_through()
    door = site.service("door")
    assert writers_of(site.data, "journal/journal.db") == {door}
    for _ in range(5):  # the pages and the command line read it meanwhile
        site.log()
        assert writers_of(site.data, "journal/journal.db") == {door}
    assert site.service("web") not in writers_of(site.data, "journal/journal.db")
    with pytest.raises(AlreadyRunning):
        Journal.open(site.data / "journal" / "journal.db", "c")
    assert writers_of(site.data, "journal/journal.db") == {door}


def read_on(file: Path, end: threading.Event, problems: list[str]) -> None:
    """As the log page does: the newest page, older pages, what came since."""
    with JournalReader(file) as reader:
        seen = 0
        while not end.is_set():
            page = reader.page(LogFilter(), limit=100)
            numbers = [entry.seq for entry in page]
            if numbers != list(range(numbers[0], numbers[0] - len(numbers), -1)):
                problems.append(f"a gap before {numbers[0]}")
            if numbers[0] < seen:
                problems.append(f"{seen} was there and is gone")
            seen = numbers[0]
            after = [entry.seq for entry in reader.after(LogFilter(), max(0, seen - 50), 500)]
            if after[:50] != list(range(seen - 49, seen + 1))[-len(after[:50]) :] and seen > 50:
                problems.append(f"a gap after {seen - 50}")


def stress(folder: Path, events: int, readers: int, batch: int) -> None:
    """One writer that also checkpoints, and several that read; then every record is there as written."""
    folder.mkdir()
    file, end, problems = folder / "journal.db", threading.Event(), list[str]()
    with Journal.open(file, "c") as journal:
        journal.append([Event(EventType.SERVICE_STARTED, NOW)])
        threads = [
            threading.Thread(target=read_on, args=(file, end, problems), daemon=True) for _ in range(readers)
        ]
        for thread in threads:
            thread.start()
        written = 1
        while written < events:
            seqs = journal.append([Event(EventType.HEARTBEAT, NOW, codes={"n": i}) for i in range(batch)])
            assert seqs == list(range(written + 1, written + batch + 1))
            written += batch
            journal.empty_wal_if_idle()
        end.set()
        for thread in threads:
            thread.join(60)
    assert problems == []
    found = genkan_verify.FolderCheck(file, genkan_verify.Key("", "", b"", ""), [])
    found.read()
    assert (found.gaps, found.last) == ([], written)
    with JournalReader(file) as reader:
        assert reader.newest_seq() == written
        with reader.snapshot() as connection:
            assert connection.execute("SELECT count(*) FROM events").fetchone() == (written,)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_no_record_is_missing_after_writing_while_others_read(tmp_path: Path):
    stress(tmp_path / "journal", 5_000, 3, 20)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_none_of_half_a_million_records_is_missing(tmp_path: Path):
    stress(tmp_path / "journal", 500_000, 4, 50)
