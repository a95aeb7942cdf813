"""Badges that make up a message at each reading (SUN), and recordings of it, from the tap to the log."""

import contextlib
import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.config import load
from controller.drivers.bridge_reader import BridgeReader
from controller.model.credentials import CardNumber
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorRules, RuleBook
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.runtime.clock import Clock
from controller.services.people import badges, card_keys, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from firmware_bridge import messages
from firmware_bridge.nfc import sun_mac
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.ntag424 import Ntag424Face, RecordedFace
from tests.controller.commands.command import done, genkan
from tests.controller.commands.issue.test_station import PASSPHRASE, Desk
from tests.controller.erasure import erase, without_waiting
from tests.controller.issuing.quick_station import quick_station
from tests.controller.issuing_side import STATION, file_of, sun_issued, trust
from tests.controller.site import CONFIG, admit
from tests.scenarios.demo import Demo
from tests.scenarios.test_card_keys import KeyedDoor, free_port, running
from tests.waiting import until

BADGE = CardNumber.parse("04DE5F1EACC040")
UID = bytes.fromhex(BADGE.hex)
KEY = STATION.sun_key(UID, 1)
WRONG_KEY = os.urandom(16)
CARD = ("--uid", BADGE.hex, "--key", KEY.hex().upper())
REPLAYED = "denied: card_replayed"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    data = tmp_path / "data"
    data.mkdir()
    config = CONFIG
    for number in (1, 2):
        config = config.replace(f'127.0.0.1:{number}"', f'127.0.0.1:{free_port()}"')
    (data / "genkan.toml").write_text(config, "utf-8")
    loaded = load(data / "genkan.toml")
    Site.init(loaded)
    with Site.open(loaded, Clock().now) as site:
        admit(site, BADGE)
        give_key(site)
        yield site


def give_key(site: Site, version: int = 1) -> None:
    trust(site)
    report = card_keys.check(site.acting(MACHINE), file_of(sun_issued(site, BADGE.hex, version)))
    card_keys.publish(site.acting(MACHINE), report.import_id or "")


@contextlib.contextmanager
def door_of(site: Site) -> Iterator[KeyedDoor]:
    with running(site, asks_the_registry=True) as door:
        yield door


def counter(door: KeyedDoor, value: int) -> str:
    return door.tap("entrance-in", *CARD, "--counter", str(value))


def test_badge_is_admitted_once_by_each_of_its_messages_and_a_recording_is_an_alarm(site: Site) -> None:
    with door_of(site) as door:
        assert counter(door, 5) == "granted"
        granted = door.wait_for("access_granted")[0]
        assert (granted["assurance"], granted["person"], granted["reading"]) == (2, "山田 花子", 5)
        assert [counter(door, value) for value in (5, 4)] == [REPLAYED, REPLAYED]
        refused = door.wait_for("access_denied", count=2)[0]
        assert (refused["person"], refused["badge"], refused["assurance"]) == ("山田 花子", "C040", 0)
        alarm = door.wait_for("badge_not_proved", count=2)[0]
        assert (alarm["person"], alarm["badge"], alarm["reader"]) == ("山田 花子", "C040", "entrance-in")
        until(lambda: door.releases == 1)
        assert counter(door, 6) == "granted"


def test_card_that_plays_a_recording_is_refused_also_where_uid_and_counter_are_encrypted(
    site: Site,
) -> None:
    address = ("127.0.0.1", int(site.config.readers["entrance-in"].path.rpartition(":")[2]))
    with door_of(site) as door:
        badge = Ntag424Face(BADGE.hex, KEY, 41, encrypted=True)
        assert VirtualCard(address, badge).present(1.5)
        door.wait_for("access_granted")
        assert VirtualCard(address, RecordedFace(BADGE.hex, badge.url())).present(1.5)
        assert [line["reason"] for line in door.wait_for("access_denied")] == ["card_replayed"]
        assert len(door.log("access_granted")) == 1


def test_message_with_a_wrong_mac_never_moves_the_counter(site: Site) -> None:
    """Or anybody could shut a badge out by its number."""
    with door_of(site) as door:
        forged = ("--uid", BADGE.hex, "--key", WRONG_KEY.hex(), "--counter", str(0xFFFFFF))
        assert door.tap("entrance-in", *forged) == "denied: authentication_failed"
        assert door.tap("entrance-in", "--uid", BADGE.hex) == "denied: authentication_failed"
        assert counter(door, 1) == "granted"


def test_reading_that_another_rule_refuses_counts_and_one_on_the_way_out_does_not(site: Site) -> None:
    badge = badges.find_by_number(site.acting(MACHINE), BADGE.hex)
    with door_of(site) as door:
        badges.suspend(site.acting(MACHINE), badge.id, "forgotten at home")
        assert counter(door, 8) == "denied: credential_suspended"
        badges.resume(site.acting(MACHINE), badge.id)
        assert door.tap("entrance-out", *CARD, "--counter", "20") == "granted"
    with door_of(site) as door:  # what was read is known to the log, not only to that process
        assert [counter(door, value) for value in (8, 9)] == [REPLAYED, "granted"]


def test_door_that_asks_for_a_proved_key_takes_the_badge(site: Site) -> None:
    rules = {RuleName.ASSURANCE: AssuranceSetting(RuleMode.ENFORCE, 2)}
    book = RuleBook(doors={"entrance": DoorRules("entrance", rules=rules)})
    rule_books.publish(site.acting(MACHINE), book, "")
    with door_of(site) as door:
        assert counter(door, 1) == "granted"


def test_new_key_begins_a_new_count_and_an_erased_person_leaves_the_old_one(site: Site) -> None:
    without_waiting(site)
    with door_of(site) as door:
        assert counter(door, 30) == "granted"
        give_key(site, 2)
        key = STATION.sun_key(UID, 2).hex()
        assert door.tap("entrance-in", "--uid", BADGE.hex, "--key", key, "--counter", "1") == "granted"
        (holder,) = people.named(site.acting(MACHINE), "山田 花子")
        erase(site, holder.id, site.now())
        door.wait_for("person_erased")
        admit(site, BADGE, "佐藤 愛")
        give_key(site, 2)
        assert door.tap("entrance-in", "--uid", BADGE.hex, "--key", key, "--counter", "1") == REPLAYED
        assert door.tap("entrance-in", "--uid", BADGE.hex, "--key", key, "--counter", "2") == "granted"


class Player:
    """Replaces a bridge: passes on a card's messages as fast as the door reads them."""

    def __init__(self, door: KeyedDoor) -> None:
        self._door, self._count = door, 0
        reader: Any = door.service.readers["entrance-in"]
        assert isinstance(reader, BridgeReader)
        self._reader = reader

    def plays(self, value: int, key: bytes = KEY) -> None:
        self._count -= 1
        here = 2**40 + self._count  # none of the bridge's own
        self._reader.receive(messages.CardFound(here, "type_a", BADGE.hex))
        content = BADGE.hex + f"{value:06X}"
        mac = sun_mac.mac(key, UID, value).hex()
        assert self._reader.receive(messages.SunMessageRead(here, "type_a", BADGE.hex, content, mac))


@pytest.mark.parametrize(
    "tries", [40, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_no_recording_admits_anybody_before_or_after_a_restart(site: Site, tries: int) -> None:
    """Figure: half of the messages at the door that read the card, half after it restarted."""
    with door_of(site) as door:
        Player(door).plays(tries)
        door.wait_for("access_granted")
        player = Player(door)
        for value in range(tries // 2):
            player.plays(tries - value)
        door.wait_for("access_denied", count=tries // 2, seconds=300)
    with door_of(site) as door:
        player = Player(door)
        for value in range(tries // 2):
            player.plays(tries - value)
        refused = door.wait_for("access_denied", count=tries, seconds=300)
        print(f"\n{len(refused)} recordings played, {len(door.log('access_granted')) - 1} let in")
        assert {line["reason"] for line in refused} == {"card_replayed"} and len(refused) == tries
        assert len(door.log("access_granted")) == 1


def test_killed_door_knows_what_it_has_read(
    tmp_path: Path,
) -> None:
    """From `genkan issue sun` to `kill -9` of everything: nothing stands for anything."""
    demo, desk = Demo(tmp_path / "data"), Desk(tmp_path)
    try:
        quick_station(desk.station, PASSPHRASE, demo=True)
        (tmp_path / "door.txt").write_text(done(genkan("issue", "public-key", "--data", demo.data)).text)
        keys = tmp_path / "keys.csv"
        options = ("--for", tmp_path / "door.txt", "--out", desk.out, "--keys", keys)
        done(desk.genkan("sun", "--uid", BADGE.hex, *options))
        ((_, key, _),) = list(csv.reader(keys.open()))[1:]
        demo.command("badge", "add", "--holder", "山田 花子", "--idm", BADGE.hex, "--level", "Everywhere")
        done(genkan("issue", "import", "--data", demo.data, desk.out, "--trust-station", desk.id))

        def tap(value: int, with_key: str = key) -> str:
            until(lambda: demo._is_there("entrance-in"), what="the reader is online")
            badge = ("--uid", BADGE.hex, "--key", with_key, "--counter", str(value))
            return demo.command("tap", "--reader", "entrance-in", "--hold", "1.5", *badge).strip()

        assert tap(5) == "granted"
        demo.pull_the_plug()
        demo.start()
        assert [tap(5), tap(2), tap(99, WRONG_KEY.hex()), tap(6)] == [
            REPLAYED,
            REPLAYED,
            "denied: authentication_failed",
            "granted",
        ]
    finally:
        demo.stop()
