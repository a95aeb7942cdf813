"""Against Debian's pcscd and vsmartcard's virtual reader."""

import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from firmware_bridge.nfc.card_poll import Blank, Lost, poll_card, problem_of, switch_field_off
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.nfc.prove import ProofResult, request_proof
from firmware_bridge.nfc.sun_reading import read_sun_message
from firmware_bridge.problems import ProblemCode
from tests.firmware_bridge.pcsc.pcscd import CLASSIC_ATR, PHONE_ATR, Pcscd, pcscd
from tests.waiting import until

pytest.importorskip("smartcard", reason="pyscard is missing: make pcsc")
from firmware_bridge.pcsc import device

pytestmark = pytest.mark.pcscd

if TYPE_CHECKING:
    from firmware_bridge.pcsc.device import PcscDevice

NAME = "Virtual PCD 00 00"
IDM = "0101031284C0FFEE"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pcscd]:
    with pcscd(monkeypatch) as service:
        service.start()
        yield service


def opened(name: str = NAME) -> "PcscDevice":
    """pcscd lists its readers a moment after it listens."""

    def attempt() -> "PcscDevice | None":
        try:
            return device.PcscDevice(name)
        except OSError as error:
            assert error.errno == errno.ENODEV
            return None

    return until(attempt)


def seen(reader: "PcscDevice") -> Sighting | None:
    assert switch_field_off(reader) is Blank.NOTHING
    found = [poll_card(reader, bitrate) for bitrate in ("212F", "106A")]
    return next((one for one in found if isinstance(one, Sighting)), None)


@pytest.mark.parametrize(
    ("number", "atr", "sighting"),
    [
        (IDM, None, Sighting("felica", IDM)),
        ("04112233445566", CLASSIC_ATR, Sighting("type_a", "04112233445566")),
        ("08AABBCC", PHONE_ATR, Sighting("type_a", "08AABBCC")),
    ],
)
def test_card_on_the_reader_is_asked_once_and_seen_until_it_leaves(
    service: Pcscd, number: str, atr: bytes | None, sighting: Sighting
) -> None:
    reader = opened()
    assert seen(reader) is None
    with service.card(number, *([] if atr is None else [atr])) as card:
        until(lambda: seen(reader) == sighting)
        for _ in range(20):
            assert seen(reader) == sighting
        assert card.commands == [bytes(device.GET_UID)]
    until(lambda: seen(reader) is None)
    reader.close()


def test_card_that_has_to_prove_its_key_is_silent_and_no_copy(service: Pcscd) -> None:
    reader = opened()
    with service.card(IDM):
        until(lambda: seen(reader))
        assert request_proof(reader, "212F", bytes.fromhex(IDM), bytes(range(16)), 1) is ProofResult.UNASKED
    reader.close()


def test_card_that_has_a_message_of_its_own_cannot_be_asked_for_it(service: Pcscd) -> None:
    uid = "04DE5F1EACC040"
    reader = opened()
    with service.card(uid, atr=CLASSIC_ATR):
        until(lambda: seen(reader), 30)
        assert read_sun_message(reader, bytes.fromhex(uid)) is ProofResult.UNASKED
    reader.close()


def test_next_card_is_asked_again(service: Pcscd) -> None:
    reader = opened()
    for number in (IDM, "01010312DEAD0001", IDM):
        with service.card(number):
            until(lambda now=number: seen(reader) == Sighting("felica", now))  # type: ignore[misc]
        until(lambda: seen(reader) is None)
    reader.close()


def test_card_that_gives_no_number_is_not_seen(service: Pcscd) -> None:
    reader = opened()
    with service.card("", status="6A81") as card:
        until(lambda: seen(reader) is None and card.commands)
        assert seen(reader) is None
    reader.close()


def test_pcscd_that_ends_loses_the_reader_with_what_to_do(service: Pcscd) -> None:
    reader = opened()
    service.stop()
    lost = switch_field_off(reader)
    assert isinstance(lost, Lost) and lost.problem.code is ProblemCode.PCSCD_NOT_RUNNING
    with pytest.raises(OSError) as failed:
        device.PcscDevice(NAME)
    assert problem_of(failed.value).code is ProblemCode.PCSCD_NOT_RUNNING


def test_reader_that_is_not_plugged_in_is_not_there(service: Pcscd) -> None:
    opened().close()
    with pytest.raises(OSError) as failed:
        device.PcscDevice("SONY FeliCa RC-S300/P")
    assert problem_of(failed.value).code is ProblemCode.NOT_THERE


LISTED = [
    "A Reader (0371001) 00 00",
    "A Reader (0371002) 01 00",
    "Two Slots 02 00",
    "Two Slots 02 01",
    "B 03 00",
]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("A Reader (0371002)", "A Reader (0371002) 01 00"),
        ("A Reader (0371001) 07 00", "A Reader (0371001) 00 00"),  # numbered otherwise the day it was written
        ("Two Slots 00 01", "Two Slots 02 01"),
        ("B", "B 03 00"),
    ],
)
def test_reader_is_found_by_its_name_and_slot_however_pcscd_numbers_it(name: str, found: str) -> None:
    for listed in (LISTED, LISTED[::-1]):
        assert device._find(name, listed) == found


def test_name_of_two_readers_is_refused() -> None:
    for name, listed in (("Two Slots", LISTED), ("B", ["B 00 00", "B 01 00"])):
        with pytest.raises(OSError) as failed:
            device._find(name, listed)
        assert problem_of(failed.value).code is ProblemCode.PCSC_NAME_TWICE
