import base64
import itertools
import json
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.config import OsdpPath, ReaderConfig
from controller.drivers.bridge_reader import Bridge, BridgeReader, nfc_command, osdp_command
from controller.model.actions import Indication
from controller.model.card_keys import CardKey
from controller.model.credentials import Assurance, CardNumber, CredentialKind
from controller.model.reasons import DenyReason
from controller.model.signals import (
    CardPresented,
    CardRefused,
    ReaderOffline,
    ReaderOnline,
    ReaderSignal,
)
from controller.model.unproved import Unproved
from firmware_bridge.messages import CardFound, CardRead
from firmware_bridge.problems import Problem, ProblemCode
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.hostile import HostileCard
from firmware_bridge.simulator.lite_s import LiteSFace
from tests.firmware_bridge.nfc.field import held
from tests.ports import free_port
from tests.waiting import LONG, until

pytestmark = pytest.mark.process

IDM = "0101031284C0FFEE"
BADGE = CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM))
LONG_RUN = [pytest.mark.long, pytest.mark.timeout(3600)]
BROKEN = Problem(ProblemCode.BRIDGE_ENDED, {"end": "exit 1"})


class Rig:
    """A reader with the real bridge program behind it, and everything it said."""

    def __init__(self, reader: BridgeReader) -> None:
        self.reader = reader
        self.signals: list[ReaderSignal] = []
        reader.start(self.signals.append)

    def wait(self, kind: type[ReaderSignal], count: int = 1, seconds: float = LONG) -> list[ReaderSignal]:
        return until(
            lambda: len(self.of(kind)) >= count and self.of(kind), seconds, f"{count} {kind.__name__}"
        )

    def of(self, kind: type[ReaderSignal]) -> list[ReaderSignal]:
        return [signal for signal in self.signals if isinstance(signal, kind)]


@pytest.fixture
def field() -> tuple[str, int]:
    return "127.0.0.1", free_port(socket.SOCK_DGRAM)


@pytest.fixture
def rig(field: tuple[str, int], tmp_path: Path) -> Iterator[Rig]:
    config = ReaderConfig("entrance-in", "entrance-in", "udp:{}:{}".format(*field))
    rig = Rig(BridgeReader("entrance-in", nfc_command(config, tmp_path)))
    rig.wait(ReaderOnline)
    yield rig
    rig.reader.stop()


Start = Callable[[str], Rig]


@pytest.fixture
def scripted() -> Iterator[Start]:
    """A reader whose bridge runs this Python code; `say` writes one message, `hear` reads one line."""
    head = (
        "import json, os, signal, sys\n"
        "def say(type, **fields): os.write(1, (json.dumps({'type': type, **fields}) + '\\n').encode())\n"
        "def hear(): return json.loads(sys.stdin.buffer.readline() or sys.exit())\n"
        "say('heartbeat', looks=0)\n"
    )
    rigs: list[Rig] = []

    def start(script: str) -> Rig:
        rigs.append(Rig(BridgeReader("entrance-in", [sys.executable, "-c", head + script])))
        return rigs[-1]

    yield start
    for rig in rigs:
        rig.reader.stop()


def test_badge_held_to_the_reader_is_one_signal_each_time(rig: Rig, field: tuple[str, int]) -> None:
    for times in (1, 2):
        assert VirtualCard(field, FelicaFace(IDM)).present(0.3, LONG)
        assert rig.wait(CardPresented, times) == [BADGE] * times
    assert [type(s) for s in rig.signals] == [ReaderOnline, CardPresented, CardPresented]


def test_type_a_badge_is_presented_and_a_phone_is_refused_once(rig: Rig, field: tuple[str, int]) -> None:
    assert VirtualCard(field, TypeAFace("04112233445566")).present(0.3, LONG)
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", CardNumber(CredentialKind.TYPE_A, "04112233445566"))
    ]
    number = CardNumber(CredentialKind.TYPE_A, "08112233")
    with held(VirtualCard(field, TypeAFace("08112233"))):
        assert rig.wait(CardRefused) == [CardRefused("entrance-in", DenyReason.CARD_NUMBER_RANDOM, number)]


def test_cable_pulled_is_offline_once_and_plugged_in_reads_again(
    rig: Rig, field: tuple[str, int], tmp_path: Path
) -> None:
    cable.unplug(tmp_path, "entrance-in")
    (offline,) = rig.wait(ReaderOffline)
    assert isinstance(offline, ReaderOffline) and offline.problem == "not_there"
    cable.plug(tmp_path, "entrance-in")
    rig.wait(ReaderOnline, 2)
    assert VirtualCard(field, FelicaFace(IDM)).present(0.1, LONG)
    assert rig.wait(CardPresented) == [BADGE]
    assert len(rig.of(ReaderOffline)) == 1 and rig.reader.restarts == 0


def test_bridge_that_hangs_is_killed_and_its_successor_reads(rig: Rig, field: tuple[str, int]) -> None:
    hung = rig.reader.process_id
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    (offline,) = rig.wait(ReaderOffline)
    assert isinstance(offline, ReaderOffline) and offline.problem == "bridge_silent"
    rig.wait(ReaderOnline, 2)
    assert not Path(f"/proc/{hung}").exists()
    assert VirtualCard(field, FelicaFace(IDM)).present(0.1, LONG)
    assert rig.wait(CardPresented) == [BADGE]


def test_bridge_that_dies_is_started_again_every_time(rig: Rig, field: tuple[str, int]) -> None:
    for times in (1, 2, 3):
        process = rig.reader.process_id
        assert process is not None
        os.kill(process, signal.SIGKILL)
        rig.wait(ReaderOffline, times)
        rig.wait(ReaderOnline, times + 1)
    assert VirtualCard(field, FelicaFace(IDM)).present(0.1, LONG)
    assert rig.wait(CardPresented) == [BADGE]


@pytest.mark.parametrize("cards", [300, pytest.param(10_000, marks=LONG_RUN)])
def test_hostile_cards_leave_the_same_bridge_reading(
    rig: Rig, field: tuple[str, int], figure: Callable[[str], None], cards: int
) -> None:
    """Nothing they answer is another card, and none holds the loop up for a second."""
    process = rig.reader.process_id
    answered: list[float] = []

    class Timed(HostileCard):
        def answers(self, datagram: bytes) -> list[bytes]:
            answered.append(time.monotonic())
            return super().answers(datagram)

    card = Timed(field, random.Random(1))
    thread = threading.Thread(target=card.present, args=(3600.0, 60.0))
    thread.start()
    until(lambda: card.answered >= cards, 3600.0)
    card.leave()
    thread.join()
    honest = CardNumber(CredentialKind.FELICA, "0102030405060708")  # no trick of the hostile card makes it
    presented = CardPresented("entrance-in", honest)
    assert presented not in rig.signals
    assert VirtualCard(field, FelicaFace(honest.hex)).present(0.1, LONG)
    until(lambda: rig.signals[-1] == presented)
    assert rig.reader.process_id == process and rig.of(ReaderOffline) == []
    slowest = max(later - earlier for earlier, later in itertools.pairwise(answered))
    figure(f"{card.answered:,} hostile answers, at most {slowest:.2f} s between two looks")
    assert cards < 10_000 or slowest <= 1.0


def test_stopped_reader_leaves_no_process(rig: Rig) -> None:
    process = rig.reader.process_id
    rig.reader.stop()
    assert rig.reader.process_id is None and not Path(f"/proc/{process}").exists()
    assert rig.of(ReaderOffline) == []


def test_bridge_ignoring_the_end_of_stdin_is_killed_at_stop(scripted: Start) -> None:
    rig = scripted("say('device_online', device='x')\nsignal.pause()")
    rig.wait(ReaderOnline)
    process = rig.reader.process_id
    rig.reader.stop()
    assert not Path(f"/proc/{process}").exists()


def test_program_that_does_not_exist_is_an_offline_reader_reported_once() -> None:
    rig = Rig(BridgeReader("entrance-in", ["/nowhere/bridge"]))
    until(lambda: rig.reader.restarts >= 2)
    rig.reader.stop()
    assert [type(s) for s in rig.signals] == [ReaderOffline]


def test_garbage_from_the_bridge_is_counted_and_the_next_message_is_heard(scripted: Start) -> None:
    rig = scripted(
        "os.write(1, b'x' * 65536 + b'\\n' + b'{}\\n[]\\n\\xff\\xfe\\n\\0\\n')\n"
        "for text in ['\"; DROP TABLE', '$(reboot)', '%n%s', \"' OR 1=1 --\", 'FFFF\\0FFFF', '0' * 700]:\n"
        "    say('card_found', presentation=1, kind='felica', number=text); hear()\n"
        "    say('card_presented', presentation=1, kind='felica', number=text, assurance=0)\n"
        "say('card_refused', presentation=1, reason='door_open', number='00')\n"
        "say('device_online', device='x')\n"
        "hear()"
    )
    assert rig.wait(ReaderOnline) == [ReaderOnline("entrance-in", "x")]
    assert rig.signals == [ReaderOnline("entrance-in", "x")]
    assert rig.reader.bad_lines == 5 + 6 + 1


def test_bridge_that_does_not_hear_never_blocks_the_door(scripted: Start) -> None:
    rig = scripted("say('device_online', device='x')\nsignal.pause()")
    rig.wait(ReaderOnline)
    for _ in range(20_000):  # far more than the pipe holds
        rig.reader.show(Indication.GRANTED)


def test_orders_of_the_door_reach_the_bridge(scripted: Start) -> None:
    """The bridge reports each order that it hears as the reason why its reader is offline."""
    rig = scripted(
        "say('device_online', device='x')\n"
        "while True: say('device_offline', problem='not_there', fields={'path': json.dumps(hear())})"
    )
    rig.wait(ReaderOnline)
    rig.reader.show(Indication.REFUSED)
    rig.reader.open_install()
    rig.reader.switch(True)
    heard = [s.fields["path"] for s in rig.wait(ReaderOffline, 3) if isinstance(s, ReaderOffline)]
    assert [json.loads(str(order)) for order in heard] == [
        {"type": "show", "indication": "refused"},
        {"type": "open_install"},
        {"type": "switch_relay", "active": True},
    ]


def test_listener_that_fails_does_not_stop_the_reader(caplog: pytest.LogCaptureFixture) -> None:
    reader = BridgeReader("entrance-in", ["/nowhere/bridge"])
    heard: list[ReaderSignal] = []

    def listener(signal: ReaderSignal) -> None:
        heard.append(signal)
        raise RuntimeError("queue gone")

    reader.start(listener)
    until(lambda: reader.restarts >= 2)
    reader.stop()
    assert reader.receive(CardFound(1, "felica", IDM)) and reader.receive(CardRead(1, "felica", IDM, 0))
    assert [type(signal) for signal in heard] == [ReaderOffline, CardPresented] and heard[1] == BADGE
    assert caplog.text.count("may only queue") == 2 and IDM not in caplog.text


def test_no_log_at_debug_nor_the_bridges_stderr_holds_a_card_number(
    field: tuple[str, int],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    config = ReaderConfig("entrance-in", "entrance-in", "udp:{}:{}".format(*field))
    rig = Rig(BridgeReader("entrance-in", nfc_command(config, tmp_path)))
    rig.wait(ReaderOnline)
    assert VirtualCard(field, FelicaFace(IDM)).present(0.1, LONG)
    rig.wait(CardPresented)
    rig.reader.stop()
    out, err = capfd.readouterr()
    for text in (caplog.text, out, err, repr(rig.signals)):
        assert IDM.lower() not in text.lower() and str(int(IDM, 16)) not in text


def test_no_log_at_debug_nor_the_bridges_stderr_holds_a_card_key(
    field: tuple[str, int],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """With a card that proves it, one that does not, and one that does not answer."""
    caplog.set_level(logging.DEBUG)
    config = ReaderConfig("entrance-in", "entrance-in", "udp:{}:{}".format(*field))
    command = nfc_command(config, tmp_path, proofs=True)
    rig = Rig(BridgeReader("entrance-in", command, card_key=lambda number: KEY))
    rig.wait(ReaderOnline)
    idm = bytes.fromhex(IDM)
    faces = [LiteSFace.with_key(idm, KEY.key), LiteSFace.with_key(idm, KEY.key[::-1]), FelicaFace(IDM)]
    for count, face in enumerate(faces, 1):
        with held(VirtualCard(field, face)):
            until(lambda n=count: len(rig.of(CardPresented)) + len(rig.of(CardRefused)) == n)
    rig.reader.stop()
    out, err = capfd.readouterr()
    for text in (caplog.text, out, err, repr(rig.signals)):
        for hidden in spelled(KEY.key):
            assert hidden not in text.lower()


def spelled(key: bytes) -> list[str]:
    """Hexadecimal, base64 and decimal, as it is and as the card stores it; in lower case."""
    stored = key[7::-1] + key[:7:-1]
    return [
        text.lower()
        for one in (key, stored, key[:8], key[8:])
        for text in (one.hex(), base64.b64encode(one).decode().rstrip("="), str(int.from_bytes(one, "big")))
    ]


KEY = CardKey(bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1"), 1)


def test_failing_search_for_a_key_leaves_an_unproved_card_and_a_log_line_without_its_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(number: CardNumber) -> CardKey | None:
        raise RuntimeError(number.hex)

    reader, signals = BridgeReader("entrance-in", ["unused"], card_key=fail), []
    reader._listener = signals.append
    assert reader.receive(CardFound(1, "felica", IDM)) and reader.receive(CardRead(1, "felica", IDM, 0))
    assert signals == [CardPresented("entrance-in", BADGE.number, unproved=Unproved.UNASKED)]
    assert "No card key could be read for reader entrance-in (RuntimeError)" in caplog.text
    assert IDM not in caplog.text


def test_card_with_the_key_is_proved_through_the_real_bridge_and_a_copy_is_not(
    field: tuple[str, int], tmp_path: Path
) -> None:
    config = ReaderConfig("entrance-in", "entrance-in", "udp:{}:{}".format(*field))
    command = nfc_command(config, tmp_path, proofs=True)
    assert "--proofs" in command
    rig = Rig(BridgeReader("entrance-in", command, card_key=lambda number: KEY))
    try:
        rig.wait(ReaderOnline)
        idm = bytes.fromhex(IDM)

        def is_in_message(key: bytes) -> bool:
            """False where a busy machine let the card be late, which counts as gone."""
            presented, refused = len(rig.of(CardPresented)), len(rig.of(CardRefused))
            with held(VirtualCard(field, LiteSFace.with_key(idm, key))):
                until(lambda: len(rig.of(CardPresented)) > presented or len(rig.of(CardRefused)) > refused)
            return len(rig.of(CardPresented)) > presented

        for key in (KEY.key, KEY.key[::-1]):
            until(lambda key=key: is_in_message(key))  # type: ignore[misc]
        first, second = rig.of(CardPresented)
        assert first == CardPresented("entrance-in", BADGE.number, Assurance.CARD_KEY)
        assert second == CardPresented("entrance-in", BADGE.number, unproved=Unproved.WRONG)
    finally:
        rig.reader.stop()


def test_command_for_a_real_reader_has_no_cable(tmp_path: Path) -> None:
    real = ReaderConfig("entrance-in", "entrance-in", "usb:054c:06c3")
    virtual = ReaderConfig("entrance-in", "entrance-in", "udp:127.0.0.1:54321")
    assert "--cable" not in nfc_command(real, tmp_path) and "--cable" not in nfc_command(virtual, None)
    assert nfc_command(virtual, tmp_path)[-2:] == ["--cable", str(tmp_path / "unplugged-entrance-in")]


def test_command_for_a_pcsc_reader_starts_its_own_bridge(tmp_path: Path) -> None:
    command = nfc_command(ReaderConfig("entrance-in", "entrance-in", "pcsc:A 00 00"), tmp_path)
    assert command[3:] == ["firmware_bridge.pcsc", "--reader", "entrance-in", "--path", "pcsc:A 00 00"]


def test_command_for_a_virtual_port_names_its_file(tmp_path: Path) -> None:
    virtual = ReaderConfig("entrance-in", "entrance-in", "tty:pty:usb-1")
    assert nfc_command(virtual, tmp_path)[-2:] == ["--device", str(tmp_path / "pn532-usb-1")]


class Two:
    """Two readers behind one bridge, which runs this Python code."""

    def __init__(self, script: str) -> None:
        head = (
            "import json, os, sys\n"
            "def say(type, **fields): os.write(1, (json.dumps({'type': type, **fields}) + '\\n').encode())\n"
            "def hear(): return json.loads(sys.stdin.buffer.readline() or sys.exit())\n"
            "say('heartbeat', looks=0)\n"
        )
        bridge = Bridge([sys.executable, "-c", head + script])
        self.first, self.second = BridgeReader("a", bridge), BridgeReader("b", bridge)
        self.signals: list[ReaderSignal] = []

    def __enter__(self) -> "Two":
        for reader in (self.first, self.second):
            reader.start(self.signals.append)
        return self

    def __exit__(self, *_: object) -> None:
        self.first.stop()
        self.second.stop()


def test_each_reader_of_one_bridge_hears_what_is_reported_of_it_and_no_other() -> None:
    card = "presentation=1, kind='wiegand', number='1A0048D159'"
    script = (
        "say('device_online', device='x', reader='a')\nsay('device_online', device='y', reader='b')\n"
        f"say('card_found', {card}, reader='b')\n"
        "assert hear() == {'type': 'number_only', 'presentation': 1, 'reader': 'b'}\n"
        f"say('card_presented', {card}, assurance=0, reader='a')\n"
        f"say('card_presented', {card}, assurance=0, reader='b')\n"
        "say('device_online', device='z', reader='nobody')\nsay('device_online', device='z')\n"
        "say('device_offline', problem='not_there', fields={'path': json.dumps(hear())}, reader='a')\nhear()"
    )
    with Two(script) as two:
        number = CardNumber(CredentialKind.WIEGAND, "1A0048D159")
        until(lambda: CardPresented("b", number) in two.signals)
        assert two.signals == [ReaderOnline("a", "x"), ReaderOnline("b", "y"), CardPresented("b", number)]
        until(lambda: two.first.bad_lines == 3)
        two.second.show(Indication.GRANTED)
        until(lambda: len(two.signals) == 4)
        offline = two.signals[3]
        assert isinstance(offline, ReaderOffline) and offline.reader == "a"
        assert json.loads(str(offline.fields["path"])) == {
            "type": "show",
            "indication": "granted",
            "reader": "b",
        }


def test_death_of_a_shared_bridge_is_reported_by_each_of_its_readers() -> None:
    with Two("say('device_online', device='x', reader='a')") as two:
        until(lambda: len(two.signals) >= 3)
        offline = [s for s in two.signals if isinstance(s, ReaderOffline)]
        assert {s.reader for s in offline} == {"a", "b"}
        assert (offline[0].problem, offline[0].fields) == ("bridge_ended", {"end": "exit 0"})


def test_bridge_that_starts_again_hears_what_the_lock_on_its_relay_needs(scripted: Start) -> None:
    """Each run of the bridge reports what it hears first as its device, and ends."""
    rig = scripted("say('device_online', device=json.dumps(hear()))")
    rig.reader.switch(True)
    heard = [s.device for s in rig.wait(ReaderOnline, 2) if isinstance(s, ReaderOnline)]
    assert [json.loads(line) for line in heard] == [{"type": "switch_relay", "active": True}] * 2


def test_bridge_that_keeps_ending_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    bridge = Bridge(["unused"], lambda: now[0])
    readers = [BridgeReader(name, bridge, lambda: now[0]) for name in ("a", "b")]
    signals: list[ReaderSignal] = []
    for reader in readers:
        reader._listener = signals.append
    for count in range(1200):
        now[0] = count / 2
        bridge._on_start()
        bridge._on_end(BROKEN)
    assert [signal.reader for signal in signals] == ["a", "b"]
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert set(logged) == {f"Bridge of reader a, b: {BROKEN}. Starting it again."}
    assert 6 <= len(logged) <= 16


def test_readers_of_one_line_share_a_bridge(tmp_path: Path) -> None:
    members = {"a": 0, "b": 7}
    command = osdp_command(OsdpPath.parse("osdp:USB0:0:9600"), members, tmp_path / "keys", tmp_path)
    assert command[3:] == [
        *("firmware_bridge.osdp", "--port", "/dev/ttyUSB0", "--baud", "9600"),
        *("--reader", "a:0", "--reader", "b:7", "--keys", str(tmp_path / "keys")),
    ]
    virtual = osdp_command(OsdpPath.parse("osdp:pty:l:0"), members, tmp_path / "keys", tmp_path)
    assert virtual[virtual.index("--port") + 1] == str(tmp_path / "osdp-l")
