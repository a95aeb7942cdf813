"""`genkan run` on a damaged log or registry: the door starts first, people get out, and everything heals."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controller.commands.command import genkan
from tests.controller.databases import make_newer
from tests.firmware_bridge.nfc.field import held
from tests.scenarios.demo import Demo, patient
from tests.waiting import until


def cut(file: Path) -> None:
    os.truncate(file, 20_000)


@pytest.mark.parametrize(
    ("name", "damage", "what"),
    [
        ("journal/journal.db", cut, "damaged or not a database"),
        ("registry/registry.db", make_newer, "written by a newer Genkan"),
    ],
    ids=["log_cut", "registry_newer"],
)
def test_run_lets_people_out_names_the_damage_and_is_itself_when_the_good_file_is_back(
    demo: Demo, tmp_path: Path, name: str, damage: Callable[[Path], None], what: str
) -> None:
    assert demo.tap() == "granted"
    demo.walk_through()
    until(lambda: (demo.data / "journal" / "last_good" / "registry.db").exists())
    before = demo.newest
    demo.stop()
    file = demo.data / name
    good = tmp_path / "good.db"
    copied = contextlib.closing(sqlite3.connect(good))
    with contextlib.closing(sqlite3.connect(file)) as whole, copied as copy:
        whole.backup(copy)  # with what is still in its WAL
    damage(file)
    demo.start()
    assert what in demo.printed and "everyone can leave" in demo.printed
    demo.sim("rex")
    until(lambda: demo.level == 1, what="the exit button releases")
    until(lambda: demo.level == 0)
    with held(demo.card("entrance-out")):
        until(lambda: demo.level == 1, what="the outward reader releases")
    check = genkan("check", "--data", demo.data, program=patient())
    assert check.status == 1 and Path(name).name in check.text
    for beside in file.parent.glob(f"{file.name}-*"):  # put aside with the damaged file
        beside.unlink()
    good.replace(file)
    until(lambda: demo.level == 0)
    demo.wait_for({"journal/journal.db": "journal_recovered"}.get(name, "registry_readable"), after=before)
    assert demo.tap() == "granted"


def test_run_without_the_folder_of_the_registry_lets_people_out_and_is_itself_when_it_is_back(
    demo: Demo, tmp_path: Path
) -> None:
    assert demo.tap() == "granted"
    demo.walk_through()
    before = demo.newest
    demo.stop()
    (demo.data / "registry").rename(tmp_path / "aside")
    demo.start()
    assert f"{demo.data / 'registry'} cannot be read (No such file or directory)" in demo.printed
    assert "put the folder back" in demo.printed and "everyone can leave" in demo.printed
    demo.sim("rex")
    until(lambda: demo.level == 1, what="the exit button releases")
    until(lambda: demo.level == 0)
    with held(demo.card("entrance-out")):
        until(lambda: demo.level == 1, what="the outward reader releases")
    (tmp_path / "aside").rename(demo.data / "registry")
    until(lambda: demo.level == 0)
    demo.wait_for("registry_readable", after=before)
    assert demo.tap() == "granted"
