"""A record of the last or first second of a month is in the right monthly sheet."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.model.events import EventType
from controller.services.acting import Acting
from controller.services.log import proof as log_proof
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW, VIEWER, later, opened_site
from web.words.months import following, month_bounds

TOKYO = ZoneInfo("Asia/Tokyo")
LAST_SECONDS = [datetime(2027, month, 1, tzinfo=TOKYO) - timedelta(seconds=1) for month in range(1, 13)]


def test_last_and_first_second_of_twelve_months_are_each_in_their_own_sheet(tmp_path: Path) -> None:
    wanted: dict[date, list[int]] = {}
    with opened_site(tmp_path / "data") as site, DoorSide(site) as door:
        for last in LAST_SECONDS:
            for wall in (last, last + timedelta(seconds=1)):
                seq = door.record(EventType.HEARTBEAT, replace(NOW, utc=wall.astimezone(UTC)))
                wanted.setdefault(wall.date().replace(day=1), []).append(seq)
        right = 0
        for first, seqs in wanted.items():
            start, end = month_bounds(first, TOKYO)
            assert end == month_bounds(following(first), TOKYO)[0]
            sheet = log_proof.month(Acting(site, VIEWER, later(days=500)), first, start, end)
            assert (sheet.first_seq, sheet.last_seq) == (seqs[0], seqs[-1])
            assert sheet.records == len(seqs)
            right += len(seqs)
    assert (right, len(wanted)) == (24, 13)
