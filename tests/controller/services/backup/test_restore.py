"""A data folder from a backup: whole or not at all, and its log says that it was restored."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.errors import InstallerError
from controller.issuing import door_key
from controller.journal.query import JournalReader
from controller.journal.seal import log_key_file
from controller.model.access import PinResult
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.model.orders import OrderType
from controller.registry import alarms as rows
from controller.registry import door_rows, operators, orders
from controller.registry.accounts import passwords, sessions
from controller.registry.pin_hash import check_pin
from controller.registry.pins import pin_of
from controller.services.acting import Acting
from controller.services.backup import backup
from controller.services.backup.archive import FIRST, MANIFEST, VERSION, BackupArchive, Member
from controller.services.backup.ciphers import Decipher
from controller.services.backup.restore import Restored, restore
from controller.services.doors import alarms
from controller.services.operators import sign_in
from controller.services.people import card_keys, erasing, people, pins
from controller.services.site import Site
from deploy.verify import genkan_verify
from tests.controller.erasure import request_erasure
from tests.controller.issuing_side import file_of, issued, public_key, trust
from tests.controller.services.backups import Keyring, inside
from tests.controller.services.door_side import DoorSide
from tests.controller.site import BADGE, admit, running_door
from tests.controller.test_migration_cut import registry_at
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, later
from tests.waiting import until


@dataclass
class Kept:
    """A backup that somebody has, and with what it opens."""

    file: Path
    keys: Path
    opened: Decipher
    ring: Keyring

    def restore(self, data: Path, site: Site) -> Restored:
        return restore(data, self.file, self.keys, self.opened, site.now())


def keep(site: Site, folder: Path, ring: Keyring | None = None) -> Kept:
    ring = ring or Keyring()
    folder.mkdir()
    done = backup.make(site.acting(MACHINE), folder / "backup.age", ring.cipher())
    return Kept(done.file, done.keys, ring.decipher(folder), ring)


@pytest.fixture
def kept(site: Site, tmp_path: Path) -> Kept:
    admit(site)
    with running_door(site) as door:
        door.present("entrance-in")
        door.wait_for("access_granted")
        door.wait_for("operator_action", count=3)  # what admitting was, copied into the log
        return keep(site, tmp_path / "kept")


def checkpoint_of(site: Site) -> str:
    with JournalReader(site.config.data / "journal" / "journal.db") as journal:
        note = journal.newest_checkpoint()
    assert note is not None
    return note


def test_acknowledgement_of_a_record_that_is_not_in_the_backup_is_none_of_the_next_alarm(
    site: Site, tmp_path: Path
):
    """The registry is copied after the log; the restored log assigns the numbers in between again."""
    with DoorSide(site) as door:
        held = door.record(EventType.REX_STUCK, door="entrance")
        alarms.acknowledge(site.acting(ADMIN), held, "freed it")
        with site.registry.write() as db:
            rows.acknowledge(db, [held + 1], site.now().utc, ADMIN, "of a record the backup lacks")
        kept = keep(site, tmp_path / "kept")
    with again(kept.restore(tmp_path / "restored", site), site) as new:
        assert [one.acknowledgement.alarm_seq for one in alarms.acknowledged(new.acting(ADMIN))] == [held]


def again(restored: Restored, site: Site) -> Site:
    return Site.open(restored.config, site.now)


def test_restored_folder_admits_the_same_people_and_its_log_goes_on(site: Site, kept: Kept, tmp_path: Path):
    data = tmp_path / "restored"
    done = kept.restore(data, site)
    assert done.config.data == data and done.config.site.demo
    assert done.conclusion.code == 0 and done.conclusion.sentence.startswith("OK: ")
    with again(done, site) as new, running_door(new) as door:
        door.present("entrance-in")
        door.wait_for("access_granted", count=2)
        log = door.log()
        assert [line["seq"] for line in log] == list(range(1, len(log) + 1))
        (restored,) = door.log("log_restored")
        assert restored["seq"] == done.records + 1
        assert restored["restored_size"] == done.records
        assert restored["key"] == done.log_key and restored["key_number"] == 1
        assert restored["origin"] != restored["restored_origin"] == door.log("log_started")[0]["origin"]
    assert sorted(path.name for path in data.iterdir() if path.name not in ("simulator", "archive")) == [
        "genkan.toml",
        "journal",
        "keys",
        "registry",
        "run",
    ]
    assert list(tmp_path.glob(".restored*")) == []


def test_restored_log_verifies_from_its_new_key_and_not_from_the_old(site: Site, kept: Kept, tmp_path: Path):
    done = kept.restore(tmp_path / "restored", site)
    assert log_key_file(tmp_path / "restored" / "keys").read_text().strip() == done.log_key
    verdict = genkan_verify.answer(data=tmp_path / "restored")
    assert verdict.code == genkan_verify.OK, verdict
    assert verdict.sentence.startswith(f"OK: {done.records + 1} records")
    old = log_key_file(site.config.data / "keys").read_text().strip()
    verdict = genkan_verify.answer(data=tmp_path / "restored", key=old)
    assert verdict.code == genkan_verify.CANNOT_TELL
    assert "restored" in verdict.sentence


def test_restored_box_has_a_key_pair_of_its_own_and_says_that_badge_keys_are_for_another(
    site: Site, tmp_path: Path
):
    badge = admit(site)
    trust(site)
    report = card_keys.check(site.acting(ADMIN), file_of(issued(site, BADGE.hex)))
    card_keys.publish(site.acting(ADMIN), report.import_id or "")
    kept = keep(site, tmp_path / "kept")
    config = kept.restore(tmp_path / "restored", site).config
    assert door_key.load_private(config.data / "keys").public == door_key.load_public(config.data / "keys")
    assert door_key.load_public(config.data / "keys") != public_key(site)
    with Site.open(config, site.now) as restored:
        row = card_keys.of_badge(Acting(restored, ADMIN, site.now()), badge)
        assert (row.key_version, row.usable) == (1, False)


def test_kept_checkpoint_shows_that_records_are_missing_after_a_restore(
    site: Site, kept: Kept, tmp_path: Path
):
    """What was recorded after the backup does not disappear unseen."""
    with running_door(site) as door:
        door.present("entrance-in")
        door.wait_for("access_granted", count=2)
    note = tmp_path / "checkpoint"
    note.write_text(checkpoint_of(site))
    size = int(note.read_text().splitlines()[1])
    done = kept.restore(tmp_path / "restored", site)
    assert size > done.records
    verdict = genkan_verify.answer(data=tmp_path / "restored", checkpoints=[note])
    assert verdict.code == genkan_verify.INCOMPLETE, verdict
    assert f"{done.records + 1}" in verdict.sentence


def test_operators_actions_are_in_the_restored_log_once_each(site: Site, kept: Kept, tmp_path: Path):
    """Actions from before the backup are in it already, although the registry has another id now."""
    done = kept.restore(tmp_path / "restored", site)
    assert done.records > 3
    with again(done, site) as new, running_door(new) as door:
        assert new.registry.id() != site.registry.id()
        people.add(new.acting(MACHINE), "鈴木 一郎")
        until(
            lambda: any(
                "鈴木" in json.dumps(line, ensure_ascii=False) for line in door.log("operator_action")
            )
        )
        ids = [line["action_id"] for line in door.log("operator_action")]
        assert sorted(ids) == sorted(set(ids))
        assert "backup_made" not in [line["action"] for line in door.log("operator_action")]


def test_action_the_log_had_not_got_yet_comes_into_the_restored_one(site: Site, tmp_path: Path):
    admit(site)  # no door has run: nothing was copied
    done = keep(site, tmp_path / "kept").restore(tmp_path / "restored", site)
    with again(done, site) as new, running_door(new) as door:
        *actions, accepted = door.wait_for("operator_action", count=4)
        assert [line["action"] for line in actions] == ["level_added", "person_added", "badge_added"]
        assert not any(line.get("again") for line in actions), "the log gets them for the first time"
        assert accepted["action"] == "registry_accepted" and accepted["details"]["after"] == {
            "restored": True
        }
        assert accepted["cause"] == "restore" and not door.log("registry_rolled_back")


def test_nobody_is_signed_in_and_no_order_fires_after_a_restore(site: Site, tmp_path: Path):
    admit(site)
    now = site.now()
    code = sign_in.new_set_up_code(site, now)
    with unrecorded(site.registry) as db:
        operators.add_operator(db, ADMIN)
        orders.add_order(db, ADMIN, now, OrderType.UNLOCK_ONCE, 3_600_000, door="entrance")
    with site.accounts.write() as db:
        passwords.save_password_hash(db, ADMIN.id, "hash")
        sessions.add_session(db, "token", ADMIN.id, now.utc)
        sessions.remember_browser(db, "browser", ADMIN.id, now.utc)
    done = keep(site, tmp_path / "kept").restore(tmp_path / "restored", site)
    assert (done.config.data / "registry" / "accounts.db").stat().st_mode & 0o777 == 0o600
    with again(done, site) as new:
        with new.accounts.read() as db:
            assert passwords.password_hash(db, ADMIN.id) == "hash"
            assert sessions.session(db, "token") is None
            assert not sessions.is_registered_browser(db, "browser", ADMIN.id)
            assert not sessions.is_set_up_code(db, code, now.utc)
        with new.registry.read() as db:
            assert door_rows.orders_after(db, 0) == []
            assert operators.operator(db, ADMIN.id) == ADMIN
        with new.registry.write() as db:  # an order's number is never used again
            assert orders.add_order(db, ADMIN, now, OrderType.UNLOCK_ONCE, 1, door="entrance") == 2
        with running_door(new) as door:
            door.wait_for("order_refused", "order_done")
            assert door.log("order_done") == []
            assert door.level == 0


def test_erasure_cancelled_after_the_backup_is_not_carried_out_after_its_restore(site: Site, tmp_path: Path):
    """The restored log has the request without the cancellation: the door would erase the name as well."""
    person = people.add(site.acting(MACHINE), "残る 花子").id
    request_erasure(site, person, site.now())
    with running_door(site) as door:
        door.wait_for("erasure_pending")
        kept = keep(site, tmp_path / "kept")
    erasing.cancel(site.acting(MACHINE), person)
    done = kept.restore(tmp_path / "restored", site)
    assert done.cancelled_erasures == 1
    with again(done, site) as new:
        assert erasing.all_pending(new.acting(MACHINE)) == []
        assert erasing.carry_out_due(new, later(days=8)) == 0
        assert people.get(new.acting(MACHINE), person).name == "残る 花子"
        with running_door(new) as door:
            *_, cancelled = door.wait_for("operator_action", count=4)
            assert (cancelled["action"], cancelled["object_id"]) == ("erasure_cancelled", person)


def test_backup_of_a_restored_folder_can_be_restored(site: Site, kept: Kept, tmp_path: Path):
    first = kept.restore(tmp_path / "first", site)
    with again(first, site) as new:
        second = keep(new, tmp_path / "kept-again").restore(tmp_path / "second", new)
    assert second.records == first.records + 1
    assert second.log_key != first.log_key
    assert genkan_verify.answer(data=tmp_path / "second").code == genkan_verify.OK


def test_modes_let_each_service_have_its_own_and_nobody_else_anything(site: Site, kept: Kept, tmp_path: Path):
    data = tmp_path / "restored"
    kept.restore(data, site)
    for path in data.rglob("*"):
        assert path.stat().st_mode & 0o007 == 0 or path.name == "log.vkey", path
    assert (data / "registry").stat().st_mode & 0o777 == 0o750
    assert (data / "registry" / "registry.db").stat().st_mode & 0o777 == 0o640
    assert (data / "keys" / "door").stat().st_mode & 0o777 == 0o700


def refused(kept: Kept, data: Path, site: Site) -> str:
    """Nothing is left: not the folder, not anything beside it."""
    before = sorted(data.parent.iterdir())
    with pytest.raises(InstallerError) as refusal:
        kept.restore(data, site)
    assert sorted(data.parent.iterdir()) == before
    message = str(refusal.value)
    assert "\n" not in message and ".restoring" not in message
    return message


def test_folder_that_is_in_use_is_refused(site: Site, kept: Kept, tmp_path: Path):
    data = tmp_path / "restored"
    data.mkdir()
    (data / "something").write_text("mine")
    assert "not empty" in refused(kept, data, site)
    assert "not empty" in refused(kept, site.config.data, site)
    (data / "something").unlink()
    assert kept.restore(data, site).records > 0
    file = tmp_path / "file"
    file.write_text("mine")
    assert "not a folder" in refused(kept, file, site)
    with pytest.raises(InstallerError, match="does not exist"):
        kept.restore(tmp_path / "missing" / "restored", site)


def test_wrong_identity_wrong_keys_and_keys_for_a_backup_each_have_their_sentence(
    site: Site, kept: Kept, tmp_path: Path
):
    data = tmp_path / "new" / "restored"
    data.parent.mkdir()
    (tmp_path / "else").mkdir()
    stranger = Keyring().decipher(tmp_path / "else")
    assert "another recipient" in refused(Kept(kept.file, kept.keys, stranger, kept.ring), data, site)
    other = keep(site, tmp_path / "other", kept.ring)
    message = refused(Kept(kept.file, other.keys, kept.opened, kept.ring), data, site)
    assert "does not belong to" in message
    message = refused(Kept(kept.keys, kept.keys, kept.opened, kept.ring), data, site)
    assert "--from and --keys are swapped" in message
    message = refused(Kept(kept.file, kept.file, kept.opened, kept.ring), data, site)
    assert str(kept.file) in message
    missing = Kept(kept.file, tmp_path / "missing", kept.opened, kept.ring)
    assert "No such file" in refused(missing, data, site)


@pytest.mark.parametrize("left", [0, 150, 5000, -1, -3000])
@pytest.mark.parametrize("which", ["file", "keys"])
def test_cut_file_is_refused(site: Site, kept: Kept, tmp_path: Path, which: str, left: int):
    data = tmp_path / "new" / "restored"
    data.parent.mkdir()
    file: Path = getattr(kept, which)
    file.write_bytes(file.read_bytes()[:left])
    message = refused(kept, data, site)
    assert str(file) in message
    assert "cut short" in message or "not complete" in message or left == 0


def rebuilt(
    kept: Kept, change: Callable[[dict[str, bytes]], object], folder: Path, version: int = VERSION
) -> Kept:
    """A backup with other contents, as its own maker would write it."""
    found = inside(kept.file, kept.opened)
    about = json.loads(found[MANIFEST])
    found["about"] = json.dumps(about).encode()
    change(found)
    folder.mkdir()
    about = json.loads(found.pop("about"))
    members = []
    for name, content in found.items():
        if name not in (FIRST, MANIFEST):
            file = folder / name.replace("/", "_")
            file.write_bytes(content)
            members.append(Member(name, file))
    about.pop("files")
    with (folder / "backup.age").open("w+b") as target:
        kept.ring.cipher().encrypt(BackupArchive(members, about, version), target)
    return Kept(folder / "backup.age", kept.keys, kept.opened, kept.ring)


def newer(name: str) -> Callable[[dict[str, bytes]], object]:
    def change(found: dict[str, bytes]) -> None:
        about = json.loads(found["about"])
        about["schemas"][name] = 999
        found["about"] = json.dumps(about).encode()

    return change


def no_accounts(found: dict[str, bytes]) -> None:
    del found["registry/accounts.db"]


def damaged_accounts(found: dict[str, bytes]) -> None:
    found["registry/accounts.db"] = b"x" * 9000


def edited_record(found: dict[str, bytes]) -> None:
    found["journal/journal.db"] = found["journal/journal.db"].replace(
        b'"result":"granted"', b'"result":"grantad"'
    )


def other_configuration(found: dict[str, bytes]) -> None:
    found["genkan.toml"] = b"[site"


def no_database(found: dict[str, bytes]) -> None:
    found["registry/registry.db"] = b"x" * 9000


def no_log(found: dict[str, bytes]) -> None:
    found["journal/journal.db"] = b"x" * 9000


def strange_name(found: dict[str, bytes]) -> None:
    found["../outside"] = b"x"


def private_key(found: dict[str, bytes]) -> None:
    found["keys/door/log-1-00000000.key"] = b"x" * 32


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (newer("registry"), "newer Genkan"),
        (newer("journal"), "newer Genkan"),
        (newer("accounts"), "newer Genkan"),
        (no_accounts, "lacks registry/accounts.db"),
        (damaged_accounts, "accounts.db is damaged"),
        (edited_record, "not complete"),
        (other_configuration, "not valid TOML"),
        (no_database, "registry"),
        (no_log, "journal"),
        (strange_name, "damaged"),
        (private_key, "damaged"),
    ],
)
def test_backup_that_is_not_in_order_is_refused_with_why(
    site: Site, kept: Kept, tmp_path: Path, change: Callable[[dict[str, bytes]], object], why: str
):
    data = tmp_path / "new" / "restored"
    data.parent.mkdir()
    assert why in refused(rebuilt(kept, change, tmp_path / "rebuilt"), data, site)
    assert not (tmp_path / "outside").exists()


def test_backup_from_before_accounts_had_a_file_of_their_own_is_restored_with_its_passwords(
    site: Site, kept: Kept, tmp_path: Path
):
    def earlier(found: dict[str, bytes]) -> None:
        no_accounts(found)
        registry_at(8, tmp_path / "registry.db")
        found["registry/registry.db"] = (tmp_path / "registry.db").read_bytes()
        about = json.loads(found["about"])
        about["schemas"] = {"registry": 8, "journal": about["schemas"]["journal"]}
        found["about"] = json.dumps(about).encode()

    data = tmp_path / "restored"
    done = rebuilt(kept, earlier, tmp_path / "rebuilt").restore(data, site)
    assert (data / "registry" / "accounts.db").stat().st_mode & 0o777 == 0o600
    with again(done, site) as new, new.accounts.read() as db:
        assert passwords.password_hash(db, "a") == "hash"
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_newer_backup_format_is_refused(site: Site, kept: Kept, tmp_path: Path):
    later = rebuilt(kept, len, tmp_path / "rebuilt", version=2)
    assert "newer Genkan (backup format 2" in refused(later, tmp_path / "restored", site)


class _Full(Decipher):
    def decrypt(self, file: Path, target: io.BufferedIOBase) -> None:  # type: ignore[override]
        raise OSError(28, "No space left on device", "archive.tar")


def test_full_disk_leaves_nothing(site: Site, kept: Kept, tmp_path: Path):
    full = Kept(kept.file, kept.keys, _Full(kept.opened.identities), kept.ring)
    assert "No space left" in refused(full, tmp_path / "restored", site)


def test_what_a_killed_restore_left_is_gone_after_the_next(site: Site, kept: Kept, tmp_path: Path):
    left = tmp_path / ".restored-abc.restoring"
    left.mkdir()
    (left / "journal.db").write_text("names")
    kept.restore(tmp_path / "restored", site)
    assert not left.exists()


def test_pin_is_right_after_a_restore(site: Site, tmp_path: Path):
    person = people.add(site.acting(ADMIN), "山田 花子")
    pins.set_pin(site.acting(ADMIN), person.id, "204867", "204867")
    with running_door(site):
        kept = keep(site, tmp_path / "kept")
    with again(kept.restore(tmp_path / "restored", site), site) as new, new.registry.read() as db:
        stored = pin_of(db, person.id)
    assert stored is not None
    assert check_pin(new.key, person.id, "204867", stored) is PinResult.RIGHT
