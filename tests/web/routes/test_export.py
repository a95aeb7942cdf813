"""The export: every row, how many, harmless in a spreadsheet, recorded; and with proof, in a zip."""

import csv
import io
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest

from controller.model.events import EventType
from controller.model.operators import MACHINE, OperatorRole
from controller.model.reasons import DenyReason
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.log.export import COLUMNS
from controller.services.log.signing import patience
from controller.services.people import people
from tests.auditor import run_verifier
from tests.controller.services.door_side import DoorSide
from tests.controller.services.signing import signs
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.routes.test_entry_log import denied, granted
from tests.web.site import ServedSite
from web.words.export_words import HEADERS
from web.words.words import Words


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


@pytest.fixture
def signing(served: ServedSite, door: DoorSide) -> DoorSide:
    """Whenever the web waits, the door signs."""
    served.app.state.patience = lambda: signs(door)
    return door


def rows(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_header_of_every_column_has_words() -> None:
    assert len(HEADERS) == len(COLUMNS)


def test_page_names_the_chosen_person_with_reading(served: ServedSite, admin: Client, door: DoorSide) -> None:
    person = people.add(Acting(served.site, MACHINE, served.moment), "佐藤 花子", "サトウ ハナコ").id
    assert "佐藤 花子 (サトウ ハナコ)" in admin.get(f"/log/export?person={person}").words
    wrong = admin.get(f"/log/export?person={person}&day=soon")
    assert wrong.status == 200 and "佐藤 花子 (サトウ ハナコ)" in wrong.words and "0 rows" in wrong.words
    assert "One person" in admin.get(f"/log/export?person={'0' * 16}").words


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


@pytest.mark.parametrize(
    "query", [{"name": "Suzuki"}, {"name": "tanaka"}, {"person": "TANAKA"}, {"day": "yesterday"}]
)
def test_filter_that_means_no_one_person_or_day_exports_nothing(
    served: ServedSite, admin: Client, door: DoorSide, query: dict[str, str]
) -> None:
    for name in ("Tanaka Hanako", "Tanaka Taro"):
        granted(door, name, people.add(Acting(served.site, MACHINE, served.moment), name).id)
    page = admin.get(f"/log/export?{urlencode(query)}")
    assert page.status == 200 and "0 rows" in page.words and "Download" not in page.words
    for proven in ("", "csv", "jsonl"):
        answer = admin.post("/log/export", query | {"proven": proven})
        assert answer.status == 422 and answer.header("genkan-rows") is None
        assert "no rows are shown" in answer.words or "to see the rows" in answer.words or "day" in query
    assert all(
        one.action != "log_exported" for one in changes.page(Acting(served.site, MACHINE, served.moment))
    )


def test_name_as_typed_exports_the_one_person(served: ServedSite, admin: Client, door: DoorSide) -> None:
    granted(
        door,
        "佐藤 花子",
        people.add(Acting(served.site, MACHINE, served.moment), "佐藤 花子", "サトウ ハナコ").id,
    )
    granted(door, "加藤 太郎", people.add(Acting(served.site, MACHINE, served.moment), "加藤 太郎").id)
    table = rows(admin.post("/log/export", {"name": "さとう　はなこ", "result": "granted"}).body)
    assert [row[2] for row in table[1:]] == ["佐藤 花子"]


def test_words_are_those_of_the_language(admin: Client, door: DoorSide) -> None:
    denied(door, DenyReason.CREDENTIAL_LOST)
    admin.post("/language", {"language": "ja"})
    table = rows(admin.post("/log/export", {"result": "denied"}).body)
    assert table[0][2] == "登録者"
    assert "紛失届のあるカード" in table[1]
    assert "入口" in table[1]
    assert "拒否" in table[1]


def test_first_of_two_is_not_a_refusal_in_the_table(admin: Client, door: DoorSide) -> None:
    fields = {"door": "entrance", "access_point": "entrance-in", "direction": "in", "result": "waiting"}
    door.record(EventType.ACCESS_WAITING, reason="second_person_needed", **fields)
    assert len(rows(admin.post("/log/export", {"result": "denied"}).body)) == 1
    [_, row] = rows(admin.post("/log/export", {"result": ""}).body)
    assert row.count("Waiting for a second person") == 2 and "Refused" not in row


def test_last_column_says_what_the_badge_of_each_entry_proved(admin: Client, door: DoorSide) -> None:
    fields = {"door": "entrance", "access_point": "entrance-in", "direction": "in", "result": "granted"}
    for assurance in (0, 2):
        door.record(EventType.ACCESS_GRANTED, assurance=assurance, **fields)
    admin.post("/language", {"language": "ja"})
    head, number, key = rows(admin.post("/log/export", {"result": "granted"}).body)
    assert (head[-1], number[-1], key[-1]) == (
        "カードの認証",
        Words("ja").translate("Identified by its number only, which can be copied"),
        Words("ja").translate("Proves a key of its own"),
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_cell_that_begins_like_a_formula_is_neutralised(admin: Client, door: DoorSide, start: str) -> None:
    granted(door, f"{start}cmd|' /C calc'!A0")
    assert rows(admin.post("/log/export", {}).body)[1][2].startswith("'" + start)


def test_export_is_an_operators_action(served: ServedSite, admin: Client, door: DoorSide) -> None:
    granted(door)
    admin.post("/log/export", {"result": "granted"})
    exported = [a for a in door.lookup.actions_after(0, 100) if a.action == "log_exported"]
    assert exported[0].after is not None
    assert exported[0].after["rows"] == 1


@pytest.mark.parametrize("proven", ["", "csv", "jsonl"])
def test_session_of_a_while_ago_exports_with_the_password_only(
    served: ServedSite, admin: Client, signing: DoorSide, proven: str
) -> None:
    served.pass_time(minutes=20)
    admin.own_password = ""
    refused = admin.post("/log/export", {"proven": proven})
    assert refused.status == 403 and refused.header("Genkan-Rows") is None
    assert "Confirm with your password" in refused.words
    assert admin.post("/log/export", {"proven": proven, "own_password": PASSWORD}).status == 200
    assert admin.post("/log/export", {"proven": proven}).status == 200


def test_viewer_may_not_export(served: ServedSite, door: DoorSide) -> None:
    viewer = served.signed_in(OperatorRole.VIEWER)
    assert viewer.post("/log/export", {}).status == 403
    assert "/log/export" not in viewer.get("/log").text


def test_operators_rows_are_exported_too(admin: Client, door: DoorSide) -> None:
    door.record(
        EventType.OPERATOR_ACTION, actor="a", codes={"action": "badge_lost"}, details={"operator": "Admin"}
    )
    table = rows(admin.post("/log/export", {"result": "operator"}).body)
    assert table[1][-2] == "Admin"


def files(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("result", ["all", "denied"])
def test_zip_is_proven_to_the_auditors_program_as_it_was_downloaded(
    served: ServedSite, admin: Client, signing: DoorSide, tmp_path: Path, kind: str, result: str
) -> None:
    for _ in range(1200):
        granted(signing)
    denied(signing, DenyReason.CREDENTIAL_LOST)
    answer = admin.post("/log/export", {"result": result, "proven": kind})
    assert (answer.status, answer.header("content-type")) == (200, "application/zip")
    kept = tmp_path / "export.zip"
    kept.write_bytes(answer.body)
    status, sentence = run_verifier(kept, served.site.config.data / "keys" / "shared" / "log.vkey")
    assert status == 0, sentence
    assert ("filtered: 1 of" in sentence) is (result == "denied")
    data, proof, how = files(answer.body)
    assert (Path(data).suffix, proof, how) == (f".{kind}", f"{data}.proof", "HOW-TO-VERIFY.txt")
    assert data.endswith(f"_2026-11-24_{answer.header('genkan-rows')}-rows.{kind}")


def test_sheet_in_the_zip_says_how_in_both_languages_and_holds_no_key(
    served: ServedSite, admin: Client, signing: DoorSide
) -> None:
    sheet = files(admin.post("/log/export", {"proven": "csv"}).body)["HOW-TO-VERIFY.txt"].decode("utf-8-sig")
    assert "金庫の鍵" in sheet and "THE-KEY-FROM-THE-SAFE" in sheet
    assert "genkan_verify.py export Genkan_entry-log_" in sheet
    assert "Incomplete 3" in sheet
    key = (served.site.config.data / "keys" / "shared" / "log.vkey").read_text().strip()
    assert key not in sheet


def test_zip_says_so_when_the_door_did_not_sign(served: ServedSite, admin: Client, door: DoorSide) -> None:
    served.app.state.patience = lambda: patience(0)
    granted(door)
    found = files(admin.post("/log/export", {"proven": "csv"}).body)
    data, note = found
    assert rows(found[data])[1]
    assert note == "NO-PROOF.txt"
    assert data in found[note].decode("utf-8-sig")


def test_page_shows_the_newest_checkpoint_and_what_each_file_is_for(
    served: ServedSite, admin: Client, signing: DoorSide
) -> None:
    assert "There is no checkpoint yet" in admin.get("/log/export").words or "genkan-time" in (
        admin.get("/log/export").text
    )
    admin.post("/log/export", {"proven": "jsonl"})
    page = admin.get("/log/export")
    assert str(served.site.journal.newest_checkpoint()).split("\n")[2].rstrip("=") in page.text
    assert "<svg" in page.text and "style=" not in page.text
    assert 'value="csv"' in page.text and 'value="jsonl"' in page.text
    assert "is not running" not in page.words


def test_page_warns_while_the_door_does_not_run(served: ServedSite, admin: Client) -> None:
    assert "The door service is not running, so it cannot sign now" in admin.get("/log/export").words


def test_zip_names_no_person(served: ServedSite, admin: Client, signing: DoorSide) -> None:
    granted(signing, "山田 花子")
    answer = admin.post("/log/export", {"person": "f" * 16, "proven": "csv"})
    assert "one-person" in (answer.header("content-disposition") or "")
    assert all("山田" not in name and "f" * 16 not in name for name in files(answer.body))


def test_viewer_may_not_export_with_proof(served: ServedSite, door: DoorSide) -> None:
    assert served.signed_in(OperatorRole.VIEWER).post("/log/export", {"proven": "csv"}).status == 403
