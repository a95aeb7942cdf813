"""Proof of the log: checkpoint, keys, verifier, the sheet of the monthly review."""

import re

import pytest

from controller.journal.seal import CheckpointCause, Sealing
from controller.model.operators import OperatorRole
from tests.controller.services.door_side import DoorSide
from tests.controller.services.signing import signs
from tests.sample_site import NOW, later
from tests.web.client import Client
from tests.web.routes.test_entry_log import granted
from tests.web.site import ServedSite
from web.routes import log_proof


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


@pytest.fixture
def sealing(served: ServedSite, door: DoorSide) -> Sealing:
    """Of a log that has its first key and a checkpoint, as `genkan init` leaves it."""
    sealing = Sealing(door.journal, served.site.config.data / "keys", served.site.config.site.time_zone)
    sealing.start_log(NOW)
    sealing.seal(NOW, CheckpointCause.HOUR)
    return sealing


def newest(served: ServedSite) -> str:
    return served.site.journal.newest_checkpoint() or ""


def test_page_shows_the_newest_checkpoint_as_text_and_picture(
    served: ServedSite, admin: Client, sealing: Sealing
) -> None:
    page = admin.get("/log/proof")
    assert newest(served) in page.text.replace("&#43;", "+")
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.text
    assert "style=" not in page.text
    assert "not covered yet" not in page.words


def test_records_behind_the_checkpoint_are_counted(admin: Client, door: DoorSide, sealing: Sealing) -> None:
    for _ in range(3):
        granted(door)
    assert "the newest 3 records are not covered yet" in admin.get("/log/proof").words


def test_age_of_the_checkpoint_is_reported(
    served: ServedSite, admin: Client, door: DoorSide, sealing: Sealing
) -> None:
    granted(door)
    sealing.seal(served.moment, CheckpointCause.REQUESTED)
    served.pass_time(minutes=12)
    assert "2026-11-24 15:00:00 · 12 minutes ago" in admin.get("/log/proof").words


def test_log_that_was_never_signed_says_that_nothing_is_proven(served: ServedSite, admin: Client) -> None:
    for file in (served.site.config.data / "journal").glob("journal.db*"):
        file.unlink()
    served.open_door_side()  # begins an empty journal, and nobody signs
    page = admin.get("/log/proof").words
    assert "There is no checkpoint yet." in page
    assert "This log has no signing key yet" in page
    assert admin.get("/log/proof/checkpoint").status == 404
    assert admin.get("/log/proof/key").status == 404
    assert "so this sheet proves nothing" in admin.get("/log/proof/month").words


def test_keys_are_reported_with_cause_and_state(
    served: ServedSite, admin: Client, door: DoorSide, sealing: Sealing
) -> None:
    tomorrow = later(hours=25)
    while sealing.step(tomorrow):
        pass
    served.pass_time(minutes=1)
    page = admin.get("/log/proof")
    numbers = re.findall(r'<td role="cell" data-label="Key">(\d+)', page.text)
    assert numbers == [str(number) for number in range(len(numbers), 0, -1)]
    assert len(numbers) >= 2
    for text in ("signs now", "destroyed", "first key of the log", "Compare this key"):
        assert text in page.words
    first = served.site.journal.log_keys()[0]
    assert f"&amp;before={first.seq + 1}" in page.text
    assert first.key in page.text.replace("&#43;", "+")


def test_files_to_take_home_are_attachments(served: ServedSite, admin: Client, sealing: Sealing) -> None:
    answer = admin.get("/log/proof/checkpoint")
    assert answer.body.decode() == newest(served)
    assert "attachment" in (answer.header("content-disposition") or "")
    first = (served.site.config.data / "keys" / "shared" / "log.vkey").read_bytes()
    assert admin.get("/log/proof/key").body == first


def test_verifier_is_the_file_of_the_package(admin: Client) -> None:
    answer = admin.get("/log/proof/genkan_verify.py")
    assert answer.body == log_proof.VERIFIER.read_bytes()
    assert 'filename="genkan_verify.py"' in (answer.header("content-disposition") or "")


def test_sheet_tells_the_months_records_and_the_checkpoint_that_covers_them(
    served: ServedSite, door: DoorSide, sealing: Sealing
) -> None:
    last = [granted(door, at=later(days=1)) for _ in range(4)][-1]
    sealing.seal(later(days=1), CheckpointCause.EVENTS)
    root = newest(served).split("\n")[2]
    granted(door, at=later(days=10))
    sealing.seal(later(days=10), CheckpointCause.MONTH)
    served.pass_time(days=10)
    admin = served.signed_in()
    words = admin.get("/log/proof/month?month=2026-11").words
    assert "November 2026" in words
    assert f"to {last})" in words
    assert f" {root[:20]} " in words
    assert "provisional" not in words
    assert "December 2026 (provisional)" in admin.get("/log/proof/month?month=2026-12").words


def test_number_that_bears_another_date_is_explained_on_the_sheet(
    served: ServedSite, admin: Client, door: DoorSide, sealing: Sealing
) -> None:
    granted(door)
    assert "has another date" not in admin.get("/log/proof/month?month=2026-11").words
    granted(door, at=later(days=-900))
    granted(door)
    assert "one number between them has another date" in admin.get("/log/proof/month?month=2026-11").words


@pytest.mark.parametrize("month", ["", "nonsense", "2999-01", "1999-01", "2026-13", "%00"])
def test_month_that_is_none_shows_the_last_one(admin: Client, sealing: Sealing, month: str) -> None:
    page = admin.get(f"/log/proof/month?month={month}")
    assert page.status == 200
    assert "October 2026" in page.words


def test_fresh_checkpoint_is_created_by_the_door_and_shown(
    served: ServedSite, admin: Client, door: DoorSide, sealing: Sealing
) -> None:
    granted(door)
    before = newest(served)
    served.app.state.patience = lambda: signs(door)
    answer = admin.post("/log/proof/checkpoint")
    assert (answer.status, answer.to) == (303, "/log/proof?done=checkpoint")
    assert "The door created a new checkpoint." in admin.get(answer.to).words
    assert newest(served) != before


def test_fresh_checkpoint_without_a_door_is_refused_with_what_to_do(admin: Client) -> None:
    answer = admin.post("/log/proof/checkpoint")
    assert answer.status == 409
    assert "start it and try again" in answer.words


def test_only_who_may_export_is_offered_a_fresh_checkpoint(served: ServedSite, door: DoorSide) -> None:
    viewer = served.signed_in(OperatorRole.VIEWER)
    assert 'action="/log/proof/checkpoint"' not in viewer.get("/log/proof").text
    assert viewer.post("/log/proof/checkpoint").status == 403


def test_menu_marks_one_entry_only(admin: Client, door: DoorSide) -> None:
    wide = admin.get("/log/proof").text.partition('class="menu phone"')[0]
    assert re.findall(r'href="([^"]+)" aria-current="page"', wide) == ["/log/proof"]
