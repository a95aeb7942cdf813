"""Whatever is changed, taken out or hidden in the file is found and named."""

import json
import os
import random
import signal
from pathlib import Path

import pytest

from controller.journal.canonical import canonical, leaf_hash
from controller.journal.verify import Answer, Verdict, verify
from controller.model.events import EventType
from tests.controller.journal.samples import forge, grant, happened, journal_in, raw

SIZE = 2100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with journal_in(tmp_path) as journal:
        journal.append([grant(i) for i in range(SIZE)])
        journal.append([happened(EventType.LOCK_SECURED, SIZE, door="entrance")])
    return tmp_path


def verdict(folder: Path) -> tuple[Answer, int | None]:
    found = verify(folder / "journal.db")
    return found.answer, found.seq


def test_untouched_log_is_ok(folder: Path) -> None:
    found = verify(folder / "journal.db")
    assert (found.answer, found.exit_code) == (Answer.OK, 0)
    assert "2101 records" in found.sentence


def test_one_changed_byte_anywhere_in_a_record_is_named(folder: Path) -> None:
    chance = random.Random(1)
    with raw(folder) as connection:
        rows = connection.execute(
            "SELECT seq, body, leaf FROM events WHERE seq IN (1, 1000, 2100)"
        ).fetchall()
    for seq, body, leaf in rows:
        place = chance.randrange(len(body))
        edited = body[:place] + ("x" if body[place] != "x" else "y") + body[place + 1 :]
        flipped = bytes([leaf[0] ^ 1]) + leaf[1:]
        for column, value, kept in (("body", edited, body), ("leaf", flipped, leaf)):
            if column == "leaf":
                forge(folder, ("UPDATE events SET leaf = ? WHERE seq = ?", (value, seq)))
                assert verdict(folder) == (Answer.TAMPERED, seq)
                forge(folder, ("UPDATE events SET leaf = ? WHERE seq = ?", (kept, seq)))
            elif json_or_none(value) is not None:
                forge(folder, ("UPDATE events SET body = ? WHERE seq = ?", (value, seq)))
                assert verdict(folder) == (Answer.TAMPERED, seq)
                forge(folder, ("UPDATE events SET body = ? WHERE seq = ?", (kept, seq)))
    assert verdict(folder) == (Answer.OK, None)


def json_or_none(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None  # the indexes over the body would refuse it


def rewritten(folder: Path, record: int, **changes: object) -> None:
    """With a fitting leaf, as somebody would who knows how it is made."""
    with raw(folder) as connection:
        body = json.loads(
            connection.execute("SELECT body FROM events WHERE seq = ?", (record,)).fetchone()[0]
        )
    text = canonical(body | changes)
    leaf = leaf_hash(text.encode())
    forge(folder, ("UPDATE events SET body = ?, leaf = ? WHERE seq = ?", (text, leaf, record)))


def test_record_carrying_another_number_is_named(folder: Path) -> None:
    rewritten(folder, 7, seq=8)
    assert verdict(folder) == (Answer.TAMPERED, 7)


def test_record_not_in_canonical_form_is_named(folder: Path) -> None:
    with raw(folder) as connection:
        body = connection.execute("SELECT body FROM events WHERE seq = 9").fetchone()[0].replace(":", ": ", 1)
    forge(folder, ("UPDATE events SET body = ?, leaf = ? WHERE seq = 9", (body, leaf_hash(body.encode()))))
    assert verdict(folder) == (Answer.TAMPERED, 9)


@pytest.mark.parametrize("change", ["details = json_set(details, '$.name', '佐藤')", "salt = x'00'"])
def test_changed_name_is_named(folder: Path, change: str) -> None:
    forge(folder, (f"UPDATE events SET {change} WHERE seq = ?", (1500,)))
    assert verdict(folder) == (Answer.TAMPERED, 1500)


def test_details_given_to_a_record_without_any_are_named(folder: Path) -> None:
    forge(folder, ("UPDATE events SET salt = x'00', details = '{}' WHERE seq = ?", (SIZE + 1,)))
    assert verdict(folder) == (Answer.TAMPERED, SIZE + 1)


def test_erased_details_are_no_tampering_and_are_counted(folder: Path) -> None:
    forge(folder, ("UPDATE events SET salt = NULL, details = NULL WHERE seq IN (?, ?)", (3, 4)))
    found = verify(folder / "journal.db")
    assert found.answer is Answer.OK
    assert "details of 2" in found.sentence


@pytest.mark.parametrize(
    ("first", "last"), [(1, 1), (1, 500), (1024, 1024), (900, 2000), (2101, 2101), (2000, 2101)]
)
def test_missing_records_are_named(folder: Path, first: int, last: int) -> None:
    forge(folder, ("DELETE FROM events WHERE seq BETWEEN ? AND ?", (first, last)))
    found = verify(folder / "journal.db")
    assert (found.answer, found.seq, found.exit_code) == (Answer.INCOMPLETE, first, 3)
    assert (f"{first}–{last}" if last > first else f"missing {first}") in found.sentence


def test_record_hidden_from_its_day_is_named(folder: Path) -> None:
    forge(folder, ("UPDATE spans SET low = ? WHERE id = 0", ("2026-11-24T06:00:05.000Z",)))
    assert verdict(folder) == (Answer.TAMPERED, 1)


def test_record_taken_out_of_the_filters_indexes_is_named(folder: Path) -> None:
    forge(folder, ("UPDATE events SET filed = 0 WHERE seq = ?", (1700,)))
    assert verdict(folder) == (Answer.TAMPERED, 1700)


def test_newest_records_not_filed_yet_are_ok(folder: Path) -> None:
    with journal_in(folder) as journal:
        journal.append([grant()], file_later=True)
        journal.append([grant()], file_later=True)
        assert verdict(folder) == (Answer.OK, None)
    assert verdict(folder) == (Answer.OK, None)


def test_empty_absent_foreign_or_unrecovered_file_is_never_ok(tmp_path: Path) -> None:
    def cannot_tell(name: str) -> None:
        found: Verdict = verify(tmp_path / name / "journal.db")
        assert (found.answer, found.exit_code) == (Answer.CANNOT_TELL, 4), name
        assert found.sentence.startswith("Cannot tell: ")

    for name in ("absent", "zero", "foreign", "empty", "newer", "unrecovered"):
        (tmp_path / name).mkdir()
    (tmp_path / "zero" / "journal.db").touch()
    (tmp_path / "foreign" / "journal.db").write_bytes(b"seq,utc\r\n" * 1000)
    journal_in(tmp_path / "empty").close()
    journal_in(tmp_path / "newer").close()
    with raw(tmp_path / "newer") as connection:
        connection.execute("PRAGMA user_version = 2")
    if (child := os.fork()) == 0:
        journal_in(tmp_path / "unrecovered").append([grant()])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    for name in ("absent", "zero", "foreign", "empty", "newer", "unrecovered"):
        cannot_tell(name)
