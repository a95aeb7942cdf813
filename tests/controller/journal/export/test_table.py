"""The CSV export: every row, in words, harmless, and never in the writer's way."""

import csv
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.journal.export.selection import Selection
from controller.journal.export.table import COLUMNS, TableText, csv_rows
from controller.journal.query import JournalReader, LogFilter
from controller.model.events import EventType, Section
from tests.controller.journal.samples import at, grant, happened, journal_in

TOKYO = ZoneInfo("Asia/Tokyo")
HEADERS = [f"={name}" for name in COLUMNS]


def table(pieces: list[bytes]) -> list[list[str]]:
    text = b"".join(pieces).decode("utf-8")
    assert text.startswith("\ufeff")
    assert text.count("\r\n") == text.count("\n"), "every line ends the same way"
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def exported(reader: JournalReader, filter: LogFilter | None = None) -> list[list[str]]:
    return table(
        list(
            csv_rows(
                Selection(reader, filter or LogFilter(), reader.newest_seq()), TableText(HEADERS, {}, TOKYO)
            )
        )
    )[1:]


def test_row_holds_the_words_the_names_and_the_local_time(tmp_path: Path) -> None:
    words = {"access_denied": "入室拒否", "entrance": "正面玄関", "credential_lost": "紛失", "in": "入"}
    words["assurance:0"] = "番号のみ"
    denied = happened(
        EventType.ACCESS_DENIED,
        0.4,
        door="entrance",
        access_point="entrance-in",
        direction="in",
        result="denied",
        reason="credential_lost",
        assurance=0,
        codes={"count": 12},
        details={"name": "=cmd|' /C calc'!A0", "last_four": "00FF"},
    )
    action = happened(EventType.OPERATOR_ACTION, 1, actor="operator-1", details={"operator": "佐藤"})
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([denied, action, happened(EventType.ORDER_DONE, 2, actor="operator-2")])
        head, *rows = table(
            list(
                csv_rows(
                    Selection(reader, LogFilter(), reader.newest_seq()), TableText(HEADERS, words, TOKYO)
                )
            )
        )
    assert head == [f"'={name}" for name in COLUMNS]
    denied_row = ["1", "2026-11-24 15:00:00+09:00", "'=cmd|' /C calc'!A0", "00FF"]
    denied_row += ["正面玄関", "entrance-in", "入", "入室拒否", "denied", "紛失", "12", "", "番号のみ"]
    assert rows[0] == denied_row
    empty = [""] * 5
    assert rows[1] == ["2", "2026-11-24 15:00:01+09:00", *empty, "operator_action", "", "", "", "佐藤", ""]
    assert rows[2] == ["3", "2026-11-24 15:00:02+09:00", *empty, "order_done", "", "", "", "operator-2", ""]


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 2000, 3500])
def test_every_row_is_there_regardless_of_the_number_of_steps(tmp_path: Path, size: int) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(size)])
        assert [row[0] for row in exported(reader)] == [str(seq) for seq in range(1, size + 1)]
        assert Selection(reader, LogFilter(), reader.newest_seq()).count() == size


def test_filtered_export_has_the_rows_that_count_says(tmp_path: Path) -> None:
    events = [
        grant(i, door=f"door-{i % 3}", person=f"person-{i % 5}")
        if i % 2
        else happened(EventType.ACCESS_DENIED, i, door=f"door-{i % 3}")
        for i in range(6000)
    ]
    filters = [
        LogFilter(person="person-3"),
        LogFilter(door="door-1", sections=frozenset({Section.DENIED})),
        LogFilter(day_start=at(100).utc, day_end=at(5500).utc),
        LogFilter(door="door-2", day_start=at(1500).utc),
        LogFilter(person="nobody"),
    ]
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append(events)
        for filter in filters:
            whole = [entry.seq for entry in reader.after(filter, 0, limit=10_000)]
            assert [int(row[0]) for row in exported(reader, filter)] == whole
            assert Selection(reader, filter, reader.newest_seq()).count() == len(whole)


def test_export_ends_at_the_record_that_was_newest_when_it_began(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(1500)])
        newest = reader.newest_seq()
        journal.append([grant()])
        assert Selection(reader, LogFilter(), newest).count() == 1500
        pieces = []
        for piece in csv_rows(Selection(reader, LogFilter(), newest), TableText(HEADERS, {}, TOKYO)):
            pieces.append(piece)
            journal.append([grant() for _ in range(400)])
        assert len(table(pieces)) == 1501


def test_wal_stays_small_while_an_export_and_the_writer_go_on(tmp_path: Path) -> None:
    largest = 0
    with journal_in(tmp_path) as journal, JournalReader(tmp_path / "journal.db") as reader:
        journal.append([grant(i) for i in range(20_000)])
        for _ in csv_rows(Selection(reader, LogFilter(), reader.newest_seq()), TableText(HEADERS, {}, TOKYO)):
            for i in range(100):
                journal.append([grant(i, person=f"person-{i}")])
                journal.empty_wal_if_idle()
            largest = max(largest, (tmp_path / "journal.db-wal").stat().st_size)
    assert 0 < largest <= 16 * 1024 * 1024


def test_wrong_number_of_headers_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    journal_in(tmp_path).close()
    with JournalReader(tmp_path / "journal.db") as reader, pytest.raises(ValueError, match="13 columns"):
        next(
            csv_rows(Selection(reader, LogFilter(), reader.newest_seq()), TableText(HEADERS[:-1], {}, TOKYO))
        )
