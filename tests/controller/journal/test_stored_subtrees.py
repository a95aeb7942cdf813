"""A bit turned over in what only saves work costs nothing but the work."""

from pathlib import Path

import pytest

from controller.journal.seal import Cause
from deploy.verify import genkan_verify
from tests.controller.journal.samples import grant, raw
from tests.controller.journal.years import BEGAN, moment, years

SIZE = 1100


def a_log(data: Path) -> None:
    with years(data) as log:
        log.start()
        for _ in range(SIZE // 50):
            log.journal.append([grant(moment=moment(BEGAN))] * 50)
            log.seal(BEGAN)


def go_on(data: Path) -> None:
    with years(data) as log:
        log.append(grant(moment=moment(BEGAN)))
        log.sealing.seal(moment(BEGAN), Cause.STOP)


def verdict(data: Path) -> str:
    return genkan_verify.answer(data=data).sentence


def nodes(data: Path) -> list[tuple[int, int, bytes]]:
    with raw(data / "journal") as connection:
        return connection.execute("SELECT level, place, hash FROM nodes ORDER BY level, place").fetchall()


@pytest.mark.parametrize("hash", ["randomblob(32)", "x''"])
@pytest.mark.parametrize("place", [0, 3])
def test_damaged_subtree_is_made_anew_and_what_is_signed_next_is_right(
    tmp_path: Path, place: int, hash: str, caplog: pytest.LogCaptureFixture
) -> None:
    a_log(tmp_path)
    were = nodes(tmp_path)
    with raw(tmp_path / "journal") as connection:
        connection.execute(f"UPDATE nodes SET hash = {hash} WHERE level = 8 AND place = ?", (place,))
    go_on(tmp_path)
    assert verdict(tmp_path).startswith("OK: ")
    assert nodes(tmp_path) == were
    assert "a stored subtree is damaged" in caplog.text


def test_damaged_record_is_named_and_its_subtree_stays_as_it_was_signed(tmp_path: Path) -> None:
    a_log(tmp_path)
    were = nodes(tmp_path)
    with raw(tmp_path / "journal") as connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("UPDATE events SET leaf = randomblob(32) WHERE seq = 300")
    go_on(tmp_path)
    assert verdict(tmp_path) == "Tampered: record 300 does not match its hash."
    assert nodes(tmp_path) == were


def test_sound_log_is_left_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    a_log(tmp_path)
    go_on(tmp_path)
    assert verdict(tmp_path).startswith("OK: ")
    assert caplog.text == ""
