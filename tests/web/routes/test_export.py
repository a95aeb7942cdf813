"""The CSV export: every row, how many, harmless in a spreadsheet, recorded."""

import csv
import io

import pytest

from controller.model.events import EventType
from controller.model.operators import OperatorRole
from controller.model.reasons import DenyReason
from controller.services.entry_log import EXPORT_COLUMNS
from tests.controller.services.door_side import DoorSide
from tests.web.client import Client
from tests.web.routes.test_entry_log import denied, granted
from tests.web.site import Site
from web.export_words import HEADERS


@pytest.fixture
def door(site: Site) -> DoorSide:
    return site.open_door_side()


def rows(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_header_of_every_column_has_words() -> None:
    assert len(HEADERS) == len(EXPORT_COLUMNS)


def test_export_has_every_row_and_says_how_many(admin: Client, door: DoorSide) -> None:
    for _ in range(2500):
        granted(door)
    assert "2,500 rows" in admin.get("/log/export?result=granted").words
    answer = admin.post("/log/export", {"result": "granted"})
    assert answer.header("genkan-rows") == "2500"
    assert "entry-log_2026-11-24_2500-rows.csv" in (answer.header("content-disposition") or "")
    table = rows(answer.body)
    assert len(table) == 2501
    assert table[0][:3] == ["No.", "Time", "Person"]
    assert table[1][1] == "2026-11-24 15:00:00+09:00"


def test_words_are_those_of_the_language(admin: Client, door: DoorSide) -> None:
    denied(door, DenyReason.CREDENTIAL_LOST)
    admin.post("/language", {"language": "ja"})
    table = rows(admin.post("/log/export", {"result": "denied"}).body)
    assert table[0][2] == "登録者"
    assert "紛失届のあるカード" in table[1]
    assert "入口" in table[1]
    assert "拒否" in table[1]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_cell_that_begins_like_a_formula_is_made_harmless(admin: Client, door: DoorSide, start: str) -> None:
    granted(door, f"{start}cmd|' /C calc'!A0")
    assert rows(admin.post("/log/export", {}).body)[1][2].startswith("'" + start)


def test_export_is_an_operators_action(site: Site, admin: Client, door: DoorSide) -> None:
    granted(door)
    admin.post("/log/export", {"result": "granted"})
    exported = [a for a in door.lookup.actions_after(0, 100) if a.action == "log_exported"]
    assert exported[0].after is not None
    assert exported[0].after["rows"] == 1


def test_viewer_may_not_export(site: Site, door: DoorSide) -> None:
    viewer = site.signed_in(OperatorRole.VIEWER)
    assert viewer.post("/log/export", {}).status == 403
    assert "/log/export" not in viewer.get("/log").text


def test_operators_rows_are_exported_too(admin: Client, door: DoorSide) -> None:
    door.record(
        EventType.OPERATOR_ACTION, actor="a", codes={"action": "badge_lost"}, details={"operator": "Admin"}
    )
    table = rows(admin.post("/log/export", {"result": "operator"}).body)
    assert table[1][-1] == "Admin"
