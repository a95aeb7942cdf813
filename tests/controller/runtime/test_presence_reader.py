import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.journal.facts import AT_ONCE
from controller.model.events import EventType
from controller.runtime.presence_reader import LogPage, PresenceReader
from tests.controller.journal.samples import grant, happened
from tests.waiting import until


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[PresenceReader]:
    reader = PresenceReader(tmp_path / "journal.db")
    thread = threading.Thread(target=reader.run)
    thread.start()
    yield reader
    reader.stop()
    thread.join(60)


def answer(reader: PresenceReader) -> LogPage:
    return until(lambda: next(reader.answers(), None))


def test_whole_log_is_folded_page_by_page(reader: PresenceReader, tmp_path: Path) -> None:
    entries = [grant(person=f"p{number}", direction="in", codes={"area": "floor"}) for number in range(3)]
    with Journal.open(tmp_path / "journal.db", "config-1") as journal:
        journal.append([entries[0], *[happened(EventType.HEARTBEAT)] * (2 * AT_ONCE), *entries[1:]])
        reader.read(7, None)
        found = answer(reader)
    assert found.presence is not None and found.presence.count("floor") == 3
    assert (found.generation, found.last, len(found.facts)) == (7, 2 * AT_ONCE + 3, 3)


def test_what_came_after_a_number_is_read(reader: PresenceReader, tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db", "config-1") as journal:
        journal.append([grant(), grant()])
        reader.read(0, 1)
        found = answer(reader)
    assert (found.presence, found.last, [fact.seq for fact in found.facts]) == (None, 2, [2])


def test_journal_that_cannot_be_read_yet_is_read_as_soon_as_it_can(
    reader: PresenceReader, tmp_path: Path
) -> None:
    reader.read(0, None)
    with Journal.open(tmp_path / "journal.db", "config-1") as journal:
        journal.append([grant()])
        found = answer(reader)
    assert found.presence is not None
