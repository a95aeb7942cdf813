from pathlib import Path

import pytest

from controller.journal import erase
from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType
from tests.controller.journal.samples import at, grant, happened, journal_in, raw

HASH = "ab" * 32
WANTED = {"person-1": "person-1", "badge-1": "person-1", HASH: "person-1", "person-2": "person-2"}


def action(object_id: str, action: str = "person_changed", **details: str) -> Event:
    return happened(
        EventType.OPERATOR_ACTION,
        actor="op-1",
        codes={"action": action, "object_id": object_id},
        details={"operator": "Admin", **details},
    )


def walked(journal: erase.Journal) -> dict[str, int]:
    upto, records = 0, erase.Counter[str]()
    while upto < journal.newest_seq:
        step = erase.erase_step(journal, WANTED, upto)
        upto, records = step.upto, records + step.records
    return dict(records)


def details(folder: Path) -> list[str | None]:
    with raw(folder) as connection:
        return [row[0] for row in connection.execute("SELECT details FROM events ORDER BY seq")]


ABOUT = [
    grant(),
    action("person-1", name="山田 花子"),
    action("badge-1"),
    action("order-7", card_hash=HASH),
    happened(EventType.ACCESS_DENIED, credential=None, details={"card_hash": HASH, "last_four": "FFEE"}),
    action("log", after="person-1"),
]
OTHERS = [
    grant(person="person-3", credential="badge-3"),
    grant(person="person-10", credential="badge-11"),
    action("person-1", "erasure_asked", reason="left"),
    happened(EventType.ACCESS_DENIED, details={"card_hash": "cd" * 32}),
    happened(EventType.READER_ONLINE, details={"device": "person-1 of a kind"}),
]


@pytest.mark.parametrize("event", ABOUT, ids=lambda event: event.type)
def test_record_about_the_person_loses_details_and_salt_and_keeps_its_body(
    tmp_path: Path, event: Event
) -> None:
    with journal_in(tmp_path) as journal:
        seq = journal.append([event])[0]
        with raw(tmp_path) as connection:
            before = connection.execute("SELECT body, leaf FROM events WHERE seq = ?", (seq,)).fetchone()
        assert walked(journal) == {"person-1": 1}
        with raw(tmp_path) as connection:
            after = connection.execute(
                "SELECT body, leaf, salt, details FROM events WHERE seq = ?", (seq,)
            ).fetchone()
        assert after == (*before, None, None)


@pytest.mark.parametrize("event", OTHERS, ids=lambda event: event.type)
def test_record_about_others_keeps_its_details(tmp_path: Path, event: Event) -> None:
    with journal_in(tmp_path) as journal:
        seq = journal.append([event])[0]
        assert walked(journal) == {}
        assert details(tmp_path)[seq - 1] is not None


def test_long_log_is_walked_in_short_steps_and_counted_the_same_when_walked_again(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        for i in range(3):
            journal.append([grant(i) for _ in range(400)] + [happened(EventType.DOOR_OPENED)] * 300)
        step = erase.erase_step(journal, WANTED, 0)
        assert step.records["person-1"] == erase.AT_ONCE
        assert walked(journal) == {"person-1": 1200}
        assert walked(journal) == {"person-1": 1200}
        assert not any(details(tmp_path))


def test_erasure_is_recorded_once_however_often_it_is_reported(tmp_path: Path) -> None:
    event = Event(EventType.PERSON_ERASED, at(), person="person-1", codes={"erasure": 3, "records": 1})
    with journal_in(tmp_path) as journal:
        assert not erase.is_recorded(journal, "reg", 3)
        erase.record(journal, "reg", 3, event)
        erase.record(journal, "reg", 3, event)
        assert erase.is_recorded(journal, "reg", 3)
        assert not erase.is_recorded(journal, "other", 3)
        with JournalReader(tmp_path / "journal.db") as reader:
            outcome = reader.order_outcome(erase.orders_key("reg"), 3)
            assert outcome is not None and outcome.person == "person-1"
            erased = [
                line for line in reader.after(LogFilter(person="person-1"), 0) if line.type == "person_erased"
            ]
        assert len(erased) == 1


def test_wal_is_emptied_unless_somebody_reads_from_it(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.append([grant()])
        with JournalReader(tmp_path / "journal.db") as reader:
            with reader.snapshot():
                journal.append([grant()])
                assert not erase.empty_wal(journal.writing)
            assert erase.empty_wal(journal.writing)
        assert (tmp_path / "journal.db-wal").stat().st_size == 0


def test_nothing_of_what_was_erased_is_left_in_the_files(tmp_path: Path) -> None:
    """Also where the details fill pages of their own."""
    name = "消される 名前"
    with journal_in(tmp_path) as journal:
        journal.append(
            [grant(details={"name": f"{name}{i}", "text": "x" * (40 * i)}) for i in range(300)]
            + [grant(person="person-3", credential="badge-3") for _ in range(100)]
        )
        with raw(tmp_path) as connection:
            salts = [
                row[0] for row in connection.execute("SELECT salt FROM events WHERE person = 'person-1'")
            ]
        assert len(salts) == 300
        walked(journal)
        assert erase.empty_wal(journal.writing)
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert name.encode() not in left
    assert not any(salt in left for salt in salts)
    assert "山田 花子".encode() in left


def test_details_cannot_be_put_back(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        seq = journal.append([grant()])[0]
        walked(journal)
    with raw(tmp_path) as connection, pytest.raises(Exception, match="never changed"):
        connection.execute("UPDATE events SET details = '{}', salt = x'00' WHERE seq = ?", (seq,))
