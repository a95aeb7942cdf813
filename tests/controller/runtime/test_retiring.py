import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from controller.config import load
from controller.journal.query import JournalReader, LogFilter
from controller.journal.retire import month_of, month_start, months_later, newest_removal
from controller.journal.seal import CheckpointCause
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.runtime.retiring import AGAIN_MS, Retiring
from controller.services.site import Site as SiteOfServices
from deploy.verify import genkan_verify
from tests.controller.journal.samples import forge, happened, raw
from tests.controller.journal.years import BEGAN, TOKYO, Years, heartbeat, moment, rows, years
from tests.controller.site import CONFIG, admit, running_door
from tests.waiting import until

KEEP = 25


class Site:
    """The journal, and the chore that the test calls as the record thread would."""

    def __init__(self, site: Years, now: datetime, hold: bool = False, keep: int = KEEP) -> None:
        self.years = site
        self.reader = JournalReader(site.data / "journal" / "journal.db")
        self.now = moment(now)
        self.signs = True
        self.chore = Retiring(
            self.reader, site.data / "archive", keep, hold, TOKYO, lambda: self.now, self._request
        )

    def _request(self) -> None:
        if self.signs:
            self.years.sealing.seal(self.now, CheckpointCause.REQUESTED)

    def step(self) -> bool:
        return self.chore(self.years.journal)

    def run(self, at_most: int = 100_000) -> int:
        """Run until nothing is left to do: two rounds without work, and no story under way."""
        for steps in range(at_most):
            if not self.step() and self.chore._work is None:
                return steps
        raise AssertionError("it never ends")


def verified(data: Path) -> genkan_verify.Conclusion:
    found = genkan_verify.answer(data=data)
    assert found.code == 0, found
    return found


def removed(data: Path) -> list[dict[str, object]]:
    with raw(data / "journal") as connection:
        bodies = connection.execute("SELECT body FROM events WHERE type = 'month_removed' ORDER BY seq")
        return [json.loads(body) for (body,) in bodies]


def in_tokyo(year: int, month: int, day: int = 1, **more: int) -> datetime:
    return datetime(year, month, day, tzinfo=TOKYO, **more)


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """December 2021 to November 2026."""
    data = tmp_path_factory.mktemp("sixty") / "data"
    with years(data) as site:
        site.start()
        site.months(60, 60)
        site.seal(in_tokyo(2026, 11, 29))
    return data


def copy_of(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def test_nothing_is_removed_before_the_record_that_reports_it_is_signed(sixty: Path, tmp_path: Path) -> None:
    data = copy_of(sixty, tmp_path / "data")
    before = rows(data)
    with years(data) as site:
        store = Site(site, in_tokyo(2026, 11, 30))
        store.signs = False
        for _ in range(10_000):
            store.step()
        assert len(removed(data)) == 1
        assert len(rows(data)) == len(before) + 1
        verified(data)
        site.sealing.seal(store.now, CheckpointCause.REQUESTED)
        store.step()
        assert len(rows(data)) < len(before)
        verified(data)


def test_what_is_past_its_time_is_gone_and_reported_and_what_is_left_verifies(
    sixty: Path, tmp_path: Path
) -> None:
    data = copy_of(sixty, tmp_path / "data")
    vkey = (data / "keys" / "shared" / "log.vkey").read_text().strip()
    before = rows(data)
    with years(data) as site:
        store = Site(site, in_tokyo(2026, 11, 30))
        store.run()
        # months before October 2024, that is 2021-12 to 2024-09
        gone = removed(data)
        assert len(gone) == 34 and (gone[0]["month"], gone[-1]["month"]) == ("2021-12", "2024-09")
        limit = month_start(TOKYO, in_tokyo(2024, 10).date())
        stays = {"log_started", "log_key_added", "month_removed"}
        left = rows(data)
        assert all(datetime.fromisoformat(utc) >= limit for _, type, utc in left if type not in stays)
        kept = [row for row in before if row[1] in stays or datetime.fromisoformat(row[2]) >= limit]
        assert [row for row in left if row[1] != "month_removed"] == kept
        site.seal(in_tokyo(2026, 11, 30))
        found = verified(data)
        assert f"{len(before) - len(kept):,} of them removed after their retention" in found.sentence
        assert sum(int(str(one["count"])) for one in gone) == len(before) - len(kept)
        for month in ("2021-12", "2023-01", "2024-09"):
            file = data / "archive" / f"{month}.jsonl"
            archived = genkan_verify.answer(export=file, key=vkey)
            assert archived.code == 0, archived
            assert b"\\u5c71" not in file.read_bytes() and "山田".encode() not in file.read_bytes()
        assert not list((data / "archive").glob("*.part"))
        # and it is done: the next check does nothing, until a month has passed
        assert store.run() == 0
        assert len(removed(data)) == 34
        store.now = moment(in_tokyo(2026, 12, 1))
        store.run()
        assert removed(data)[-1]["month"] == "2024-10"
        site.seal(in_tokyo(2026, 12, 1))
        verified(data)


def test_pages_and_lines_end_where_the_log_was_cut(sixty: Path, tmp_path: Path) -> None:
    data = copy_of(sixty, tmp_path / "data")
    with years(data) as site:
        store = Site(site, in_tokyo(2026, 11, 30))
        store.run()
        numbers, before = [], None
        while page := store.reader.page(LogFilter(), before, 100):
            numbers += [entry.seq for entry in page]
            before = numbers[-1]
        assert numbers == [seq for seq, _, _ in reversed(rows(data))]
        persons = store.reader.page(LogFilter(person="person-1"), limit=10_000)
        assert len(persons) == sum(type == "access_granted" for _, type, _ in rows(data))
        old = LogFilter(day_start=in_tokyo(2023, 1), day_end=in_tokyo(2023, 2))
        assert {entry.type for entry in store.reader.page(old)} == {"log_key_added"}
        removal = store.reader.removal()
        assert removal is not None and removal.month == "2024-09"
    with years(data) as site:  # and it opens again as ever
        site.append(heartbeat(in_tokyo(2026, 11, 30)))


def test_hold_keeps_everything(sixty: Path, tmp_path: Path) -> None:
    data = copy_of(sixty, tmp_path / "data")
    before = rows(data)
    with years(data) as site:
        assert Site(site, in_tokyo(2036, 1), hold=True).run() == 0
    assert rows(data) == before
    assert not (data / "archive").exists()


def test_clock_that_is_not_trusted_removes_nothing(sixty: Path, tmp_path: Path) -> None:
    data = copy_of(sixty, tmp_path / "data")
    before = rows(data)
    with years(data) as site:
        store = Site(site, in_tokyo(2036, 1))
        store.now = moment(in_tokyo(2036, 1), ClockState.UNTRUSTED)
        assert store.run() == 0
    assert rows(data) == before


def test_clock_set_ten_years_ahead_removes_no_more_than_the_true_time_would(
    sixty: Path, tmp_path: Path
) -> None:
    data = copy_of(sixty, tmp_path / "data")
    with years(data) as site:
        store = Site(site, in_tokyo(2036, 1))
        store.now = moment(in_tokyo(2036, 1), ClockState.HOLDOVER)
        store.run()
    months = [str(record["month"]) for record in removed(data)]
    assert months[-1] == "2024-09"
    verified(data)


def test_month_goes_at_the_first_moment_it_is_past_its_time_and_not_before(tmp_path: Path) -> None:
    with years(tmp_path / "data") as site:
        site.start()
        site.months(4, 5)  # December 2021 to March 2022
        site.seal(in_tokyo(2022, 3, 30))
        for now, gone in (
            (in_tokyo(2022, 4) - timedelta(seconds=1), []),
            (in_tokyo(2022, 4), ["2021-12"]),
            (in_tokyo(2022, 5) - timedelta(seconds=1), ["2021-12"]),
            (in_tokyo(2022, 5), ["2021-12", "2022-01"]),
        ):
            Site(site, now, keep=3).run()
            assert [one["month"] for one in removed(site.data)] == gone


def test_three_whole_months_are_kept_beside_the_running_one(tmp_path: Path) -> None:
    """On 10 May: February, March, April and the first days of May."""
    with years(tmp_path) as site:
        site.start()
        site.months(5, 5)  # December 2021 to April 2022
        site.append(heartbeat(in_tokyo(2022, 5, 9)))
        site.seal(in_tokyo(2022, 5, 9))
        Site(site, in_tokyo(2022, 5, 10), keep=3).run()
        assert [one["month"] for one in removed(tmp_path)] == ["2021-12", "2022-01"]
        kept = {
            month_of(datetime.fromisoformat(utc), TOKYO).month
            for _, type, utc in rows(tmp_path)
            if type in ("access_granted", "heartbeat")
        }
        assert kept == {2, 3, 4, 5}


def small(data: Path) -> None:
    """Four months, of which two are past their time in May 2022."""
    with years(data) as site:
        site.start()
        site.months(4, 230)
        site.seal(in_tokyo(2022, 3, 30))


NOW = in_tokyo(2022, 5, 2)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.timeout(600)
def test_power_cut_after_any_step_leaves_a_log_that_verifies_and_is_finished_later(
    tmp_path: Path, every: int
) -> None:
    small(tmp_path / "made")
    data = copy_of(tmp_path / "made", tmp_path / "whole")
    with years(data) as site:
        site.append(heartbeat(NOW))
        site.seal(NOW)
        total = Site(site, NOW, keep=3).run()
        whole = [(one["month"], one["first"], one["last"], one["root"]) for one in removed(data)]
    assert len(whole) == 2 and total > 25
    left = [row[:2] for row in rows(data)]
    for cut in range(0, total, every):
        data = copy_of(tmp_path / "made", tmp_path / f"cut{cut}")
        with years(data) as site:
            site.append(heartbeat(NOW))
            site.seal(NOW)
            store = Site(site, NOW, keep=3)
            for _ in range(cut):
                store.step()
            site.journal.writing.drop()  # what is not durable by now is not there
        with years(data) as site:
            verified(data)
            Site(site, NOW, keep=3).run()
            site.seal(NOW)
        found = removed(data)
        assert [(one["month"], one["first"], one["last"], one["root"]) for one in found] == whole
        assert [row[:2] for row in rows(data)] == left
        verified(data)
        names = {file.name for file in (data / "archive").iterdir()}
        assert names == {f"{month}.jsonl{end}" for month, *_ in whole for end in ("", ".proof")}


def test_month_with_a_changed_record_stays_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small(tmp_path)
    forge(
        tmp_path / "journal",
        ("UPDATE events SET body = replace(body, 'granted', 'denied') WHERE seq = 77", ()),
    )
    before = rows(tmp_path)
    with years(tmp_path) as site, caplog.at_level(logging.ERROR):
        Site(site, NOW, keep=3).run()
    assert rows(tmp_path) == before
    assert "record 77 does not match its hash; the month is kept" in caplog.text


def test_disk_without_room_for_the_archive_keeps_the_month_and_tries_again_in_an_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small(tmp_path)
    before = rows(tmp_path)
    (tmp_path / "archive").write_text("in the way")
    with years(tmp_path) as site, caplog.at_level(logging.ERROR):
        store = Site(site, NOW, keep=3)
        store.run()
        assert rows(tmp_path) == before and "cannot be written" in caplog.text
        (tmp_path / "archive").unlink()
        assert store.run() == 0
        store.now = Moment(store.now.utc, store.now.mono_ms + AGAIN_MS, store.now.boot, store.now.clock)
        store.run()
        assert len(removed(tmp_path)) == 2


def test_log_that_is_not_signed_that_far_keeps_the_month(tmp_path: Path) -> None:
    with years(tmp_path) as site:
        site.journal.append([heartbeat(BEGAN), heartbeat(BEGAN)])
        Site(site, NOW, keep=3).run()
        assert not removed(tmp_path)


def test_records_with_wrong_clocks_go_with_their_neighbours(tmp_path: Path) -> None:
    """1970, ten years ahead, and a never synchronised boot are between good records."""
    later = timedelta(days=3650)
    lost = datetime(1970, 1, 1, tzinfo=TOKYO)

    def around(day: datetime) -> Iterator[int]:
        yield from site.append(
            heartbeat(day),
            heartbeat(lost, ClockState.UNTRUSTED, "c" * 32),
            heartbeat(day + later, ClockState.HOLDOVER, "d" * 32),
            heartbeat(day + later, ClockState.UNTRUSTED, "e" * 32),
            heartbeat(day + timedelta(hours=1)),
        )

    with years(tmp_path) as site:
        site.start()
        december = list(around(in_tokyo(2021, 12, 5)))
        january = list(around(in_tokyo(2022, 1, 5)))
        late = list(around(in_tokyo(2022, 4, 5)))
        site.seal(in_tokyo(2022, 4, 6))
        Site(site, in_tokyo(2022, 5, 7), keep=3).run()
        assert [(one["month"], one["last"]) for one in removed(tmp_path)] == [
            ("2021-12", december[-1]),
            ("2022-01", january[-1]),
        ]
        left = [seq for seq, type, _ in rows(tmp_path) if type == EventType.HEARTBEAT]
        assert left == late


def test_month_edges_of_the_site_decide_not_those_of_utc(tmp_path: Path) -> None:
    """The last second and the first of twelve months, Tokyo time: each in its own month."""
    with years(tmp_path) as site:
        site.start()
        for month in range(1, 13):
            first = in_tokyo(2022, month)
            site.append(heartbeat(first - timedelta(seconds=1)), heartbeat(first))
        site.append(heartbeat(in_tokyo(2023, 6)))
        site.seal(in_tokyo(2023, 6))
        reader = JournalReader(tmp_path / "journal" / "journal.db")
        for month in range(1, 12):
            report = LogFilter(day_start=in_tokyo(2022, month), day_end=in_tokyo(2022, month + 1))
            times = [entry.utc for entry in reader.page(report)]
            assert times == [in_tokyo(2022, month + 1) - timedelta(seconds=1), in_tokyo(2022, month)]
        Site(site, in_tokyo(2023, 6), keep=3).run()  # keeps March, April, May and the running June
        gone = removed(tmp_path)
        assert [one["month"] for one in gone] == ["2021-12", *(f"2022-{month:02}" for month in range(1, 13))]
        ends = [(one["first"], one["last"]) for one in gone]
        assert [last - first for first, last in ends[1:-1]] == [1] * 11


def test_orders_long_answered_are_forgotten_and_the_newest_stay_known(tmp_path: Path) -> None:
    with years(tmp_path) as site:
        site.start()
        for order in range(1, 151):
            event = happened(EventType.ORDER_DONE, moment=moment(BEGAN + timedelta(hours=order)))
            site.journal.append_once_for_order("reg", order, event)
        site.seal(BEGAN + timedelta(days=8))
        Site(site, NOW, keep=3).run()
        assert [type for _, type, _ in rows(tmp_path) if type == "order_done"] == []
        assert site.journal.orders_done("reg") == frozenset(range(51, 151))
        assert site.journal.last_order("reg") == 150
        with raw(tmp_path / "journal") as connection:
            assert connection.execute("SELECT count(*) FROM orders_done").fetchone() == (100,)
            assert newest_removal(connection) is not None


def test_running_door_removes_what_is_past_its_time_between_the_taps(site: SiteOfServices) -> None:
    """The log begins half a year ago; the door keeps three months."""
    data = site.config.data
    (data / "genkan.toml").write_text(f"{CONFIG}\n[log]\nkeep_months = 3\n", "utf-8")
    admit(site)
    now = site.now()
    with years(data) as old:
        for day in range(180, -1, -2):  # to this moment: a door with no other word goes by the newest
            at = now.utc - timedelta(days=day)
            then = replace(now, utc=at, boot="a" * 32, clock=ClockState.TRUSTED)
            old.append(Event(EventType.HEARTBEAT, then))
        old.sealing.seal(now, CheckpointCause.STOP)
    site = replace_config(site)
    with running_door(site) as door:
        door.wait_for("month_removed", count=2)
        door.present("entrance-in")
        door.wait_for("access_granted")
        limit = month_start(TOKYO, months_later(month_of(now.utc, TOKYO), -3))
        left = [line for line in door.log("heartbeat") if line["boot"] == "a" * 32]
        until(lambda: all(datetime.fromisoformat(line["utc"]) >= limit for line in door.log("heartbeat")))
        assert left
    verified(data)
    assert len(list((data / "archive").glob("*.jsonl"))) >= 2


def replace_config(site: SiteOfServices) -> SiteOfServices:
    """As the door reads it at its start."""
    config = load(site.config.file)
    return SiteOfServices(config, site.registry, site.journal, site.key, site.now)
