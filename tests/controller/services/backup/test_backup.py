"""Backups during operation: complete, readable only by their recipients, without leftover files."""

import contextlib
import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from controller.errors import AwaitingRecovery, InstallerError, NotPermitted
from controller.journal.query import JournalReader
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.services.backup import backup
from controller.services.backup.archive import FIRST, MANIFEST
from controller.services.backup.backup import ACCOUNTS, CONFIG, JOURNAL, REGISTRY
from controller.services.backup.ciphers import Cipher, cipher
from controller.services.log import changes
from controller.services.people import people
from controller.services.site import Site
from tests.controller.services.backups import Keyring, inside, members
from tests.controller.site import BADGE, Door, admit, running_door
from tests.sample_site import AUDITOR
from tests.waiting import until


@pytest.fixture(scope="module")
def ring() -> Keyring:
    return Keyring()


def left_in(data: Path) -> list[Path]:
    # The door may be renewing its last good copy meanwhile; that part is its own.
    return [*data.glob("*.part"), *(data / "registry").rglob("*.part"), *data.rglob("backup-*")]


def sound(content: bytes) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.deserialize(content)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return db


def test_backup_holds_registry_log_and_configuration_and_a_manifest_that_vouches_for_them(
    site: Site, door: Door, ring: Keyring, tmp_path: Path
):
    door.present("entrance-in")
    door.wait_for("access_granted")
    file = tmp_path / "out" / "backup.age"
    file.parent.mkdir()
    result = backup.make(site.acting(MACHINE), file, ring.cipher())
    assert result.size == file.stat().st_size
    found = inside(file, ring.decipher(tmp_path))
    assert list(found) == [FIRST, CONFIG, REGISTRY, ACCOUNTS, JOURNAL, MANIFEST]
    manifest = json.loads(found[MANIFEST])
    for one in manifest["files"]:
        content = found[one["name"]]
        assert (len(content), hashlib.sha256(content).hexdigest()) == (one["size"], one["sha256"])
    assert found[CONFIG] == site.config.file.read_bytes()
    names = sound(found[REGISTRY]).execute("SELECT name FROM cardholders").fetchall()
    assert names == [("山田 花子",)]
    records = sound(found[JOURNAL]).execute("SELECT count(*), max(seq) FROM events").fetchone()
    assert records == (manifest["log"]["records"],) * 2 == (result.log.size,) * 2
    with JournalReader(site.config.data / JOURNAL) as journal:
        origin = journal.log_keys()[0].origin
    assert manifest["log"]["origin"] == origin
    assert manifest["log"]["checkpoint"].startswith(f"{origin}\n{manifest['log']['sealed']}\n")
    assert manifest["demo"] is True
    assert (file.stat().st_mode & 0o777, sorted(path.name for path in file.parent.iterdir())) == (
        0o600,
        ["backup.age", "backup.age.keys"],
    )
    assert left_in(site.config.data) == []


def test_keys_are_apart_and_never_the_private_key_of_the_log(site: Site, ring: Keyring, tmp_path: Path):
    file = tmp_path / "backup.age"
    result = backup.make(site.acting(MACHINE), file, ring.cipher())
    keys = members(ring.decipher(tmp_path).decrypt_small(result.keys))
    files = {name for name in keys if name.startswith("keys/")}
    assert files == {"keys/shared/card_number.key", "keys/shared/log.vkey"}
    assert keys["keys/shared/card_number.key"] == site.key
    private = [key.read_bytes() for key in (site.config.data / "keys" / "door").iterdir()]
    whole = b"".join(inside(file, ring.decipher(tmp_path)).values())
    assert private and site.key not in whole
    for key in private:
        assert key not in whole and key not in b"".join(keys.values())


@pytest.mark.parametrize("how", ["recipient", "passphrase"])
def test_stolen_backup_shows_no_name_no_number_and_no_key(
    site: Site, door: Door, ring: Keyring, tmp_path: Path, how: str
):
    """The same scan of the data folder finds them: it is not blind."""
    door.present("entrance-in")
    door.wait_for("access_granted")
    (tmp_path / "passphrase").write_text("a sentence nobody will guess")
    chosen = ring.cipher() if how == "recipient" else cipher([], tmp_path / "passphrase")
    result = backup.make(site.acting(MACHINE), tmp_path / "backup.age", chosen)
    stolen = result.file.read_bytes() + result.keys.read_bytes()
    number = bytes.fromhex(BADGE.hex)
    names = [text.encode(code) for text in ("山田", "花子", "entrance") for code in ("utf-8", "utf-16-le")]
    secrets = [
        *names,
        number,
        BADGE.hex.encode(),
        BADGE.hex.lower().encode(),
        site.key,
        site.key.hex().encode(),
    ]
    private = [key.read_bytes() for key in (site.config.data / "keys" / "door").iterdir()]
    secrets += [key for key in private if any(key)]  # an old key is overwritten with zeros before it goes
    secrets += [b"SQLite format 3", b"a sentence nobody"]
    assert [secret for secret in secrets if secret in stolen] == []
    plain = b"".join(path.read_bytes() for path in site.config.data.rglob("*") if path.is_file())
    assert "花子".encode() in plain and site.key in plain


def test_making_one_is_recorded_in_the_log_with_what_it_held(
    site: Site, door: Door, ring: Keyring, tmp_path: Path
):
    result = backup.make(site.acting(MACHINE), tmp_path / "backup.age", ring.cipher())
    until(lambda: [line for line in door.log("operator_action") if line["action"] == "backup_made"])
    done = [line for line in door.log("operator_action") if line["action"] == "backup_made"]
    after = done[0]["details"]["after"]
    assert after == {
        "file": "backup.age",
        "size": result.size,
        "records": result.log.size,
        "encrypted": "1 recipients",
    }


def test_file_that_is_there_is_left_as_it_is(site: Site, ring: Keyring, tmp_path: Path):
    for name in ("backup.age", "other.age.keys"):
        file = tmp_path / name
        file.write_text("mine")
        with pytest.raises(InstallerError, match="already exists"):
            backup.make(site.acting(MACHINE), tmp_path / name.removesuffix(".keys"), ring.cipher())
        assert file.read_text() == "mine"
        assert [path.name for path in tmp_path.glob(f"{name}*")] == [name]


@pytest.mark.parametrize("name", ["missing/backup.age", "genkan.toml/backup.age"])
def test_folder_that_cannot_be_written_is_one_sentence(site: Site, ring: Keyring, tmp_path: Path, name: str):
    (tmp_path / "genkan.toml").write_text("")
    with pytest.raises(InstallerError, match="cannot be written"):
        backup.make(site.acting(MACHINE), tmp_path / name, ring.cipher())
    assert left_in(site.config.data) == []
    assert not [one for one in changes.page(site.acting(MACHINE)) if one.action == ActionType.BACKUP_MADE]


def test_full_disk_leaves_neither_file(site: Site, ring: Keyring, tmp_path: Path):
    class Full:
        name = "full"

        def encrypt(self, content, target) -> None:
            target.write(content.read(100_000))
            raise OSError(28, "No space left on device")

    with pytest.raises(InstallerError, match="No space left"):
        backup.make(site.acting(MACHINE), tmp_path / "backup.age", Full())
    assert list(tmp_path.glob("backup*")) == []
    assert left_in(site.config.data) == []


def test_only_an_administrator_may(site: Site, ring: Keyring, tmp_path: Path):
    with pytest.raises(NotPermitted):
        backup.make(site.acting(AUDITOR), tmp_path / "backup.age", ring.cipher())


@pytest.mark.process
def test_what_a_killed_backup_left_is_gone_after_the_next(site: Site, ring: Keyring, tmp_path: Path):
    """Killed while the log lies there unencrypted: nobody else may read it, and the next run removes it."""
    data = site.config.data
    code = (
        "import os, signal, sys; from pathlib import Path; from controller.config import load;"
        "from controller.runtime.clock import Clock; from controller.services.site import Site;"
        "from controller.services.backup import backup;"
        "from controller.model.operators import MACHINE\n"
        "class Killed:\n"
        "    def encrypt(self, content, target):\n"
        "        target.write(content.read(50_000)); target.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
        "site = Site.open(load(Path(sys.argv[1])), Clock().now)\n"
        "backup.make(site.acting(MACHINE), Path(sys.argv[2]), Killed())"
    )
    words = [sys.executable, "-c", code, str(site.config.file), str(tmp_path / "backup.age")]
    assert subprocess.run(words, check=False).returncode == -9
    (left,) = (data / "registry").glob("backup-*.part")
    assert left.stat().st_mode & 0o777 == 0o700
    assert (left / "journal.db").stat().st_size > 0
    result = backup.make(site.acting(MACHINE), tmp_path / "backup.age", ring.cipher())
    assert left_in(data) == []
    assert sorted(path.name for path in tmp_path.glob("backup*")) == [result.file.name, result.keys.name]


def test_parts_of_a_killed_backup_go_with_the_next_regardless_of_its_name(
    site: Site, ring: Keyring, tmp_path: Path
):
    class Killed(Exception):
        pass

    class Cipher:
        name = "killed"

        def encrypt(self, content: object, target: object) -> None:
            raise Killed

    data, out = site.config.data, tmp_path / "out"
    out.mkdir()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):  # as if no `finally` ever ran
        patch.setattr(backup, "_remove", lambda *files: None)
        patch.setattr(backup.shutil, "rmtree", lambda folder: None)
        backup.make(site.acting(MACHINE), out / "monday.age", Cipher())  # type: ignore[arg-type]
    (out / "others.part").write_text("not ours")
    assert len(list(out.glob("monday.age*.part"))) == 2
    backup.make(site.acting(MACHINE), out / "tuesday.age", ring.cipher())
    assert sorted(file.name for file in out.iterdir()) == ["others.part", "tuesday.age", "tuesday.age.keys"]
    assert left_in(data) == []


def test_second_backup_at_the_same_time_is_refused(site: Site, ring: Keyring, tmp_path: Path):
    output: list[str] = []

    class Slow:
        name = "slow"

        def encrypt(self, content, target) -> None:
            with pytest.raises(InstallerError) as refusal:
                backup.make(site.acting(MACHINE), tmp_path / "second.age", ring.cipher())
            output.append(str(refusal.value))
            ring.cipher().encrypt(content, target)

        def encrypt_small(self, content: bytes) -> bytes:
            return ring.cipher().encrypt_small(content)

    backup.make(site.acting(MACHINE), tmp_path / "first.age", Slow())
    assert output and "Another backup" in output[0]
    assert not (tmp_path / "second.age").exists()


def test_log_that_awaits_the_door_is_reported_and_nothing_is_created(
    site: Site, ring: Keyring, tmp_path: Path
):
    (site.config.data / "journal" / "journal.db-wal").write_bytes(bytes(5000))
    with pytest.raises(AwaitingRecovery):
        backup.make(site.acting(MACHINE), tmp_path / "backup.age", ring.cipher())
    assert list(tmp_path.glob("backup*")) == []


@contextlib.contextmanager
def busy(*works: Callable[[int], object]) -> Iterator[list[int]]:
    """Run each in a thread repeatedly until the end; return how often."""
    end, rounds = threading.Event(), [0] * len(works)

    def again(place: int, work: Callable[[int], object]) -> None:
        while not end.is_set():
            work(rounds[place])
            rounds[place] += 1

    threads = [threading.Thread(target=again, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    try:
        yield rounds
    finally:
        end.set()
        for thread in threads:
            thread.join()


class Watched:
    """A cipher that goes on when the others have, too: if they waited for the backup, it would not."""

    name = "watched"

    def __init__(self, cipher: Cipher, rounds: list[int]) -> None:
        self._cipher, self._rounds = cipher, rounds

    def encrypt(self, content: BinaryIO, target: BinaryIO) -> None:
        before = list(self._rounds)
        until(lambda: all(now > was for now, was in zip(self._rounds, before, strict=True)))
        self._cipher.encrypt(content, target)

    def encrypt_small(self, content: bytes) -> bytes:
        return self._cipher.encrypt_small(content)


def check_backups(site: Site, ring: Keyring, folder: Path, count: int) -> None:
    """Each opens and verifies, with the door and the pages writing as fast as they can."""
    admit(site)
    opened = ring.decipher(folder)
    with running_door(site) as door:

        def add(number: int) -> None:
            people.add(site.acting(MACHINE), f"人{number}")

        def tap(number: int) -> None:
            beat, began = door.service.recorder.beat, time.monotonic()
            door.present("entrance-out")
            until(lambda: door.service.recorder.beat > beat)
            pauses.append(time.monotonic() - began)

        newest, number, pauses = 0, 0, list[float]()
        with busy(add, tap) as rounds:
            while number < count or min(rounds) <= count:
                number += 1
                file = folder / f"{number}.age"
                result = backup.make(site.acting(MACHINE), file, Watched(ring.cipher(), rounds))
                found = inside(file, opened)
                assert result.log.size >= newest
                newest = result.log.size
                log = sound(found[JOURNAL]).execute("SELECT count(*), max(seq) FROM events").fetchone()
                assert log == (newest, newest)
                sound(found[REGISTRY]).execute("SELECT registry_id FROM meta").fetchone()
                file.unlink()
                result.keys.unlink()
    print(f"longest pause of {len(pauses):,} taps during {number:,} backups: {max(pauses):.3f} s")


def test_twenty_backups_under_load_each_open_and_are_whole(site: Site, ring: Keyring, tmp_path: Path):
    check_backups(site, ring, tmp_path, 20)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_thousand_backups_under_load_each_open_and_are_whole(site: Site, ring: Keyring, tmp_path: Path):
    check_backups(site, ring, tmp_path, 1000)
