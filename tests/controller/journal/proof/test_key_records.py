"""Which checkpoint put which key into force; these tests do not check the content of checkpoints."""

from pathlib import Path

from controller.journal.proof.note import VerifierKey
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType
from tests.controller.journal.samples import grant, happened, journal_in, raw

ORIGIN = "genkan/" + "0a" * 16


def key_record(type: EventType, number: int, **codes: str) -> Event:
    key = VerifierKey(ORIGIN, bytes([number]) * 32)
    return happened(type, codes={"origin": ORIGIN, "key": str(key), "key_number": number, **codes})


def log_with(folder: Path, events: list[Event], checkpoints: list[int]) -> None:
    with journal_in(folder) as journal:
        journal.append(events)
    with raw(folder) as connection:
        for size in checkpoints:
            connection.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, f"note {size}"))


def added(number: int) -> Event:
    return key_record(EventType.LOG_KEY_ADDED, number, cause="boot")


def test_log_without_keys_and_checkpoints_has_none(tmp_path: Path) -> None:
    log_with(tmp_path, [grant()], [])
    with JournalReader(tmp_path / "journal.db") as reader:
        assert reader.log_keys() == []
        assert reader.newest_checkpoint() is None
        assert reader.checkpoint_covering(1) is None


def test_each_key_comes_with_the_checkpoint_that_put_it_into_force(tmp_path: Path) -> None:
    started = key_record(EventType.LOG_STARTED, 1)
    log_with(tmp_path, [started, grant(), added(2), added(3), grant(), added(4), added(5)], [1, 5, 6])
    with JournalReader(tmp_path / "journal.db") as reader:
        keys = reader.log_keys()
        assert reader.newest_checkpoint() == "note 6"
        assert [reader.checkpoint_covering(seq) for seq in (1, 2, 5, 6, 7)] == [
            "note 1",
            "note 5",
            "note 5",
            "note 6",
            None,
        ]
    assert [(key.seq, key.number, key.note) for key in keys] == [
        (1, 1, None),
        (3, 2, None),  # superseded by the next, under the same checkpoint
        (4, 3, "note 5"),
        (6, 4, "note 6"),
        (7, 5, None),
    ]
    assert keys[0].starts_log and not keys[1].starts_log
    assert (keys[1].cause, keys[1].boot, keys[1].origin) == ("boot", "boot-1", ORIGIN)
    assert keys[1].verifier_key.public == bytes([2]) * 32


def test_key_records_are_found_by_their_own_index(tmp_path: Path) -> None:
    log_with(tmp_path, [grant()], [])
    with raw(tmp_path) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT seq FROM events INDEXED BY key_records "
            "WHERE type IN ('log_started', 'log_key_added', 'log_restored') ORDER BY seq"
        ).fetchall()
    assert "SCAN events USING" in plan[0][3] and "key_records" in plan[0][3] and len(plan) == 1
