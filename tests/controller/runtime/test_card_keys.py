"""What the door gives a card to prove, and what its folder holds."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.issuing import door_key
from controller.issuing.wrapping import DoorPublicKey, wrap
from controller.model.card_keys import CardKey, FoundKey, NoUsableKey, UnknownKey, UnusableKey
from controller.model.credentials import Assurance, CardNumber
from controller.model.events import Event, EventType
from controller.model.operators import MACHINE
from controller.model.signals import CardPresented
from controller.model.unproved import Unproved
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.registry.rights import key_source
from controller.runtime.card_keys import CardKeys
from controller.runtime.last_good import LastGood
from controller.services.acting import Acting
from controller.services.people import badges, card_keys
from controller.services.site import Site
from firmware_bridge.messages import CardFound, CardRead, ProveKey
from tests.controller.drivers.dialogue import Dialogue
from tests.controller.issuing_side import STATION, file_of, issued, public_key, trust
from tests.controller.rights import record_rights, wait_until_on_record
from tests.controller.runtime.decide_thread import DecideThread
from tests.controller.site import BADGE, STRANGER, admit, running_door
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW
from tests.waiting import LONG

KEY = STATION.card_key(bytes.fromhex(BADGE.hex), 1)


class DoorSide:
    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.alarms = site, list[Event]()
        self.keys = site.config.data / "keys"

        def open_lookup() -> Lookup:
            return Lookup(site.registry.file)

        self.last_good = LastGood(open_lookup, folder / "copy" / "registry.db", lambda: NOW, lambda: None)
        self.card_keys = CardKeys(
            open_lookup,
            self.keys,
            lambda number: card_hash(site.key, number),
            self.last_good,
            self.alarms.append,
            lambda: NOW,
        )

    def asks(self, number: CardNumber = BADGE) -> FoundKey:
        return self.card_keys.find_key("entrance-in", number)

    @property
    def causes(self) -> list[object]:
        assert all(event.type is EventType.CARD_KEYS_UNUSABLE for event in self.alarms)
        return [event.codes["cause"] for event in self.alarms]


@pytest.fixture
def side(site: Site, tmp_path: Path) -> Iterator[DoorSide]:
    admit(site)
    side = DoorSide(site, tmp_path)
    yield side
    side.card_keys.close()


def give(site: Site, *lines) -> None:
    """By a station that signs any line."""
    trust(site)
    report = card_keys.check(
        Acting(site, MACHINE, NOW), file_of(*(line.signed(STATION.key) for line in lines))
    )
    card_keys.publish(Acting(site, MACHINE, NOW), report.import_id or "")


def test_badge_with_a_key_is_asked_for_it_and_others_are_not(site: Site, side: DoorSide):
    assert side.asks() is None
    give(site, issued(site, BADGE.hex))
    assert side.asks() == CardKey(KEY, 1)
    assert side.asks(STRANGER) is None
    give(site, issued(site, BADGE.hex, 2))
    assert side.asks() == CardKey(STATION.card_key(bytes.fromhex(BADGE.hex), 2), 2)
    assert side.alarms == []


def test_lost_badge_is_asked_for_nothing_any_more(site: Site, side: DoorSide):
    give(site, issued(site, BADGE.hex))
    badge = badges.find_by_number(Acting(site, MACHINE, NOW), BADGE.hex)
    badges.report_lost(Acting(site, MACHINE, NOW), badge.id)
    assert side.asks() is None


def test_last_good_copy_answers_when_the_registry_cannot_be_read(site: Site, side: DoorSide):
    give(site, issued(site, BADGE.hex))
    assert side.last_good.poll(NOW) and side.asks() is not None
    side.card_keys.close()
    site.close()
    site.registry.file.write_bytes(b"no database" * 1000)
    assert side.asks() == CardKey(KEY, 1)


def test_copy_that_knows_no_key_does_not_say_that_there_is_none(site: Site, side: DoorSide):
    """It may be older than the key; the decide thread may have the registry open all the same."""
    assert side.last_good.poll(NOW) and side.asks() is None
    give(site, issued(site, BADGE.hex))
    side.card_keys.close()
    site.close()
    site.registry.file.write_bytes(b"no database" * 1000)
    assert side.asks() == UnknownKey()


def test_card_that_a_reader_could_not_ask_is_refused_where_its_badge_has_a_key_and_only_there(site: Site):
    admit(site)
    admit(site, STRANGER, "佐藤 愛")
    give(site, issued(site, BADGE.hex))
    with running_door(site) as door:
        door.service.on_reader_signal(CardPresented("entrance-in", BADGE, unproved=Unproved.UNASKED))
        denied = door.wait_for("access_denied")[0]
        assert (denied["person"], denied["reason"]) == ("山田 花子", "card_unreadable")
        door.service.on_reader_signal(CardPresented("entrance-in", STRANGER, unproved=Unproved.UNASKED))
        granted = door.wait_for("access_granted")[0]
        assert (granted["person"], granted.get("unproved")) == ("佐藤 愛", None)


def test_without_registry_and_copy_nobody_can_tell(site: Site, side: DoorSide):
    give(site, issued(site, BADGE.hex))
    site.close()
    site.registry.file.write_bytes(b"no database" * 1000)
    assert side.asks() == UnknownKey() and side.alarms == []


def test_question_that_hangs_on_the_disk_holds_up_neither_another_reader_nor_the_end(
    site: Site, side: DoorSide, monkeypatch: pytest.MonkeyPatch
):
    give(site, issued(site, BADGE.hex))
    hangs, goes_on = threading.Event(), threading.Event()
    read = Lookup.card_key

    def hang_once(lookup: Lookup, card: bytes) -> object:
        if not hangs.is_set():
            hangs.set()
            goes_on.wait()
        return read(lookup, card)

    monkeypatch.setattr(Lookup, "card_key", hang_once)
    answers: list[FoundKey] = []
    hanging, another = (threading.Thread(target=lambda: answers.append(side.asks())) for _ in range(2))
    hanging.start()
    assert hangs.wait(LONG)
    try:
        another.start()
        another.join(LONG)
        assert answers == [CardKey(KEY, 1)]
        end = threading.Thread(target=side.card_keys.close)
        end.start()
        end.join(LONG)
        assert not end.is_alive()
    finally:
        goes_on.set()
        hanging.join(LONG)
    assert answers == [CardKey(KEY, 1)] * 2


def test_restored_registry_is_seen(site: Site, side: DoorSide, tmp_path: Path):
    site.registry.copy_into(tmp_path / "earlier.db")
    give(site, issued(site, BADGE.hex))
    assert side.asks() is not None
    site.close()
    for file in site.registry.file.parent.glob("registry.db-*"):
        file.unlink()
    (tmp_path / "earlier.db").replace(site.registry.file)
    assert side.asks() is None


def test_lost_private_half_counts_as_no_key_and_is_an_alarm_once(site: Site, side: DoorSide):
    give(site, issued(site, BADGE.hex))
    door_key.private_file(side.keys).unlink()
    assert (side.asks(), side.asks()) == (NoUsableKey(), NoUsableKey())
    assert side.causes == ["no_private_key"]


def test_key_for_another_door_counts_as_none_and_is_an_alarm_before_anybody_taps(site: Site, side: DoorSide):
    """A registry restored to a new box."""
    give(site, issued(site, BADGE.hex))
    door_key.private_file(side.keys).unlink()
    door_key.make(side.keys)
    assert side.card_keys.warm(None) is False  # type: ignore[arg-type]
    assert side.causes == ["another_door"]
    assert side.asks() == NoUsableKey() and len(side.alarms) == 1


def test_no_alarm_where_no_badge_has_a_key(site: Site, side: DoorSide):
    door_key.private_file(side.keys).unlink()
    side.card_keys.warm(None)  # type: ignore[arg-type]
    assert side.alarms == []


def test_key_moved_from_another_badge_is_refused_and_the_alarm_names_it_once(site: Site, side: DoorSide):
    """Somebody who may write the registry's file cannot make one badge prove another's key."""
    other = "0114B34D0000C3D5"
    give(site, replace(issued(site, BADGE.hex), wrapped=issued(site, other).wrapped))
    assert (side.asks(), side.asks()) == (UnusableKey(), UnusableKey()) and side.causes == ["damaged"]
    alarm = side.alarms[0]
    assert alarm.person and alarm.credential and alarm.reader == "entrance-in"
    assert alarm.details == {"name": "山田 花子", "last_four": BADGE.last_four}


def test_one_key_for_another_door_is_refused_where_the_door_has_keys_of_its_own(site: Site, side: DoorSide):
    """All keys for another door's pair: a restored box, where everybody counts by the number."""
    elsewhere = DoorPublicKey(os.urandom(32))
    give(site, issued(site, BADGE.hex))
    with sqlite3.connect(site.registry.file) as db:
        db.execute("UPDATE card_keys SET door = ?, wrapped = ?", (elsewhere.id, bytes(64)))
    assert side.asks() == NoUsableKey() and side.causes == ["another_door"]
    admit(site, STRANGER, "佐藤 愛")
    give(site, issued(site, STRANGER.hex))
    assert side.asks() == UnusableKey() and isinstance(side.asks(STRANGER), CardKey)
    assert side.causes == ["another_door", "another_door"]
    assert [event.person is not None for event in side.alarms] == [False, True]


@pytest.mark.parametrize(
    "row", ["key_version = -1", "key_version = 70000", "wrapped = x''", "wrapped = x'00'"]
)
def test_row_that_makes_no_sense_is_refused(site: Site, side: DoorSide, row: str):
    give(site, issued(site, BADGE.hex))
    with sqlite3.connect(site.registry.file) as db:
        db.execute(f"UPDATE card_keys SET {row}")
    assert side.asks() == UnusableKey() and side.causes == ["damaged"]


@pytest.mark.parametrize("key", [bytes(16), b"\xff" * 16, bytes(range(0x30, 0x40)), b"sesame open door"])
def test_weak_key_is_refused(site: Site, side: DoorSide, key: bytes):
    weak = wrap(public_key(site), BADGE, 1, key)
    give(site, replace(issued(site, BADGE.hex), wrapped=weak))
    assert side.asks() == UnusableKey() and side.causes == ["weak"]


def test_folder_of_a_door_holds_wrapped_keys_of_its_own_badges_and_no_master(site: Site, side: DoorSide):
    """A stolen door reveals its own badges' keys, and nothing that opens another door."""
    elsewhere = DoorPublicKey(os.urandom(32))
    lines = [issued(site, BADGE.hex), issued(site, STRANGER.hex), issued(site, BADGE.hex, 2, elsewhere)]
    give(site, *lines)
    assert side.asks() is not None and side.last_good.poll(NOW)
    side.card_keys.close()
    site.close()
    stored = b"".join(file.read_bytes() for file in site.config.data.rglob("*") if file.is_file())
    assert lines[0].wrapped in stored
    secrets = [*STATION.masters.values(), STATION.system]
    secrets += [STATION.card_key(bytes.fromhex(n.hex), v) for n in (BADGE, STRANGER) for v in (1, 2)]
    for secret in (*secrets, lines[1].wrapped, lines[2].wrapped):
        for form in (secret, secret.hex().encode(), secret.hex().upper().encode()):
            assert form not in stored


EDITS = {
    "another key": ("UPDATE card_keys SET wrapped = ?", "authentication_failed"),
    "no key": ("DELETE FROM card_keys WHERE wrapped <> ?", "card_unreadable"),
    "a key of another door": (
        "UPDATE card_keys SET door = 'elsewhere', bought = length(?)",
        "authentication_failed",
    ),
}


@pytest.mark.parametrize("while_deciding", [False, True])
@pytest.mark.parametrize(("edit", "reason"), EDITS.values(), ids=EDITS)
def test_key_that_is_in_the_registry_only_while_the_card_proves_it_opens_nothing(
    site: Site, edit: str, reason: str, while_deciding: bool
):
    """Put back before the door looks up the badge, or while the card waits for the log."""
    admit(site)
    give(site, issued(site, BADGE.hex))
    record_rights(site)
    with running_door(site) as door:
        wait_until_on_record(door)
        talk = Dialogue(lambda number: door.service.card_keys.find_key("entrance-in", number))

        def present() -> None:
            is_asked = isinstance(talk.replies[-1], ProveKey)
            proof = Assurance.CARD_KEY if is_asked else Assurance.NUMBER_ONLY
            talk.hear(CardRead(1, "felica", BADGE.hex, proof))
            door.service.on_reader_signal(talk.signals[-1])

        with unrecorded(site.registry) as db:
            (row,) = db.execute("SELECT * FROM card_keys").fetchall()
            db.execute(edit, (wrap(public_key(site), BADGE, 1, os.urandom(16)),))
        talk.hear(CardFound(1, "felica", BADGE.hex))
        if while_deciding:
            present()
            door.pass_time(0.1)
        with unrecorded(site.registry) as db:
            db.execute(f"INSERT OR REPLACE INTO card_keys VALUES ({', '.join('?' * len(row))})", tuple(row))
        if not while_deciding:
            present()
        assert door.wait_for("access_denied")[0]["reason"] == reason
        talk.hear(CardFound(1, "felica", BADGE.hex))
        present()
        assert door.wait_for("access_granted")[0]["assurance"] == Assurance.CARD_KEY


def test_key_that_the_log_lacks_opens_nothing_while_an_operators_action_waits(site: Site):
    admit(site)
    give(site, issued(site, BADGE.hex))
    record_rights(site)
    thread = DecideThread(site, lacks_records=True)
    assert thread.last_good.poll(thread.now)
    with unrecorded(site.registry) as db:
        db.execute("UPDATE card_keys SET wrapped = ?", (wrap(public_key(site), BADGE, 1, os.urandom(16)),))
        (key,) = db.execute("SELECT key_version, wrapped, door, chip FROM card_keys").fetchall()
    proved = CardPresented("entrance-in", BADGE, Assurance.CARD_KEY, key_source=key_source(*key))
    thread.decide.handle(proved, thread.now)
    thread.wait(300)
    assert thread.results == ["authentication_failed", "refused"]
    thread.registry.close()
