"""A door that starts on a damaged data folder: people get out first; what is wrong is named; it heals."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.journal import database, writing
from controller.journal.state import ServiceState, read
from controller.model.signals import (
    CardPresented,
    FireEnded,
    FireStarted,
    ReaderSignal,
    RexEnded,
    RexPressed,
)
from controller.services.site import Site
from tests.controller.commands.command import genkan
from tests.controller.databases import make_newer
from tests.controller.site import BADGE, Door, _SilentReader, admit, make_site, running_door
from tests.controller.step_door import StepClock

JOURNAL, REGISTRY, KEY = "journal/journal.db", "registry/registry.db", "keys/shared/card_number.key"
Damage = Callable[[Path], object]


def cut(file: Path) -> None:
    os.truncate(file, 20_000)


def scramble(file: Path) -> None:
    file.write_bytes(b"x" * 8192)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def remove(file: Path) -> None:
    file.unlink()


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def lose_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def shorten(file: Path) -> None:
    file.write_bytes(b"short")


DAMAGES: list[tuple[str, Damage]] = [
    *((JOURNAL, damage) for damage in (cut, scramble, empty, make_newer, lose_folder)),
    *((REGISTRY, damage) for damage in (cut, scramble, empty, make_newer, remove, pipe, lose_folder)),
    *((KEY, damage) for damage in (remove, shorten, empty, pipe, lose_folder)),
]
damaged = pytest.mark.parametrize(
    ("name", "damage"), DAMAGES, ids=[f"{Path(name).stem}-{damage.__name__}" for name, damage in DAMAGES]
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """With a badge, and a door that has run and kept its copies."""
    site = make_site(tmp_path / "data", clock=StepClock())
    admit(site)
    with running_door(site) as door:
        door.pass_time(2)
    site.close()
    for name in (JOURNAL, REGISTRY):
        fold_wal(site.config.data / name)
    yield site


def fold_wal(file: Path) -> None:
    """Leave one file, as a clean stop does, so that a copy of it is the whole database."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def assert_everyone_gets_out(door: Door) -> None:
    before = door.releases
    for signal in (RexPressed("entrance"), RexEnded("entrance")):
        door.service.drive.post(signal)
    door.turns.settle()
    assert door.releases == before + 1
    door.pass_time(1.2)
    door.present("entrance-out")
    door.turns.settle()
    assert door.releases == before + 2
    door.pass_time(1.2)
    for fire in (FireStarted(), FireEnded()):
        door.service.drive.post(fire)
    door.turns.settle()
    assert door.releases == before + 3


def indications(door: Door) -> list[str]:
    return door.service.readers["entrance-in"].indications  # type: ignore[attr-defined,no-any-return]


@damaged
def test_everyone_gets_out_and_the_door_is_itself_again_when_the_good_file_is_back(
    site: Site, tmp_path: Path, name: str, damage: Damage
) -> None:
    data = site.config.data
    folder = (data / name).parent
    shutil.copytree(folder, tmp_path / "good")
    damage(data / name)
    with running_door(site) as door:
        assert_everyone_gets_out(door)
        door.pass_time(1)
        released = door.releases
        door.present("entrance-in")
        door.pass_time(3)
        entered = door.releases > released
        assert entered is (name == REGISTRY), "the registry has a copy; the log and the key have none"
        assert indications(door)[-1] == ("granted" if entered else "refused")
        for beside in folder.glob("*.db-*"):  # put aside with the damaged file
            beside.unlink()
        if folder.exists():
            (tmp_path / "good" / Path(name).name).replace(data / name)
        else:
            (tmp_path / "good").rename(folder)
        door.pass_time(3)
        released = door.releases
        door.present("entrance-in")
        door.turns.settle()
        assert door.releases == released + 1
        door.pass_time(2)
        lines = door.log()
    state = read(data / "journal") or ServiceState()
    assert (state.journal, state.registry) == ("ok", "ok")
    alarms = {
        JOURNAL: ["journal_failed", "journal_recovered"],
        REGISTRY: ["registry_unreadable", "registry_readable"],
        KEY: ["card_number_key_unreadable", "card_number_key_readable"],
    }[name]
    found = [line["type"] for line in lines if line["type"] in alarms]
    assert found == alarms
    assert genkan("log", "verify", "--data", data).status == 0


@damaged
def test_check_names_the_file_while_the_door_runs_on(site: Site, name: str, damage: Damage) -> None:
    data = site.config.data
    damage(data / name)
    with running_door(site) as door:
        door.pass_time(1)
        answer = genkan("check", "--data", data)
        assert answer.status == 1
        failing = [line for line in answer.lines if line.startswith("FAIL")]
        assert any(Path(name).name in line for line in failing) or damage is lose_folder
        door_line = next(line for line in answer.lines if line[6:].startswith("door: "))
        if name == JOURNAL and damage is not lose_folder:
            assert "cannot write the log" in door_line and "Everyone can leave." in door_line
        elif name == REGISTRY:
            assert "cannot read registry.db and uses its copy" in door_line
        elif name == KEY:
            assert "card_number.key and refuses every badge on the way in" in door_line


@pytest.mark.parametrize("with_key", [True, False], ids=["key_kept", "key_removed"])
def test_door_whose_log_is_gone_begins_a_new_one_that_is_not_called_whole(site: Site, with_key: bool) -> None:
    data = site.config.data
    (data / JOURNAL).unlink()
    key = data / "keys" / "shared" / "log.vkey"
    if not with_key:
        key.unlink()
    with running_door(site) as door:
        assert_everyone_gets_out(door)
        door.present("entrance-in")
        (granted,) = door.wait_for("access_granted", count=2)[1:]
        (missing,) = door.log("log_missing")
        assert missing["alarm"] == 1 and missing["seq"] < granted["seq"]
        door.pass_time(2)
        assert door.service.state.now.log_key == ("foreign" if with_key else "ok")
        check = genkan("check", "--data", data)
        assert f"by record {missing['seq']} this door had another log before, which is gone" in check.text
        assert (check.status == 1 and "the earlier one is gone" in check.text) is with_key
    answer = genkan("log", "verify", "--data", data)
    if with_key:
        assert answer.status == 4 and "another device" in answer.lines[0]
    else:
        assert answer.status == 3 and "the log before record" in answer.lines[0]
        own = genkan("log", "verify", "--data", data, "--key", key.read_text().strip())
        assert own.status == 0 and any("which is gone" in line for line in own.lines)
    with running_door(site) as door:
        door.pass_time(1)
        assert len(door.log("log_missing")) == 1, "once"


def test_init_on_a_folder_whose_log_is_gone_records_it(site: Site) -> None:
    data = site.config.data
    for name in (JOURNAL, "keys/shared/log.vkey"):
        (data / name).unlink()
    Site.init(site.config, site.now())
    with running_door(site) as door:
        door.pass_time(1)
        assert [line["type"] for line in door.log()][:2] == ["log_started", "log_missing"]
        assert len(door.log("log_missing")) == 1


def test_third_crash_within_two_minutes_is_an_alarm(site: Site) -> None:
    data = site.config.data
    shutil.copytree(data / "journal", data.parent / "kept")
    for start in range(4):
        with running_door(site) as door:
            door.pass_time(5)
            found = door.log("service_restarts_often")
            assert len(found) == (start >= 2), "once"
            shutil.copytree(data / "journal", data.parent / "killed")
        shutil.rmtree(data / "journal")
        (data.parent / "killed").rename(data / "journal")
    assert found[0]["alarm"] == 1 and found[0]["starts"] == 3


def test_door_that_remembers_admits_on_a_damaged_journal(tmp_path: Path) -> None:
    settings = '[doors.entrance]\nwhen_journal_fails = "remember"\n'
    with make_site(tmp_path / "data", settings, clock=StepClock()) as site:
        admit(site)
        with running_door(site) as door:
            door.pass_time(2)
        site.close()
        scramble(site.config.data / JOURNAL)
        with running_door(site) as door:
            door.present("entrance-in")
            door.turns.settle()
            assert door.releases == 1
            state = door.service.state.now
            assert (state.journal, state.journal_cause, state.remembered) == ("remembering", "corrupt", 1)


def test_outward_reader_releases_before_the_journal_is_opened(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card is on the outward reader when the reader starts."""
    releases: list[int] = []

    def start(reader: _SilentReader, listener: Callable[[ReaderSignal], None]) -> None:
        if reader.name == "entrance-out":
            listener(CardPresented(reader.name, BADGE))

    def open_for_writing(file: Path, busy_ms: int) -> sqlite3.Connection:
        releases.append(running.releases)
        return database.open_for_writing(file, busy_ms)

    monkeypatch.setattr(_SilentReader, "start", start)
    monkeypatch.setattr(writing, "open_for_writing", open_for_writing)
    with contextlib.ExitStack() as stack:
        running = Door.__new__(Door)
        running.__init__(site, stack)  # type: ignore[misc]
        running.service.stop()
    assert releases[:1] == [1]
