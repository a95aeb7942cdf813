import base64
import hashlib
import itertools
import json
from datetime import timedelta
from pathlib import Path

import pytest

from controller.journal.export.archive import MonthArchive, NotArchived
from controller.journal.query import JournalReader
from deploy.verify import genkan_verify
from tests.controller.journal.samples import grant, raw
from tests.controller.journal.signed_log import slow_root
from tests.controller.journal.years import BEGAN, moment, years

COUNT = 700


def write_log(data: Path, count: int = COUNT) -> None:
    with years(data) as site:
        site.start()
        site.append(*[grant(moment=moment(BEGAN + timedelta(minutes=i))) for i in range(count)])
        site.seal(BEGAN + timedelta(days=2))


def archive(data: Path, first: int, last: int) -> MonthArchive:
    reader = JournalReader(data / "journal" / "journal.db")
    return MonthArchive(reader, data / "archive" / "2021-12.jsonl", "2021-12", first, last)


def test_month_is_written_in_short_pieces_without_names_and_verifies_by_itself(tmp_path: Path) -> None:
    write_log(tmp_path)
    month = archive(tmp_path, 3, 600)
    file = tmp_path / "archive" / "2021-12.jsonl"
    sizes = [0]
    for _ in month.write():
        sizes.append(file.with_name(file.name + ".part").stat().st_size)
        assert not file.exists()
    assert max(b - a for a, b in itertools.pairwise(sizes)) < 400_000
    month.rename_into_place()
    with raw(tmp_path / "journal") as connection:
        leaves = [r[0] for r in connection.execute("SELECT leaf FROM events WHERE seq BETWEEN 3 AND 600")]
        bodies = [r[0] for r in connection.execute("SELECT body FROM events WHERE seq BETWEEN 3 AND 600")]
    assert month.root == base64.b64encode(slow_root(leaves)).decode()
    assert month.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert lines == [{"body": body, "details": None, "salt": None} for body in bodies]
    key = (tmp_path / "keys" / "shared" / "log.vkey").read_text().strip()
    verdict = genkan_verify.answer(export=file, key=key)
    assert verdict.code == 0, verdict


def test_month_that_is_not_covered_by_a_checkpoint_is_not_archived(tmp_path: Path) -> None:
    write_log(tmp_path)
    with years(tmp_path) as site:
        site.journal.append([grant(moment=moment(BEGAN + timedelta(days=3)))])
        last = site.journal.newest_seq
        with pytest.raises(NotArchived, match="not signed yet"):
            list(archive(tmp_path, 1, last).write())
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("which", ["2021-12.jsonl.part", "2021-12.jsonl.proof.part"])
def test_disk_that_gives_back_something_else_keeps_the_month(tmp_path: Path, which: str) -> None:
    """A bit turns in the file after it was written and before it is read back."""
    write_log(tmp_path)
    month = archive(tmp_path, 1, COUNT)
    part = tmp_path / "archive" / which
    turned = False
    with pytest.raises(NotArchived, match="not what was written"):
        for _ in month.write():
            done = (tmp_path / "archive" / "2021-12.jsonl.proof.part").exists() and b'"end"' in (
                tmp_path / "archive" / "2021-12.jsonl.proof.part"
            ).read_bytes()
            if done and not turned:
                turned = True
                with part.open("r+b") as file:
                    file.seek(-9, 2)
                    byte = file.read(1)
                    file.seek(-9, 2)
                    file.write(bytes([byte[0] ^ 1]))
    assert turned


def test_month_of_another_log_is_not_overwritten_and_the_same_month_is(tmp_path: Path) -> None:
    write_log(tmp_path)
    for last in (300, 300, 301):
        month = archive(tmp_path, 1, last)
        for _ in month.write():
            pass
        month.rename_into_place()
    names = sorted(file.name for file in (tmp_path / "archive").iterdir())
    assert names == ["2021-12-2.jsonl", "2021-12-2.jsonl.proof", "2021-12.jsonl", "2021-12.jsonl.proof"]


def test_what_was_begun_can_be_removed(tmp_path: Path) -> None:
    write_log(tmp_path)
    month = archive(tmp_path, 1, COUNT)
    next(month.write())
    month.discard()
    month.discard()
    assert not list((tmp_path / "archive").iterdir())
