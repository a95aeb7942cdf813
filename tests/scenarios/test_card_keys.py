"""Stories of badges that prove who they are, from `genkan tap` through nfcpy and the bridge to the log."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.assembly import DoorService
from controller.config import load
from controller.drivers.bridge_reader import open_readers
from controller.model.card_keys import CardKey
from controller.model.credentials import CardNumber
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorRules, RuleBook
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.runtime.clock import Clock
from controller.services.people import card_keys
from controller.services.rules import books as rule_books
from controller.services.site import Site
from firmware_bridge.simulator import card_file
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.hostile_lite_s import LeavingCard
from firmware_bridge.simulator.lite_s import LiteSFace
from tests.controller.commands.command import done, genkan
from tests.controller.commands.issue.test_station import PASSPHRASE, Desk
from tests.controller.issuing.quick_station import quick_station
from tests.controller.issuing_side import STATION, file_of, issued, trust
from tests.controller.site import CONFIG, STRANGER, Door, admit
from tests.patience import PATIENT
from tests.ports import free_port
from tests.scenarios.demo import patient
from tests.waiting import LONG, until

BADGE = CardNumber.parse("012E4CD1A5C0FFEE")
KEY = CardKey(bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1"), 2)
OTHER_KEY = "C4D1F0A2730B9E586112CF7A4E83D95B"


class KeyedDoor(Door):
    """With its real readers; KEY stands for the registry's, unless the door is to ask that itself."""

    def __init__(self, site: Site, stack: contextlib.ExitStack, asks_the_registry: bool = False) -> None:
        self.site = site
        self.service = DoorService(site.config, stack, limits=PATIENT)
        if not asks_the_registry:
            self.service.readers.clear()
            self.service.readers.update(open_readers(site.config, self._card_key))
        self.key_requests: list[str] = []
        self.service.start()

    def _card_key(self, reader: str, number: CardNumber) -> CardKey | None:
        self.key_requests.append(reader)
        return KEY if number == BADGE else None

    def tap(self, reader: str, *badge: str | Path) -> str:
        words = ("tap", "--data", self.site.config.data, "--reader", reader, "--hold", "1.5", *badge)
        return done(genkan(*words, program=patient())).text.strip()

    @property
    def releases(self) -> int:
        return len(self.log("lock_released"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    data = tmp_path / "data"
    data.mkdir()
    config = CONFIG.replace('127.0.0.1:1"', f'127.0.0.1:{free_port(socket.SOCK_DGRAM)}"')
    config = config.replace('127.0.0.1:2"', f'127.0.0.1:{free_port(socket.SOCK_DGRAM)}"')
    (data / "genkan.toml").write_text(config, "utf-8")
    loaded = load(data / "genkan.toml")
    Site.init(loaded)
    with Site.open(loaded, Clock().now) as site:
        admit(site, BADGE)
        admit(site, STRANGER, "佐藤 愛")
        yield site


@contextlib.contextmanager
def running(site: Site, asks_the_registry: bool = False) -> Iterator[KeyedDoor]:
    with contextlib.ExitStack() as stack:
        door = KeyedDoor(site, stack, asks_the_registry)
        try:
            door.wait_for("reader_online", count=2)
            yield door
        finally:
            door.service.stop()


@pytest.fixture
def door(site: Site) -> Iterator[KeyedDoor]:
    with running(site) as door:
        yield door


def denied(door: KeyedDoor, count: int = 1) -> list[tuple[Any, ...]]:
    lines = door.wait_for("access_denied", count=count)
    return [(line["reason"], line["person"], line["badge"], line["assurance"]) for line in lines]


def test_badge_proves_its_key_and_a_copy_of_its_number_is_refused_named_and_an_alarm(door: KeyedDoor) -> None:
    idm = ("--idm", BADGE.hex)
    assert door.tap("entrance-in", *idm, "--key", KEY.key.hex(), "--key-version", "2") == "granted"
    granted = door.wait_for("access_granted")[0]
    assert (granted["assurance"], granted["person"]) == (2, "山田 花子")
    until(lambda: door.releases == 1)

    assert door.tap("entrance-in", *idm, "--key", OTHER_KEY) == "denied: authentication_failed"
    assert door.tap("entrance-in", *idm) == "denied: authentication_failed"  # a number and nothing behind it
    refused = ("authentication_failed", "山田 花子", "FFEE", 0)
    assert denied(door, 2) == [refused, refused] and door.releases == 1
    assert [line["unproved"] for line in door.log("access_denied")] == ["wrong", "silent"]
    alarm = door.wait_for("badge_not_proved", count=2)[0]
    assert (alarm["person"], alarm["badge"], alarm["reader"]) == ("山田 花子", "FFEE", "entrance-in")


def test_badge_removed_before_it_has_proved_its_key_is_named_and_an_alarm_the_third_time(
    door: KeyedDoor,
) -> None:
    reader = door.site.config.readers["entrance-in"].path.split(":")
    for _ in range(3):
        away = LeavingCard(LiteSFace.with_key(bytes.fromhex(BADGE.hex), KEY.key, 2), 1)
        assert VirtualCard((reader[1], int(reader[2])), away).present(2.0, LONG)
    lines = door.wait_for("access_denied", count=3)
    assert {(line["reason"], line["person"], line["unproved"]) for line in lines} == {
        ("authentication_failed", "山田 花子", "left")
    }
    assert len(door.wait_for("badge_not_proved")) == 1 and door.releases == 0


@pytest.mark.parametrize("step", ["begun", "keyed", "locked"])
def test_card_pulled_away_at_the_station_is_refused_after_each_step_though_its_number_would_do(
    door: KeyedDoor, step: str
) -> None:
    """The badge of this number has no key here yet: what the door goes by is what the card says itself."""
    half = ("--idm", STRANGER.hex, "--half-issued", step)
    assert door.tap("entrance-in", *half) == "denied: card_half_issued"
    assert denied(door) == [("card_half_issued", "佐藤 愛", STRANGER.hex[-4:], 0)]
    alarm = door.wait_for("badge_half_issued")[0]
    assert (alarm["person"], alarm["reader"]) == ("佐藤 愛", "entrance-in")
    assert door.releases == 0 and door.log("badge_not_proved") == []
    assert door.tap("entrance-out", *half) == "granted"


def test_card_as_it_was_sold_is_a_number_that_opens_a_door_which_asks_for_no_more(
    door: KeyedDoor, tmp_path: Path
) -> None:
    assert door.tap("entrance-in", "--card", tmp_path / "card", "--idm", STRANGER.hex) == "granted"
    granted = door.wait_for("access_granted")[0]
    assert (granted["assurance"], granted["person"]) == (0, "佐藤 愛")


def test_door_that_asks_for_a_key_takes_no_number_and_lets_everybody_out(door: KeyedDoor) -> None:
    book = RuleBook(
        doors={
            "entrance": DoorRules(
                "entrance", rules={RuleName.ASSURANCE: AssuranceSetting(RuleMode.ENFORCE, 2)}
            )
        }
    )
    rule_books.publish(door.site.acting(MACHINE), book, "")
    assert door.tap("entrance-in", "--idm", STRANGER.hex) == "denied: assurance_too_low"
    proves = ("--idm", BADGE.hex, "--key", KEY.key.hex(), "--key-version", "2")
    assert door.tap("entrance-in", *proves) == "granted"
    until(lambda: door.releases == 1)
    door.key_requests.clear()
    assert door.tap("entrance-out", "--idm", BADGE.hex, "--key", OTHER_KEY) == "granted"
    assert door.key_requests == []


def test_badge_whose_key_is_damaged_is_refused_and_an_alarm_names_its_holder(site: Site) -> None:
    """Changed data for the door never turn a badge that proves a key into a copyable number."""
    spoiled = replace(issued(site, BADGE.hex), wrapped=bytes(64)).signed(STATION.key)
    trust(site)
    report = card_keys.check(site.acting(MACHINE), file_of(spoiled))
    card_keys.publish(site.acting(MACHINE), report.import_id or "")
    with running(site, asks_the_registry=True) as door:
        assert door.tap("entrance-in", "--idm", BADGE.hex) == "denied: authentication_failed"
        assert denied(door) == [("authentication_failed", "山田 花子", "FFEE", 0)]
        alarm = door.wait_for("card_keys_unusable")[0]
        assert (alarm["person"], alarm["badge"], alarm["reader"]) == ("山田 花子", "FFEE", "entrance-in")
        assert door.releases == 0
        assert door.tap("entrance-out", "--idm", BADGE.hex) == "granted"


def test_card_from_the_factory_is_not_a_badge_though_it_has_its_number(
    door: KeyedDoor, tmp_path: Path
) -> None:
    card = tmp_path / "card"
    assert door.tap("entrance-in", "--card", card, "--idm", BADGE.hex) == "denied: authentication_failed"
    assert door.tap("entrance-in", "--card", card) == "denied: authentication_failed"
    assert door.releases == 0


def test_card_keyed_at_the_station_proves_itself_at_the_door(site: Site, tmp_path: Path) -> None:
    """From a card as it was bought to a record of assurance 2; nothing stands for anything."""
    data, card = site.config.data, tmp_path / "card"
    desk = Desk(tmp_path)
    quick_station(desk.station, PASSPHRASE, demo=True)
    (tmp_path / "door.txt").write_text(done(genkan("issue", "public-key", "--data", data)).text)
    with desk.held(card_file.new_card(card, BADGE.hex)):
        desk.issued()
    done(genkan("issue", "import", "--data", data, desk.out, "--trust-station", desk.id))
    with running(site, asks_the_registry=True) as door:
        assert door.tap("entrance-in", "--card", card) == "granted"
        granted = door.wait_for("access_granted")[0]
        assert (granted["assurance"], granted["person"], granted["badge"]) == (2, "山田 花子", "FFEE")
        assert door.tap("entrance-in", "--idm", BADGE.hex, "--key", OTHER_KEY) == (
            "denied: authentication_failed"
        )
        assert denied(door) == [("authentication_failed", "山田 花子", "FFEE", 0)]
        assert door.tap("entrance-in", "--idm", STRANGER.hex) == "granted"  # it has no key, and none is asked
        assert door.wait_for("access_granted", count=2)[1]["assurance"] == 0
