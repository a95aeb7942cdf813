from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.errors import NotPermitted
from controller.model.events import EventType, Section
from controller.model.operators import Operator
from controller.services.acting import Acting
from controller.services.log import changes, entry_log, export
from controller.services.log.entry_log import LogFilter
from controller.services.log.export import COLUMNS, TableText
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, AUDITOR, NOW, VIEWER, later

TEXT = TableText(COLUMNS, {}, ZoneInfo("Asia/Tokyo"))
EVERYTHING = LogFilter()
DENIED = LogFilter(sections=frozenset({Section.DENIED, Section.GRANTED}))


def views(site: Site, operator: Operator = ADMIN) -> list[object]:
    with site.registry.read() as db:
        return db.execute(
            "SELECT after FROM operator_actions WHERE action = 'log_viewed' AND operator_id = ? ORDER BY id",
            (operator.id,),
        ).fetchall()


def test_page_and_tail_show_what_the_door_recorded(site: Site):
    with DoorSide(site) as door:
        first = door.record(EventType.ACCESS_GRANTED, door="entrance", details={"name": "山田"})
        second = door.record(EventType.ACCESS_DENIED, door="entrance", reason="credential_unknown")
        assert [e.seq for e in entry_log.page(Acting(site, VIEWER, NOW), EVERYTHING)][:2] == [second, first]
        assert (
            next(e.seq for e in entry_log.page(Acting(site, VIEWER, NOW), EVERYTHING, before=second)) == first
        )
        assert [e.seq for e in entry_log.after(Acting(site, VIEWER, NOW), EVERYTHING, first)] == [second]
        assert entry_log.newest_seq(site.acting(VIEWER)) == second
        entry = entry_log.entry(Acting(site, VIEWER, NOW), first)
        assert entry is not None and entry.details == {"name": "山田"}


def test_view_is_recorded_once_in_ten_minutes_for_one_filter_and_operator(site: Site):
    with DoorSide(site):
        for before in (None, 50, None):
            entry_log.page(Acting(site, ADMIN, NOW), EVERYTHING, before)
        assert views(site) == [("{}",)]
        entry_log.page(Acting(site, ADMIN, NOW), DENIED)
        entry_log.page(Acting(site, ADMIN, NOW), EVERYTHING)
        entry_log.page(Acting(site, AUDITOR, NOW), EVERYTHING)
        assert views(site) == [("{}",), ('{"sections": ["denied", "granted"]}',)]
        assert len(views(site, AUDITOR)) == 1
        entry_log.page(Acting(site, ADMIN, later(minutes=11)), EVERYTHING)
        assert len(views(site)) == 3
    assert changes.page(Acting(site, ADMIN, NOW)) == (), "views change nothing"


def test_filter_is_recorded_in_references_and_days(site: Site):
    day = datetime(2026, 11, 24, tzinfo=UTC)
    with DoorSide(site):
        entry_log.page(Acting(site, ADMIN, NOW), LogFilter(person="f" * 16, door="entrance", day_start=day))
    assert views(site) == [
        ('{"door": "entrance", "from": "2026-11-24T00:00:00+00:00", "person": "ffffffffffffffff"}',)
    ]


def test_export_is_recorded_with_its_count_before_the_first_byte(site: Site):
    with DoorSide(site) as door:
        for _ in range(3):
            door.record(EventType.ACCESS_DENIED, door="entrance", reason="credential_unknown")
        door.record(EventType.SERVICE_STARTED)
        file = export.csv(Acting(site, AUDITOR, NOW), DENIED, replace(TEXT, words={"access_denied": "拒否"}))
        assert file.count == 3
        change = changes.page(Acting(site, ADMIN, NOW))[0]
        assert (change.action, change.operator_name) == ("log_exported", "Auditor")
        assert change.after == {"rows": 3, "sections": ["denied", "granted"]}
        lines = b"".join(file.lines).decode("utf-8-sig").splitlines()
    assert len(lines) == 4 and all("拒否" in line for line in lines[1:])


def test_record_after_the_count_is_not_in_the_file(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED)
        file = export.csv(Acting(site, AUDITOR, NOW), EVERYTHING, TEXT)
        door.record(EventType.FIRE_STARTED)
        lines = b"".join(file.lines).splitlines()
    assert len(lines) == file.count + 1


def test_watching_is_a_view_by_the_same_rule(site: Site):
    with DoorSide(site):
        entry_log.watch(Acting(site, ADMIN, NOW), DENIED)
        entry_log.page(Acting(site, ADMIN, NOW), DENIED)
        entry_log.watch(Acting(site, ADMIN, NOW), DENIED)
        assert views(site) == [('{"sections": ["denied", "granted"]}',)]
        entry_log.watch(Acting(site, ADMIN, later(minutes=11)), DENIED)
        assert len(views(site)) == 2


def test_viewer_may_view_and_not_export(site: Site):
    with DoorSide(site), pytest.raises(NotPermitted):
        export.csv(Acting(site, VIEWER, NOW), EVERYTHING, TEXT)
    assert changes.page(Acting(site, ADMIN, NOW)) == ()
