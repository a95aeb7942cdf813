import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from controller.journal import erase, retire
from controller.journal.retire import Removal, month_of, month_start, months_later
from controller.journal.tail import SPAN
from controller.model.moment import ClockState
from tests.controller.journal.samples import grant, raw
from tests.controller.journal.years import BEGAN, TOKYO, heartbeat, moment, rows, years


def test_months_begin_and_end_by_the_zone_of_the_site() -> None:
    start = month_start(TOKYO, date(2024, 11, 1))
    assert start == datetime(2024, 10, 31, 15, tzinfo=UTC)
    assert month_of(start, TOKYO) == date(2024, 11, 1)
    assert month_of(start - timedelta(milliseconds=1), TOKYO) == date(2024, 10, 1)


@pytest.mark.parametrize(
    ("month", "by", "found"),
    [
        (date(2026, 11, 1), -24, date(2024, 11, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2026, 3, 1), 0, date(2026, 3, 1)),
        (date(2026, 12, 1), -1200, date(1926, 12, 1)),
    ],
)
def test_months_are_counted_over_the_years(month: date, by: int, found: date) -> None:
    assert months_later(month, by) == found


def last_before(connection: sqlite3.Connection, first: int, utc: datetime) -> tuple[int, int]:
    """The answer, and in how many steps."""
    steps = list(retire.last_before(connection, first, utc))
    assert steps[-1] is not None and set(steps[:-1]) <= {None}
    return steps[-1], len(steps)


def test_end_of_a_month_is_found_in_few_steps_among_many_records(tmp_path: Path) -> None:
    with years(tmp_path) as site:
        for i in range(8):
            site.journal.append([heartbeat(BEGAN + timedelta(minutes=i * SPAN + k)) for k in range(SPAN)])
        with raw(tmp_path / "journal") as connection:
            utc = BEGAN + timedelta(minutes=3 * SPAN + 17)
            assert last_before(connection, 1, utc) == (3 * SPAN + 17, 2)
            assert last_before(connection, 4 * SPAN, utc)[0] == 0
            assert last_before(connection, 1, BEGAN)[0] == 0
            assert last_before(connection, 1, BEGAN + timedelta(days=900)) == (8 * SPAN, 1)


def test_time_known_later_counts_and_time_unknown_does_not(tmp_path: Path) -> None:
    future, lost = BEGAN + timedelta(days=3650), datetime(1970, 1, 1, tzinfo=UTC)
    with years(tmp_path) as site:
        site.append(heartbeat(BEGAN))
        site.append(heartbeat(lost, ClockState.UNTRUSTED, "c" * 32))
        with raw(tmp_path / "journal") as connection:
            assert last_before(connection, 1, BEGAN + timedelta(days=1))[0] == 1
        at = moment(BEGAN + timedelta(hours=1)).mono_ms
        early = grant(moment=type(moment(BEGAN))(future, at, "d" * 32, ClockState.HOLDOVER))
        site.append(early)
        site.append(heartbeat(BEGAN + timedelta(days=40), boot="d" * 32))
        with raw(tmp_path / "journal") as connection:
            assert last_before(connection, 1, BEGAN + timedelta(days=1))[0] == 3
            found = list(retire.first_before(connection, 2, 3, BEGAN + timedelta(days=1)))
            assert found == [BEGAN + timedelta(hours=1)]
            assert list(retire.first_before(connection, 2, 3, BEGAN)) == [None]


def removed_all(site_data: Path, removal: Removal) -> None:
    with years(site_data) as site:
        while retire.remove_step(site.journal, removal):
            pass
        retire.tidy(site.journal, removal)
        retire.tidy(site.journal, removal)


def test_records_go_in_steps_and_leave_their_leaves(tmp_path: Path) -> None:
    with years(tmp_path) as site:
        site.start()
        site.append(*[grant(moment=moment(BEGAN)) for _ in range(450)])
        steps = 0
        while retire.remove_step(site.journal, Removal(0, "2021-12", 1, 440)):
            steps += 1
        assert steps == 2
    assert [(seq, type) for seq, type, _ in rows(tmp_path)][:2] == [
        (1, "log_started"),
        (441, "access_granted"),
    ]
    with raw(tmp_path / "journal") as connection:
        assert connection.execute("SELECT count(*), min(seq), max(seq) FROM removed").fetchone() == (
            439,
            2,
            440,
        )
    removed_all(tmp_path, Removal(0, "2021-12", 1, 440))


def test_what_is_erased_after_a_removal_is_nowhere_in_the_file(tmp_path: Path) -> None:
    """Nor is anything of the removed records: pages that are merged when records go must leave nothing."""
    with years(tmp_path) as site:
        site.start()
        for i in range(1200):
            who = {"name": f"名前{i:05}", "note": "x" * (i % 700)}
            site.append(grant(moment=moment(BEGAN), person=f"person-{i}", credential=f"c-{i}", details=who))
        with raw(tmp_path / "journal") as connection:
            salts = [row[0] for row in connection.execute("SELECT salt FROM events WHERE salt IS NOT NULL")]
        removal = Removal(0, "2021-12", 1, 700)
        while retire.remove_step(site.journal, removal):
            pass
        wanted = {f"person-{i}": f"person-{i}" for i in range(1200)}
        upto, found = 0, Counter[str]()
        while upto < site.journal.newest_seq:
            upto, records = erase.erase_step(site.journal, wanted, upto)
            found += records
        assert len(found) >= 500
        assert erase.empty_wal(site.journal.writing)
        file = tmp_path / "journal" / "journal.db"
        left = file.read_bytes() + file.with_name("journal.db-wal").read_bytes()
    assert not [salt for salt in salts if salt in left]
    assert "名前".encode() not in left
