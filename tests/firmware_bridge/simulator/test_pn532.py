"""The chip against the frames that the manual and nfcpy's driver write down."""

import pytest
from nfc.clf.device import Device

from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.pn532 import Pn532
from firmware_bridge.simulator.pn532_frames import ACK, APPLICATION_ERROR, Pn532Framer, information

WAKE = bytes(10)
IDM = "0101031284C0FFEE"


def awake() -> Pn532:
    chip = Pn532()
    chip.hear(WAKE + information(b"\xd4\x14\x01\x00\x00"))
    return chip


def exchange(chip: Pn532, command: str) -> str:
    """The answer without its frame."""
    heard = chip.hear(information(b"\xd4" + bytes.fromhex(command)))
    assert heard.startswith(ACK)
    (answer,) = Pn532Framer().feed(heard[len(ACK) :])
    assert isinstance(answer, bytes) and answer[:1] == b"\xd5"
    return answer[1:].hex().upper()


def test_chip_sleeps_until_it_is_woken_and_after_power_down() -> None:
    chip = Pn532()
    version = information(b"\xd4\x02")
    assert chip.hear(version) == b""
    assert chip.hear(WAKE + version).startswith(ACK)
    assert exchange(chip, "16F0") == "1700"
    assert chip.hear(version) == b""
    assert chip.hear(WAKE + version).startswith(ACK)


def test_line_test_gives_back_what_was_sent() -> None:
    assert exchange(awake(), "00" + "00" + "A5" * 260) == "01" + "00" + "A5" * 260


def test_registers_keep_what_is_written_and_report_the_field() -> None:
    chip = awake()
    assert exchange(chip, "086305426309A0") == "09"
    assert exchange(chip, "0663056309") == "0742A0"
    assert exchange(chip, "066304") == "0780"
    exchange(chip, "320101")
    assert exchange(chip, "066304") == "0783"
    exchange(chip, "320102")
    assert exchange(chip, "066304") == "0780"


@pytest.mark.parametrize("command", ["FF", "08630542" + "63", "4A0109", "32", "0009", "100B"])
def test_command_it_does_not_know_is_a_syntax_error(command: str) -> None:
    heard = awake().hear(information(b"\xd4" + bytes.fromhex(command)))
    assert heard == ACK + APPLICATION_ERROR


def test_felica_card_is_listed_by_its_polling_answer() -> None:
    chip = awake()
    assert exchange(chip, "4A010100FFFF0100") == "4B00"
    chip.field.add(FelicaFace(IDM))
    assert exchange(chip, "4A010100FFFF0100") == f"4B01011401{IDM}00F000000000000088B4"
    assert exchange(chip, "4A010200FFFF0000") == f"4B01011201{IDM}00F0000000000000"


def test_type_a_card_is_listed_by_its_number_and_one_is_chosen_by_it() -> None:
    chip = awake()
    assert exchange(chip, "4A0100") == "4B00"
    assert exchange(chip, "066339") == "0726"  # what it sent is still in its buffer: nobody answered
    chip.field.add(TypeAFace("04112233445566"))
    assert exchange(chip, "4A0100") == "4B01010044000704112233445566"
    assert exchange(chip, "4A01008804112233445566") == "4B01010044000704112233445566"
    assert exchange(chip, "4A010001020304") == "4B00"


def test_command_goes_through_to_the_card_at_the_rate_that_is_set() -> None:
    chip = awake()
    chip.field.add(FelicaFace(IDM))
    exchange(chip, "4A010100FFFF0100")
    assert exchange(chip, "420600FFFF0000") == f"43001201{IDM}00F0000000000000"
    assert exchange(chip, "4206000BAD0000") == "4301"  # time out
    exchange(chip, "08630280630380")
    assert exchange(chip, "420600FFFF0000") == "4301"  # Type A now
    exchange(chip, "320100")
    assert exchange(chip, "420600FFFF0000") == "4301"  # no field


def test_two_answers_together_are_a_checksum_error() -> None:
    chip = awake()
    chip.field.add(FelicaFace(IDM))
    chip.field.add(FelicaFace("01010312DEAD0001"))
    assert exchange(chip, "4A010100FFFF0100") == "4B00"
    assert exchange(chip, "420600FFFF0000") == "4302"


class Page:
    """A Type 2 card that answers one READ."""

    was_read = True

    def power_up(self) -> None: ...

    def answer(self, bitrate: str, command: bytes) -> tuple[str, bytes] | None:
        return (bitrate, bytes.fromhex("048B")) if command == b"\x30\x00" else None


def test_checksum_is_left_to_a_host_that_switches_it_off() -> None:
    chip = awake()
    chip.field.add(Page())
    exchange(chip, "320101")
    assert exchange(chip, "423000") == "4300048B"
    exchange(chip, "08630300")
    assert exchange(chip, "423000") == "4300" + Device.add_crc_a(bytearray.fromhex("048B")).hex().upper()


def test_speed_changes_with_the_hosts_ack_and_outlives_the_host() -> None:
    chip = awake()
    assert exchange(chip, "1007") == "11"
    version = information(b"\xd4\x02")
    assert chip.speed == 115_200
    chip.hear(ACK, 115_200)
    assert chip.speed == 921_600
    assert chip.hear(version, 115_200) == b"" and chip.hear(version, 921_600).startswith(ACK)
    chip.power_on()
    assert chip.speed == 115_200


def test_lost_ack_is_compensated_by_the_first_frame_at_the_new_speed() -> None:
    chip = awake()
    exchange(chip, "1007")
    assert chip.hear(information(b"\xd4\x02"), 921_600).startswith(ACK)
    assert chip.hear(information(b"\xd4\x02"), 115_200) == b""


def test_answer_is_reported_again_when_it_was_not_understood() -> None:
    chip = awake()
    heard = chip.hear(information(b"\xd4\x02"))
    assert chip.hear(bytes.fromhex("0000FFFF0000")) == heard[len(ACK) :]
