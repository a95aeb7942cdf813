import random
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.model.card_keys import CardKey, FoundKey, UnknownKey, UnusableKey
from controller.model.credentials import Assurance, CardNumber, CredentialKind
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.signals import (
    CardPresented,
    CardRefused,
    Condition,
    InstallState,
    PinEntered,
    ReaderConditionChanged,
    ReaderInstallChanged,
    ReaderOffline,
    ReaderOnline,
)
from controller.model.unproved import Unproved
from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import (
    BadMessage,
    CardFound,
    CardRead,
    CardRejected,
    ConditionChanged,
    DeviceOffline,
    DeviceOnline,
    FromBridge,
    InstallChanged,
    NumberOnly,
    PinKeyed,
    ProveKey,
    ReadSunMessage,
    SunMessageRead,
    SwitchRelay,
    decode_from_bridge,
    encode,
)
from firmware_bridge.nfc import sun_mac
from firmware_bridge.problems import Problem, ProblemCode
from tests.controller.drivers.dialogue import READER, Dialogue

IDM = "0101031284C0FFEE"
UID = "04DE5F1EACC040"
FELICA = CardNumber(CredentialKind.FELICA, IDM)
SUN = CardNumber(CredentialKind.TYPE_A, UID)
KEY = CardKey(bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1"), 1)
FOUND = CardFound(1, "felica", IDM)
READ = CardRead(1, "felica", IDM, 0)
PROVED = CardRead(1, "felica", IDM, 2)
SUN_FOUND = CardFound(1, "type_a", UID)
ENDED = Problem(ProblemCode.BRIDGE_ENDED, {"end": "exit 1"})


def sun_message(counter: int, key: bytes = KEY.key, uid: str = UID) -> SunMessageRead:
    """What the bridge has read from a card of this key."""
    mac = sun_mac.mac(key, bytes.fromhex(uid), counter).hex()
    return SunMessageRead(1, "type_a", UID, f"{uid}{counter:06X}", mac)


def keyed() -> Dialogue:
    """At this reader every FeliCa card has KEY, and of the others only SUN."""
    return Dialogue(lambda number: KEY if number.kind is CredentialKind.FELICA or number == SUN else None)


def presented(
    number: CardNumber,
    assurance: Assurance = Assurance.NUMBER_ONLY,
    unproved: Unproved | None = None,
    reading: CardReading | None = None,
) -> CardPresented:
    return CardPresented(READER, number, assurance, unproved, reading)


def test_card_without_a_key_is_presented_by_its_number() -> None:
    talk = Dialogue()
    talk.hear(FOUND)
    assert talk.replies == [NumberOnly(1)] and talk.signals == []
    talk.hear(READ)
    assert talk.signals == [presented(FELICA)] and talk.not_due == 0


def test_replies_name_the_reader_of_a_shared_bridge() -> None:
    talk = Dialogue(lambda number: KEY, "b")
    talk.hear(FOUND, SUN_FOUND, CardFound(2, "wiegand", "1A0048D159"))
    talk.session.switch(True)
    talk.start_bridge()
    assert talk.replies == [
        ProveKey(1, KEY.key.hex(), KEY.version, "b"),
        ReadSunMessage(1, "b"),
        NumberOnly(2, "b"),
        SwitchRelay(True, "b"),
    ]


@pytest.mark.parametrize(
    "read",
    [
        replace(READ, presentation=2),  # never found
        replace(READ, number="0101031284C0FFEF"),  # another card
        replace(READ, kind="type_a"),
        replace(READ, assurance=3),  # proves what the door did not request
    ],
)
def test_card_other_than_the_one_found_is_not_presented(read: CardRead) -> None:
    talk = Dialogue()
    talk.hear(FOUND, read)
    assert talk.signals == [] and talk.not_due == 1


def test_presentation_reported_twice_is_presented_once() -> None:
    talk = Dialogue()
    talk.hear(FOUND, READ, READ)
    assert talk.signals == [presented(FELICA)] and talk.not_due == 1


def test_card_found_by_a_bridge_that_died_is_not_presented_by_its_successor() -> None:
    talk = Dialogue()
    talk.hear(FOUND)
    talk.end_bridge(ENDED)
    talk.start_bridge()
    talk.hear(READ)
    assert [type(signal) for signal in talk.signals] == [ReaderOffline] and talk.not_due == 1


def test_bridge_that_finds_cards_and_never_reads_them_keeps_the_newest_64() -> None:
    talk = Dialogue()
    for presentation in range(1, 66):
        talk.hear(replace(FOUND, presentation=presentation))
    talk.hear(READ)
    assert talk.not_due == 1
    talk.hear(replace(READ, presentation=2))
    assert talk.signals == [presented(FELICA)]


def test_random_number_of_a_phone_is_refused() -> None:
    talk = Dialogue()
    phone = CardNumber(CredentialKind.TYPE_A, "08112233")
    talk.hear(CardFound(1, "type_a", phone.hex), CardRead(1, "type_a", phone.hex, 0))
    assert talk.signals == [CardRefused(READER, DenyReason.CARD_NUMBER_RANDOM, phone)]


def test_card_that_the_bridge_rejects_before_it_is_found_is_refused() -> None:
    talk = Dialogue()
    talk.hear(CardRejected(1, "card_unreadable", ""), CardRejected(1, "card_number_random", "08112233"))
    assert talk.signals == [
        CardRefused(READER, DenyReason.CARD_UNREADABLE, None),
        CardRefused(READER, DenyReason.CARD_NUMBER_RANDOM, CardNumber.parse("08112233")),
    ]
    talk.hear(CardRejected(1, "door_open", "00"))
    assert len(talk.signals) == 2 and talk.not_due == 1


def test_badge_with_a_key_is_presented_as_proved_once_the_card_has_proved_it() -> None:
    talk = keyed()
    talk.hear(FOUND)
    assert talk.replies == [ProveKey(1, "3a9f41c7e2086bd5914c7ef23d60a8b1", 1)]
    talk.hear(PROVED)
    assert talk.signals == [presented(FELICA, Assurance.CARD_KEY)]


@pytest.mark.parametrize("number", ["01020304", "04112233445566", "04112233445566778899"])
def test_type_a_card_without_a_key_is_a_number_and_no_proof_of_it_is_believed(number: str) -> None:
    """MIFARE Classic, its clones and every other card whose key nobody has."""
    talk = Dialogue()
    talk.hear(CardFound(1, "type_a", number), CardRead(1, "type_a", number, 2))
    talk.hear(CardFound(2, "type_a", number), CardRead(2, "type_a", number, 0))
    assert talk.replies == [NumberOnly(1), NumberOnly(2)] and talk.not_due == 1
    assert talk.signals == [presented(CardNumber(CredentialKind.TYPE_A, number))]


@pytest.mark.parametrize("assurance", [0, 2, 3])
def test_type_a_card_with_a_key_is_not_believed_by_its_number(assurance: int) -> None:
    """A clone of the number of a card that has one."""
    talk = keyed()
    talk.hear(SUN_FOUND, CardRead(1, "type_a", UID, assurance))
    assert talk.replies == [ReadSunMessage(1)] and talk.signals == [] and talk.not_due == 1


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
def test_badge_with_a_key_that_did_not_prove_it_is_a_signal_with_the_reason(
    reason: str, unproved: Unproved
) -> None:
    talk = keyed()
    talk.hear(FOUND, CardRejected(1, reason, IDM))
    assert talk.signals == [presented(FELICA, unproved=unproved)]


@pytest.mark.parametrize(
    ("reason", "unproved"),
    [("card_half_issued", Unproved.HALF_ISSUED), ("card_unreadable", Unproved.UNREAD)],
)
def test_badge_without_a_key_whose_card_is_half_issued_or_was_not_read_is_a_signal_with_the_reason(
    reason: str, unproved: Unproved
) -> None:
    talk = Dialogue()
    talk.hear(FOUND, CardRejected(1, reason, IDM))
    assert talk.signals == [presented(FELICA, unproved=unproved)]


@pytest.mark.parametrize(
    "message",
    [
        READ,
        replace(READ, assurance=3),
        replace(PROVED, number="0101031284C0FFED"),
        replace(PROVED, presentation=2),
        CardRejected(1, "authentication_failed", "0101031284C0FFED"),
    ],
)
def test_bridge_that_proves_less_more_or_another_than_requested_is_not_believed(message: FromBridge) -> None:
    talk = keyed()
    talk.hear(FOUND, message)
    assert talk.signals == [] and talk.not_due == 1


@pytest.mark.parametrize(
    "message",
    [
        PROVED,
        *(CardRejected(1, reason, IDM) for reason in ("authentication_failed", "card_silent", "card_left")),
    ],
)
def test_proof_that_the_door_did_not_request_is_not_believed(message: FromBridge) -> None:
    talk = Dialogue(lambda number: None)
    talk.hear(FOUND, message)
    assert talk.replies == [NumberOnly(1)] and talk.signals == [] and talk.not_due == 1


@pytest.mark.parametrize(
    ("found", "unproved"), [(UnusableKey(), Unproved.KEY_UNUSABLE), (UnknownKey(), Unproved.UNASKED)]
)
def test_badge_whose_key_cannot_be_used_or_found_counts_as_unproved(
    found: FoundKey, unproved: Unproved
) -> None:
    talk = Dialogue(lambda number: found)
    talk.hear(FOUND, READ)
    assert talk.replies == [NumberOnly(1)]
    assert talk.signals == [presented(FELICA, unproved=unproved)]


@pytest.mark.parametrize(
    ("reason", "unproved"),
    [("card_half_issued", Unproved.HALF_ISSUED), ("card_unreadable", Unproved.KEY_UNUSABLE)],
)
def test_rejected_card_of_an_unusable_key_names_the_key_unless_it_is_half_issued(
    reason: str, unproved: Unproved
) -> None:
    talk = Dialogue(lambda number: UnusableKey())
    talk.hear(FOUND, CardRejected(1, reason, IDM))
    assert talk.signals == [presented(FELICA, unproved=unproved)]


def test_key_is_searched_for_nfc_cards_only() -> None:
    searched: list[CardNumber] = []
    talk = Dialogue(searched.append)  # type: ignore[arg-type]
    talk.hear(FOUND, SUN_FOUND, CardFound(2, "wiegand", "1A0048D159"), CardFound(3, "felica", "no number"))
    assert searched == [FELICA, SUN]


def test_card_with_its_own_message_is_presented_with_the_counter_that_its_mac_proves() -> None:
    talk = keyed()
    talk.hear(SUN_FOUND, sun_message(61))
    assert talk.replies == [ReadSunMessage(1)]
    assert talk.signals == [presented(SUN, Assurance.CARD_KEY, reading=CardReading(KEY.name, 61))]


@pytest.mark.parametrize("spelling", ["04:DE:5F:1E:AC:C0:40", "04-de-5f-1e-ac-c0-40", "０４DE5F1EACC040"])
def test_card_with_its_own_message_is_the_same_in_any_spelling_of_its_number(spelling: str) -> None:
    talk = keyed()
    talk.hear(replace(SUN_FOUND, number=spelling), replace(sun_message(61), number=spelling))
    assert talk.signals == [presented(SUN, Assurance.CARD_KEY, reading=CardReading(KEY.name, 61))]


@pytest.mark.parametrize("message", [sun_message(61, bytes(16)), sun_message(61, uid="04AABBCCDDEE80")])
def test_message_of_another_key_or_another_card_is_a_proof_that_failed(message: SunMessageRead) -> None:
    talk = keyed()
    talk.hear(SUN_FOUND, message)
    assert talk.signals == [presented(SUN, unproved=Unproved.WRONG)]


@pytest.mark.parametrize(
    "message",
    [
        replace(sun_message(61), presentation=2),
        replace(sun_message(61), number="04AABBCCDDEE80"),
        replace(sun_message(61), sun_data="G" + sun_message(61).sun_data),
    ],
)
def test_bridge_that_reads_another_message_than_requested_is_not_believed(message: SunMessageRead) -> None:
    talk = keyed()
    talk.hear(SUN_FOUND, message)
    assert talk.signals == [] and talk.not_due == 1


@pytest.mark.parametrize("talk", [Dialogue, lambda: Dialogue(lambda number: UnusableKey())])
def test_message_that_the_door_did_not_request_is_not_believed(talk: Callable[[], Dialogue]) -> None:
    talking = talk()
    talking.hear(SUN_FOUND, sun_message(61))
    assert talking.signals == [] and talking.not_due == 1


def test_pin_is_one_signal_and_other_text_is_not() -> None:
    talk = Dialogue()
    talk.hear(PinKeyed("0" * 16))
    assert talk.signals == [PinEntered(READER, "0" * 16)]
    for text in ("", "0" * 17, "１２３４", "12 34", "12a4"):
        talk.hear(PinKeyed(text))
    assert len(talk.signals) == 1 and talk.not_due == 5


def test_condition_of_a_reader_is_reported_when_it_changes() -> None:
    talk = Dialogue()
    talk.hear(ConditionChanged("tamper", False), ConditionChanged("mood", True))
    for active in (True, True, False):
        talk.hear(ConditionChanged("tamper", active))
    talk.hear(ConditionChanged("power", True))
    assert talk.signals == [
        ReaderConditionChanged(READER, Condition.TAMPER, True),
        ReaderConditionChanged(READER, Condition.TAMPER, False),
        ReaderConditionChanged(READER, Condition.POWER, True),
    ]
    assert talk.not_due == 1


def test_condition_outlasts_the_bridge_that_reported_it() -> None:
    talk = Dialogue()
    talk.hear(ConditionChanged("tamper", True))
    talk.end_bridge(ENDED)
    talk.start_bridge()
    talk.hear(ConditionChanged("tamper", True))
    assert [type(signal) for signal in talk.signals] == [ReaderConditionChanged, ReaderOffline]


def test_states_of_an_install_window_are_signals() -> None:
    talk = Dialogue()
    talk.hear(*(InstallChanged(state) for state in ("opened", "ajar", "taken")))
    assert talk.signals == [
        ReaderInstallChanged(READER, InstallState.OPENED),
        ReaderInstallChanged(READER, InstallState.TAKEN),
    ]
    assert talk.not_due == 1


def test_bridge_that_starts_again_gets_the_state_that_the_lock_on_its_relay_needs() -> None:
    talk = Dialogue()
    talk.start_bridge()
    assert talk.replies == []  # no lock uses the relay
    for active in (True, False):
        assert talk.session.switch(active).replies == (SwitchRelay(active),)
        talk.start_bridge()
    assert talk.replies == [SwitchRelay(True), SwitchRelay(False)]


def test_text_from_a_device_is_one_printable_line() -> None:
    talk = Dialogue()
    text = "a\n\ud800\x1b[2J\u202e" + "b" * 500
    talk.hear(DeviceOnline(text), DeviceOffline("not_there", {"path": text}))
    online, offline = talk.signals
    assert isinstance(online, ReaderOnline) and isinstance(offline, ReaderOffline)
    for line in (online.device, str(offline.fields["path"])):
        assert line.isprintable() and len(line) == 240
        line.encode("utf-8")


PARTS = ["'", '"', ";", "--", "$(reboot)", "`id`", "%n", "%s", "\0", "\\", "../", "<b>", "\ud800", "\u202e"]
PARTS += ["é", "１", "0" * 16, IDM, "F" * 1000, " ", "\n", "{", "]", "&&", "\x1b[2J"]
PARTS += ["DROP TABLE events", "' OR 1=1 --"]


def hostile_line(chance: random.Random, presentation: int) -> bytes:
    """One or two lines as a compromised bridge writes them."""
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(1, 6)))
    match chance.randrange(8):
        case 0:
            return text.encode("utf-8", "surrogatepass") + b"\n"
        case 1:
            return chance.randbytes(chance.randrange(2000)).replace(b"\n", b"") + b"\n"
        case 2 if chance.random() < 0.05:
            return b'{"type": "' + b"x" * 65536 + b"\n"
        case 3:
            return b'{"type": "' + text.encode("utf-8", "surrogatepass") + b'", "presentation": 1}\n'
        case 4:
            return written(DeviceOffline("not_there", {"path": text})) + written(DeviceOffline(text, {}))
        case _:
            kind = chance.choice(["felica", "type_a", "wiegand", text])
            found = CardFound(presentation, kind, text)
            return written(found) + written(CardRead(presentation, kind, text, 0))


def written(message: FromBridge) -> bytes:
    try:
        return encode(message)
    except ValueError:  # too long for the door, which a hostile bridge does not mind
        return b'{"type": "' + b"x" * 1024 + b'"}\n'


@pytest.mark.parametrize(
    "count", [5_000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_hostile_text_is_not_a_card_but_where_it_is_a_whole_number(count: int) -> None:
    """The door accepts as a card only hexadecimal of a card's length, among SQL, formats, NULs and lines
    of 64 KiB."""
    chance = random.Random(6)
    talk, lines, bad = Dialogue(), LineBuffer(), 0
    for presentation in range(1, count):
        data = hostile_line(chance, presentation)
        cut = chance.randrange(len(data))
        for line in [*lines.feed(data[:cut]), *lines.feed(data[cut:])]:
            try:
                talk.hear(decode_from_bridge(line))
            except BadMessage:
                bad += 1
    honest = CardNumber(CredentialKind.FELICA, "0102030405060708")
    talk.hear(CardFound(count, "felica", honest.hex), CardRead(count, "felica", honest.hex, 0))
    numbers = [signal.number for signal in talk.signals if isinstance(signal, CardPresented)]
    assert numbers.pop() == honest
    assert all(re.fullmatch("([0-9A-F]{2})+", number.hex) for number in numbers)
    assert {number.hex for number in numbers} <= {"0" * 16, IDM, *("0" * size for size in (8, 14, 20))}
    assert count / 2 < bad + lines.dropped + talk.not_due < 2 * count
    for away in talk.signals:
        if isinstance(away, ReaderOffline):
            path = str(away.fields["path"])
            assert away.problem == "not_there" and path.isprintable() and len(path) <= 240
