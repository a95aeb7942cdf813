import base64
import itertools
import json
import logging
import os
import random
import re
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
from controller.model.card_keys import CardKey, UnusableKey
from controller.model.credentials import Assurance, CardNumber, CredentialKind
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.signals import (
    CardPresented,
    CardRefused,
    Condition,
    InstallState,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderOffline,
    ReaderOnline,
    ReaderSignal,
)
from controller.model.unproved import Unproved
from firmware_bridge.messages import DeviceOffline, DeviceOnline
from firmware_bridge.nfc import sun_mac
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
CRASHED = Problem(ProblemCode.BRIDGE_ENDED, {"end": "signal 11, SIGSEGV"})


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
        "import json, os, sys, time\n"
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
    rig = scripted("say('device_online', device='x')\nwhile True: say('heartbeat', looks=1); time.sleep(0.1)")
    rig.wait(ReaderOnline)
    process = rig.reader.process_id
    rig.reader.stop()
    assert not Path(f"/proc/{process}").exists()


def test_program_that_does_not_exist_is_an_offline_reader_told_once() -> None:
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


HOSTILE_TEXT = r"""
import random
chance = random.Random(6)
parts = ["'", '"', ';', '--', '$(reboot)', '`id`', '%n', '%s', chr(0), '\\', '../', '<b>', chr(0xD800)]
parts += [chr(0x202E), 'é', '１', '0' * 16, IDM, 'F' * 1000, ' ', '\n', '{', ']', '&&', '\x1b[2J']
parts += ['DROP TABLE events', "' OR 1=1 --"]
rest = COUNT
while rest:
    rest -= 1
    text = ''.join(chance.choice(parts) for _ in range(chance.randrange(1, 6)))
    match chance.randrange(8):
        case 0:
            os.write(1, text.encode('utf-8', 'surrogatepass') + b'\n')
        case 1:
            os.write(1, chance.randbytes(chance.randrange(2000)).replace(b'\n', b'') + b'\n')
        case 2 if chance.random() < 0.05:
            line = b'{"type": "' + b'x' * 65536 + b'\n'
            while line: line = line[os.write(1, line):]
        case 3:
            say(text, presentation=1)
        case 4:
            say('device_offline', problem='not_there', fields={'path': text})
            say('device_offline', problem=text, fields={})
        case _:
            kind = chance.choice(['felica', 'type_a', 'wiegand', text])
            say('card_found', presentation=rest, kind=kind, number=text)
            say('card_presented', presentation=rest, kind=kind, number=text, assurance=0)
    if rest % 500 == 0: say('heartbeat', looks=1)
say('card_found', presentation=COUNT, kind='felica', number='0102030405060708')
say('card_presented', presentation=COUNT, kind='felica', number='0102030405060708', assurance=0)
say('device_online', device='x')
while True: hear()
"""


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=LONG_RUN)])
def test_hostile_text_is_no_card_but_where_it_is_a_whole_number(scripted: Start, count: int) -> None:
    """The door accepts as a card only hexadecimal of a card's length, among SQL, formats, NULs and lines
    of 64 KiB."""
    rig = scripted(HOSTILE_TEXT.replace("COUNT", str(count)).replace("IDM", repr(IDM)))
    rig.wait(ReaderOnline, seconds=600.0)
    numbers = [signal.number for signal in rig.of(CardPresented)]
    assert numbers.pop() == CardNumber(CredentialKind.FELICA, "0102030405060708")
    assert all(number is not None and re.fullmatch("([0-9A-F]{2})+", number.hex) for number in numbers)
    assert {number.hex for number in numbers} <= {"0" * 16, IDM, *("0" * size for size in (8, 14, 20))}
    assert rig.reader.restarts == 0 and count / 2 < rig.reader.bad_lines < 2 * count
    for away in rig.of(ReaderOffline):
        assert isinstance(away, ReaderOffline) and away.problem in ("not_there", "bridge_silent")
        path = str(away.fields.get("path", ""))
        assert path.isprintable() and len(path) <= 240


@pytest.mark.parametrize(
    "said",
    [
        {"presentation": 2, "kind": "felica", "number": IDM, "assurance": 0},  # never found
        {"presentation": 1, "kind": "felica", "number": "0101031284C0FFEF", "assurance": 0},  # another card
        {"presentation": 1, "kind": "type_a", "number": IDM, "assurance": 0},
        {"presentation": 1, "kind": "felica", "number": IDM, "assurance": 3},  # proves what nobody asked for
    ],
)
def test_card_other_than_the_one_found_is_not_presented(scripted: Start, said: dict[str, object]) -> None:
    rig = scripted(
        f"say('card_found', presentation=1, kind='felica', number={IDM!r})\n"
        "assert hear() == {'type': 'number_only', 'presentation': 1}\n"
        f"say('card_presented', **json.loads({json.dumps(said)!r}))\n"
        "say('device_online', device='x')\nhear()"
    )
    rig.wait(ReaderOnline)
    assert rig.of(CardPresented) == [] and rig.reader.bad_lines == 1


def test_presentation_said_twice_is_presented_once(scripted: Start) -> None:
    card = f"presentation=1, kind='felica', number={IDM!r}"
    rig = scripted(
        f"say('card_found', {card}); hear()\n"
        f"for _ in range(2): say('card_presented', {card}, assurance=0)\n"
        "say('device_online', device='x')\nhear()"
    )
    rig.wait(ReaderOnline)
    assert rig.of(CardPresented) == [BADGE] and rig.reader.bad_lines == 1


def test_card_found_by_a_bridge_that_died_is_not_presented_by_its_successor(
    scripted: Start, tmp_path: Path
) -> None:
    card = f"presentation=1, kind='felica', number={IDM!r}"
    rig = scripted(
        f"first = {str(tmp_path / 'first')!r}\n"
        "if not os.path.exists(first):\n"
        f"    open(first, 'w'); say('card_found', {card}); hear(); sys.exit()\n"
        f"say('card_presented', {card}, assurance=0)\n"
        "say('device_online', device='x')\nhear()"
    )
    rig.wait(ReaderOnline)
    assert rig.of(CardPresented) == [] and rig.reader.restarts == 1


def test_text_from_a_device_is_one_printable_line(scripted: Start) -> None:
    path = "'a\\n\\ud800\\x1b[2J\\u202e' + 'b' * 500"
    rig = scripted(f"say('device_offline', problem='not_there', fields={{'path': {path}}})\nhear()")
    (offline,) = rig.wait(ReaderOffline)
    assert isinstance(offline, ReaderOffline)
    shown = str(offline.fields["path"])
    assert shown.isprintable() and len(shown) == 240
    shown.encode("utf-8")


def test_bridge_that_does_not_hear_never_blocks_the_door(scripted: Start) -> None:
    rig = scripted("say('device_online', device='x')\nwhile True: say('heartbeat', looks=1); time.sleep(0.1)")
    rig.wait(ReaderOnline)
    for _ in range(20_000):  # far more than the pipe holds
        rig.reader.show(Indication.GRANTED)


def test_reader_shows_what_the_door_says(scripted: Start) -> None:
    rig = scripted(
        "say('device_online', device='x')\n"
        "say('device_offline', problem='not_there', fields={'path': json.dumps(hear())})\nhear()"
    )
    rig.wait(ReaderOnline)
    rig.reader.show(Indication.REFUSED)
    (offline,) = rig.wait(ReaderOffline)
    assert isinstance(offline, ReaderOffline)
    assert json.loads(str(offline.fields["path"])) == {"type": "show", "indication": "refused"}


def test_listener_that_fails_does_not_stop_the_reader(
    field: tuple[str, int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = ReaderConfig("entrance-in", "entrance-in", "udp:{}:{}".format(*field))
    reader = BridgeReader("entrance-in", nfc_command(config, tmp_path))
    heard: list[ReaderSignal] = []

    def listener(said: ReaderSignal) -> None:
        heard.append(said)
        raise RuntimeError("queue gone")

    reader.start(listener)
    until(lambda: heard)
    assert VirtualCard(field, FelicaFace(IDM)).present(0.1, LONG)
    until(lambda: BADGE in heard)
    reader.stop()
    assert "may only queue" in caplog.text and IDM not in caplog.text


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
FOUND = """
say('card_found', presentation=1, kind='felica', number='0101031284C0FFEE')
asked = hear()
if asked['type'] == 'prove_key': assert asked['key'] == '3a9f41c7e2086bd5914c7ef23d60a8b1'
say('device_online', device=asked['type'])
"""


@pytest.fixture
def keyed(scripted: Start, monkeypatch: pytest.MonkeyPatch) -> Start:
    """As `scripted`, with a reader at which every FeliCa card has KEY, and of the others SUN alone."""
    whole = BridgeReader

    def key_of(number: CardNumber) -> CardKey | None:
        return KEY if number.kind is CredentialKind.FELICA or number == SUN else None

    monkeypatch.setattr(
        sys.modules[__name__],
        "BridgeReader",
        lambda name, command: whole(name, command, card_key=key_of),
    )
    return scripted


def test_badge_with_a_key_is_presented_as_proved_once_the_card_has_proved_it(keyed: Start) -> None:
    rig = keyed(
        FOUND + "say('card_presented', presentation=1, kind='felica', "
        "number='0101031284C0FFEE', assurance=2)\ntime.sleep(60)"
    )
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM), Assurance.CARD_KEY)
    ]
    assert rig.wait(ReaderOnline) == [ReaderOnline("entrance-in", "prove_key")]


@pytest.mark.parametrize("number", ["01020304", "04112233445566", "04112233445566778899"])
def test_type_a_card_without_a_key_is_a_number_and_no_proof_of_it_is_believed(
    scripted: Start, number: str
) -> None:
    """MIFARE Classic, its clones and every other card whose key nobody knows."""
    card = f"presentation={{}}, kind='type_a', number='{number}'"
    rig = scripted(
        f"say('card_found', {card.format(1)}); assert hear()['type'] == 'number_only'\n"
        f"say('card_presented', {card.format(1)}, assurance=2)\n"
        f"say('card_found', {card.format(2)}); hear()\n"
        f"say('card_presented', {card.format(2)}, assurance=0)\nhear()"
    )
    (presented,) = rig.wait(CardPresented)
    assert presented == CardPresented("entrance-in", CardNumber(CredentialKind.TYPE_A, number))
    assert presented.assurance is Assurance.NUMBER_ONLY and rig.reader.bad_lines == 1


@pytest.mark.parametrize("assurance", [0, 2, 3])
def test_type_a_card_with_a_key_is_not_believed_by_its_number(keyed: Start, assurance: int) -> None:
    """A clone of the number of a card that has one."""
    card = f"presentation=1, kind='type_a', number='{SUN.hex}'"
    rig = keyed(
        f"say('card_found', {card}); assert hear()['type'] != 'number_only'\n"
        f"say('card_presented', {card}, assurance={assurance})\nsay('device_online', device='x')\nhear()"
    )
    rig.wait(ReaderOnline)
    assert rig.of(CardPresented) == [] and rig.reader.bad_lines == 1


@pytest.mark.parametrize(
    ("reason", "unproved"),
    [
        ("authentication_failed", Unproved.WRONG),
        ("card_silent", Unproved.SILENT),
        ("card_left", Unproved.LEFT),
        ("card_half_issued", Unproved.HALF_ISSUED),
        ("card_unreadable", Unproved.UNASKED),
    ],
)
def test_badge_with_a_key_that_did_not_prove_it_is_a_signal_that_says_how(
    keyed: Start, reason: str, unproved: Unproved
) -> None:
    rig = keyed(
        FOUND + f"say('card_refused', presentation=1, reason='{reason}', "
        "number='0101031284C0FFEE')\ntime.sleep(60)"
    )
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM), unproved=unproved)
    ]


@pytest.mark.parametrize(
    ("reason", "unproved"),
    [("card_half_issued", Unproved.HALF_ISSUED), ("card_unreadable", Unproved.UNREAD)],
)
def test_badge_without_a_key_whose_card_is_half_issued_or_was_not_read_is_a_signal_that_says_so(
    scripted: Start, reason: str, unproved: Unproved
) -> None:
    rig = scripted(
        FOUND + f"say('card_refused', presentation=1, reason='{reason}', "
        "number='0101031284C0FFEE')\ntime.sleep(60)"
    )
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM), unproved=unproved)
    ]


@pytest.mark.parametrize(
    "said",
    [
        "say('card_presented', presentation=1, kind='felica', number='0101031284C0FFEE', assurance=0)",
        "say('card_presented', presentation=1, kind='felica', number='0101031284C0FFEE', assurance=3)",
        "say('card_presented', presentation=1, kind='felica', number='0101031284C0FFED', assurance=2)",
        "say('card_presented', presentation=2, kind='felica', number='0101031284C0FFEE', assurance=2)",
        "say('card_refused', presentation=1, reason='authentication_failed', number='0101031284C0FFED')",
    ],
)
def test_bridge_that_proves_less_more_or_another_than_asked_is_not_believed(keyed: Start, said: str) -> None:
    rig = keyed(FOUND + said + "\ntime.sleep(60)")
    until(lambda: rig.reader.bad_lines == 1)
    assert rig.of(CardPresented) == [] and rig.of(CardRefused) == []


@pytest.mark.parametrize(
    "said",
    [
        "say('card_presented', presentation=1, kind='felica', number='0101031284C0FFEE', assurance=2)",
        "say('card_refused', presentation=1, reason='authentication_failed', number='0101031284C0FFEE')",
        "say('card_refused', presentation=1, reason='card_silent', number='0101031284C0FFEE')",
        "say('card_refused', presentation=1, reason='card_left', number='0101031284C0FFEE')",
    ],
)
def test_proof_nobody_asked_for_is_not_believed(scripted: Start, said: str) -> None:
    rig = scripted(FOUND + said + "\ntime.sleep(60)")
    until(lambda: rig.reader.bad_lines == 1)
    assert rig.wait(ReaderOnline) == [ReaderOnline("entrance-in", "number_only")]
    assert rig.of(CardPresented) == []


def test_badge_whose_key_cannot_be_used_is_as_one_that_did_not_prove_it(
    scripted: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = BridgeReader
    monkeypatch.setattr(
        sys.modules[__name__],
        "BridgeReader",
        lambda name, command: whole(name, command, card_key=lambda number: UnusableKey()),
    )
    rig = scripted(
        FOUND + "say('card_presented', presentation=1, kind='felica', "
        "number='0101031284C0FFEE', assurance=0)\ntime.sleep(60)"
    )
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM), unproved=Unproved.KEY_UNUSABLE)
    ]
    assert rig.wait(ReaderOnline) == [ReaderOnline("entrance-in", "number_only")]


def test_key_that_cannot_be_found_leaves_a_card_that_was_not_asked_and_a_line_without_it(
    scripted: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(number: CardNumber) -> CardKey | None:
        raise RuntimeError(number.hex)

    whole = BridgeReader
    monkeypatch.setattr(
        sys.modules[__name__], "BridgeReader", lambda name, command: whole(name, command, card_key=fails)
    )
    rig = scripted(
        FOUND + "say('card_presented', presentation=1, kind='felica', "
        "number='0101031284C0FFEE', assurance=0)\ntime.sleep(60)"
    )
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", CardNumber(CredentialKind.FELICA, IDM), unproved=Unproved.UNASKED)
    ]
    assert rig.wait(ReaderOnline) == [ReaderOnline("entrance-in", "number_only")]
    assert "No card key could be read for reader entrance-in (RuntimeError)" in caplog.text
    assert IDM not in caplog.text


UID = "04DE5F1EACC040"
WORD_FOUND = FOUND.replace("felica", "type_a").replace(IDM, UID)
SUN = CardNumber(CredentialKind.TYPE_A, UID)


def word_of(counter: int, key: bytes = KEY.key, uid: str = UID) -> str:
    """What the bridge says it has read from the card."""
    mac = sun_mac.mac(key, bytes.fromhex(uid), counter).hex()
    said = f"kind='type_a', number='{UID}', said='{uid}{counter:06X}', mac='{mac}'"
    return f"say('word_read', presentation=1, {said})"


def test_card_that_says_its_own_message_is_presented_with_the_counter_that_its_mac_vouches_for(
    keyed: Start,
) -> None:
    rig = keyed(WORD_FOUND + word_of(61) + "\ntime.sleep(60)")
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", SUN, Assurance.CARD_KEY, reading=CardReading(KEY.name, 61))
    ]
    assert rig.wait(ReaderOnline) == [ReaderOnline("entrance-in", "read_word")]


@pytest.mark.parametrize("spelt", ["04:DE:5F:1E:AC:C0:40", "04-de-5f-1e-ac-c0-40", "０４DE5F1EACC040"])
def test_card_that_says_its_own_message_is_the_same_however_its_number_is_spelt(
    keyed: Start, spelt: str
) -> None:
    number, other = f"number='{UID}'", f"number='{spelt}'"
    rig = keyed((WORD_FOUND + word_of(61)).replace(number, other) + "\ntime.sleep(60)")
    assert rig.wait(CardPresented) == [
        CardPresented("entrance-in", SUN, Assurance.CARD_KEY, reading=CardReading(KEY.name, 61))
    ]


@pytest.mark.parametrize("said", [word_of(61, bytes(16)), word_of(61, uid="04AABBCCDDEE80")])
def test_message_of_another_key_or_another_card_is_a_proof_that_failed(keyed: Start, said: str) -> None:
    rig = keyed(WORD_FOUND + said + "\ntime.sleep(60)")
    assert rig.wait(CardPresented) == [CardPresented("entrance-in", SUN, unproved=Unproved.WRONG)]


@pytest.mark.parametrize(
    "said",
    [
        f"say('card_presented', presentation=1, kind='type_a', number='{UID}', assurance=0)",
        f"say('card_presented', presentation=1, kind='type_a', number='{UID}', assurance=2)",
        word_of(61).replace("presentation=1", "presentation=2"),
        word_of(61).replace(f"number='{UID}'", "number='04AABBCCDDEE80'"),
        word_of(61).replace("said='", "said='G"),
    ],
)
def test_bridge_that_was_asked_for_a_message_and_says_another_thing_is_not_believed(
    keyed: Start, said: str
) -> None:
    rig = keyed(WORD_FOUND + said + "\ntime.sleep(60)")
    until(lambda: rig.reader.bad_lines == 1)
    assert rig.of(CardPresented) == []


def test_message_nobody_asked_for_is_not_believed(scripted: Start) -> None:
    rig = scripted(WORD_FOUND + word_of(61) + "\ntime.sleep(60)")
    until(lambda: rig.reader.bad_lines == 1)
    assert rig.of(CardPresented) == []


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

        def shown(key: bytes) -> bool:
            """False where a busy machine let the card be late, which counts as gone."""
            presented, refused = len(rig.of(CardPresented)), len(rig.of(CardRefused))
            with held(VirtualCard(field, LiteSFace.with_key(idm, key))):
                until(lambda: len(rig.of(CardPresented)) > presented or len(rig.of(CardRefused)) > refused)
            return len(rig.of(CardPresented)) > presented

        for key in (KEY.key, KEY.key[::-1]):
            until(lambda key=key: shown(key))  # type: ignore[misc]
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


def test_each_reader_of_one_bridge_hears_what_is_said_of_it_and_no_other() -> None:
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


def test_death_of_a_shared_bridge_is_told_by_each_of_its_readers() -> None:
    with Two("say('device_online', device='x', reader='a')") as two:
        until(lambda: len(two.signals) >= 3)
        offline = [s for s in two.signals if isinstance(s, ReaderOffline)]
        assert {s.reader for s in offline} == {"a", "b"}
        assert (offline[0].problem, offline[0].fields) == ("bridge_ended", {"end": "exit 0"})


def test_condition_of_a_reader_is_told_when_it_changes(scripted: Start) -> None:
    rig = scripted(
        "say('condition_changed', condition='tamper', active=False)\n"
        "say('condition_changed', condition='mood', active=True)\n"
        "for active in (True, True, False): say('condition_changed', condition='tamper', active=active)\n"
        "say('condition_changed', condition='power', active=True)\nhear()"
    )
    assert rig.wait(ReaderConditionChanged, 3) == [
        ReaderConditionChanged("entrance-in", Condition.TAMPER, True),
        ReaderConditionChanged("entrance-in", Condition.TAMPER, False),
        ReaderConditionChanged("entrance-in", Condition.POWER, True),
    ]
    assert rig.reader.bad_lines == 1


def test_install_window_is_asked_for_and_what_came_of_it_is_told(scripted: Start) -> None:
    rig = scripted(
        "say('device_online', device='x')\nassert hear() == {'type': 'open_install'}\n"
        "for state in ('opened', 'ajar', 'taken'): say('install_changed', state=state)\nhear()"
    )
    rig.wait(ReaderOnline)
    rig.reader.open_install()
    assert rig.wait(ReaderInstallChanged, 2) == [
        ReaderInstallChanged("entrance-in", InstallState.OPENED),
        ReaderInstallChanged("entrance-in", InstallState.TAKEN),
    ]
    assert rig.reader.bad_lines == 1


def test_bridge_started_anew_is_told_what_the_lock_on_its_relay_wants(scripted: Start) -> None:
    """Each life says what it hears first as its device, and ends."""
    rig = scripted("say('device_online', device=json.dumps(hear()))")
    rig.reader.switch(True)
    heard = [s.device for s in rig.wait(ReaderOnline, 2) if isinstance(s, ReaderOnline)]
    assert [json.loads(said) for said in heard] == [{"type": "switch_relay", "active": True}] * 2


def test_reader_away_for_another_reason_says_the_new_one(scripted: Start) -> None:
    rig = scripted(
        "for path in ('a', 'a', 'b'): say('device_offline', problem='not_there', fields={'path': path})\n"
        "hear()"
    )
    rig.wait(ReaderOffline, 2)
    assert [s.fields for s in rig.of(ReaderOffline) if isinstance(s, ReaderOffline)] == [
        {"path": "a"},
        {"path": "b"},
    ]


def test_reader_with_ever_another_reason_is_told_once_a_minute() -> None:
    """Ten minutes at seven reasons a second; a bridge that reports this is broken or compromised."""
    now = [0.0]
    reader = BridgeReader("entrance-in", ["unused"], lambda: now[0])
    signals: list[ReaderSignal] = []
    reader._listener = signals.append
    for count in range(4200):
        now[0] = count / 7
        assert reader.receive(away_at(f"reason {count % 3}"))
    assert 4 <= len(signals) <= 15
    assert reader.receive(DeviceOnline("reader")) and reader.receive(away_at("reason 9"))
    assert signals[-2:] == [
        ReaderOnline("entrance-in", "reader"),
        ReaderOffline("entrance-in", "not_there", {"path": "reason 9"}),
    ]


def away_at(path: str) -> DeviceOffline:
    return DeviceOffline("not_there", {"path": path})


def away(monotonic: Callable[[], float]) -> tuple[BridgeReader, list[str]]:
    """A reader without a bridge, and the problems it reported."""
    reader, problems = BridgeReader("entrance-in", ["unused"], monotonic), []

    def hear(signal: ReaderSignal) -> None:
        if isinstance(signal, ReaderOffline):
            problems.append(" ".join([signal.problem, *map(str, signal.fields.values())]))

    reader._listener = hear
    return reader, problems


def test_reason_that_had_to_wait_is_told_as_soon_as_it_may() -> None:
    now = [0.0]
    reader, problems = away(lambda: now[0])
    for count in range(10):
        reader.receive(away_at(f"reason {count}"))
    assert len(problems) == 5  # the first, and four others immediately
    reader.report_pending()
    assert len(problems) == 5
    now[0] = 60.0
    reader.report_pending()
    reader.report_pending()
    assert problems[5:] == ["not_there reason 9"]


def test_reason_that_waits_is_not_told_when_the_old_one_holds_again_or_the_reader_is_back() -> None:
    now = [0.0]
    for ending in (away_at("reason 4"), DeviceOnline("reader")):
        reader, problems = away(lambda: now[0])
        for count in range(6):
            reader.receive(away_at(f"reason {count}"))
        reader.receive(ending)
        now[0] += 3600
        reader.report_pending()
        assert problems[-1] == "not_there reason 4"


def test_what_the_next_bridge_says_takes_the_place_of_the_end_of_the_last() -> None:
    """The end of a bridge is soon over; that its successor cannot have the port is what there is to mend."""
    reader, problems = away(lambda: 0.0)
    reader.receive(DeviceOnline("reader"))
    reader.bridge_ended(BROKEN)
    for _ in range(2):
        reader.bridge_started()
        reader.receive(away_at("used"))
        reader.bridge_ended(BROKEN)
    assert problems == [
        "bridge_ended exit 1",
        "not_there used",
    ]


def flap(reader: BridgeReader, now: list[float], until_: float, seconds: float) -> None:
    """For this time, it comes online and its bridge ends immediately, repeatedly."""
    while now[0] < until_:
        reader.bridge_started()
        reader.receive(DeviceOnline("PN532"))
        reader.report_pending()
        reader.bridge_ended(CRASHED)
        now[0] += seconds


def test_bridge_that_dies_as_soon_as_it_reads_is_told_once_a_minute_and_what_stands_in_the_end() -> None:
    now = [0.0]
    reader, signals = BridgeReader("entrance-in", ["unused"], lambda: now[0]), []
    reader._listener = signals.append
    flap(reader, now, 600.0, 0.5)
    kinds = [type(signal) for signal in signals]
    assert kinds == [ReaderOnline, ReaderOffline] * (len(kinds) // 2)
    assert 7 <= kinds.count(ReaderOnline) <= 1 + 6 + 10
    reader.bridge_started()
    reader.receive(DeviceOnline("PN532"))
    told = len(signals)
    assert type(signals[-1]) is ReaderOffline  # the page says so for a minute at most
    now[0] += 60.0
    for _ in range(2):
        reader.report_pending()
    assert signals[told:] == [ReaderOnline("entrance-in", "PN532")]
    reader.bridge_ended(CRASHED)
    assert type(signals[-1]) is ReaderOffline  # and never that it is there when it is not


def test_reader_whose_return_had_to_wait_and_that_is_away_again_is_not_told_to_be_there() -> None:
    now = [0.0]
    for goes in (
        lambda reader: reader.receive(away_at("unplugged")),
        lambda reader: reader.bridge_ended(BROKEN),
    ):
        reader, signals = BridgeReader("entrance-in", ["unused"], lambda: now[0]), []
        reader._listener = signals.append
        flap(reader, now, now[0] + 10.0, 0.5)
        reader.bridge_started()
        reader.receive(DeviceOnline("PN532"))
        goes(reader)
        now[0] += 3600
        reader.report_pending()
        assert type(signals[-1]) is ReaderOffline


def test_reader_that_is_unplugged_and_plugged_in_again_is_told_each_time() -> None:
    """A person is working beside it; no bridge has ended."""
    reader, signals = BridgeReader("entrance-in", ["unused"], lambda: 0.0), []
    reader._listener = signals.append
    for _ in range(20):
        reader.receive(DeviceOnline("PN532"))
        reader.receive(away_at("unplugged"))
    assert [type(signal) for signal in signals] == [ReaderOnline, ReaderOffline] * 20


def test_bridge_that_dies_before_it_says_a_word_is_the_reason_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its reader was unplugged; since then it cannot even start, and to plug it in helps nobody."""
    now = [0.0]
    reader, problems = away(lambda: now[0])
    reader.bridge_started()
    reader.receive(away_at("usb"))
    for count in range(1200):
        now[0] = count / 2
        reader._bridge._on_end(BROKEN)
        reader._bridge._on_start()
    assert problems == [
        "not_there usb",
        "bridge_ended exit 1",
    ]
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert set(logged) == {f"Bridge of reader entrance-in: {BROKEN}. Starting it again."}
    assert 6 <= len(logged) <= 16


def test_reason_that_waits_outlives_its_bridge_and_is_told_without_a_heartbeat() -> None:
    now = [0.0]
    reader, problems = away(lambda: now[0])
    for count in range(10):
        reader.receive(away_at(f"reason {count}"))
    reader.bridge_ended(BROKEN)
    assert len(problems) == 5
    reader.bridge_started()
    now[0] = 60.0
    reader.report_pending()
    assert problems[5:] == ["not_there reason 9"]
    for _ in range(2):
        reader.bridge_ended(BROKEN)
    assert problems[6:] == []
    now[0] = 120.0
    reader.bridge_ended(BROKEN)
    assert problems[6:] == ["bridge_ended exit 1"]


def test_end_of_a_bridge_whose_reader_is_back_takes_the_place_of_what_was_wrong_before() -> None:
    now = [0.0]
    reader, problems = away(lambda: now[0])
    flap(reader, now, 10.0, 0.5)
    reader.bridge_started()
    reader.receive(away_at("unplugged"))
    reader.receive(DeviceOnline("PN532"))  # which has to wait
    reader.bridge_ended(BROKEN)
    assert problems[-2:] == ["not_there unplugged", "bridge_ended exit 1"]


def test_readers_of_one_line_share_a_bridge(tmp_path: Path) -> None:
    members = {"a": 0, "b": 7}
    command = osdp_command(OsdpPath.parse("osdp:USB0:0:9600"), members, tmp_path / "keys", tmp_path)
    assert command[3:] == [
        *("firmware_bridge.osdp", "--port", "/dev/ttyUSB0", "--baud", "9600"),
        *("--reader", "a:0", "--reader", "b:7", "--keys", str(tmp_path / "keys")),
    ]
    virtual = osdp_command(OsdpPath.parse("osdp:pty:l:0"), members, tmp_path / "keys", tmp_path)
    assert virtual[virtual.index("--port") + 1] == str(tmp_path / "osdp-l")
