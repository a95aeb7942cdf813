import contextlib
import errno
import gc
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.nfc import serial_port
from firmware_bridge.nfc.card_poll import Blank, Lost, poll_card, problem_of
from firmware_bridge.nfc.lite_s import CardSilent, CardWrong, sense
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.nfc.prove import prove
from firmware_bridge.problems import Problem, ProblemCode
from firmware_bridge.simulator.faces import FelicaFace, TypeAFace
from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.pn532 import Pn532
from tests.firmware_bridge.pn532_rig import Rig, device_of_another_make, pn532
from tests.waiting import until

IDM = "0101031284C0FFEE"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with pn532(tmp_path / "pn532-entrance-in") as rig:
        yield rig


def seen(device: Any) -> set[Sighting]:
    found = {answer(device, bitrate) for bitrate in ("212F", "106A")}
    return {one for one in found if isinstance(one, Sighting)}


def open_ports() -> int:
    """The serial lines that this process holds. Other files of earlier tests may close at any time."""
    gc.collect()
    held = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # a thread closed it meanwhile
            held += str(descriptor.readlink()).startswith(("/dev/pts/", "/dev/ptmx", "/dev/tty"))
    return held


def opened(path: str) -> Any:
    """On a busy machine the chip's thread may be too late for one try."""

    def attempt() -> Any:
        try:
            return serial_port.open_reader(path)
        except OSError as error:
            assert error.errno in (errno.ETIMEDOUT, errno.EIO, errno.EPROTO)
            return None

    return until(attempt)


def problem_at(path: str) -> Problem:
    with pytest.raises(OSError) as failed:
        serial_port.open_reader(path)
    return problem_of(failed.value)


def answer(device: Any, bitrate: str) -> Any:
    """Return the next poll that a busy machine did not interrupt."""
    return until(lambda: None if isinstance(found := poll_card(device, bitrate), Lost) else found)


@pytest.mark.parametrize(
    ("face", "sighting"),
    [
        (FelicaFace(IDM), Sighting("felica", IDM)),
        (TypeAFace("01020304"), Sighting("type_a", "01020304")),
        (TypeAFace("04112233445566"), Sighting("type_a", "04112233445566")),
        (TypeAFace("04888888888866778899"), Sighting("type_a", "04888888888866778899")),
    ],
)
def test_card_in_the_field_is_read_over_the_serial_line_and_not_when_removed(
    rig: Rig, face: FelicaFace | TypeAFace, sighting: Sighting
) -> None:
    device = opened(rig.path)
    assert seen(device) == set()
    rig.chip.field.add(face)
    assert seen(device) == {sighting}
    rig.chip.field.remove(face)
    assert seen(device) == set()
    device.close()


def test_card_proves_its_key_over_the_serial_line_and_a_wrong_key_is_reported(rig: Rig) -> None:
    idm, key = bytes.fromhex("012E4CD1A5C0FFEE"), bytes.fromhex("3A9F41C7E2086BD5914C7EF23D60A8B1")
    face = LiteSFace.with_key(idm, key, version=3)
    rig.chip.field.add(face)
    device = opened(rig.path)

    def proves(offered: bytes) -> str:
        try:
            prove(until(lambda: sense(device)), offered, 3)
        except (CardSilent, OSError):  # a busy machine
            return ""
        except CardWrong:
            return "wrong"
        return "proved"

    assert until(lambda: proves(key)) == "proved" and face.memory.authenticated
    assert until(lambda: proves(bytes(16))) == "wrong"
    device.close()


def test_two_cards_together_are_one_whole_card_or_none(rig: Rig) -> None:
    device = opened(rig.path)
    chance = random.Random(15)
    for _ in range(50):
        sizes = [(4, 7, 10)[chance.randrange(3)] for _ in range(2)]
        cards = [TypeAFace(chance.randbytes(size).hex()) for size in sizes]
        felica = [FelicaFace(chance.randbytes(8).hex()) for _ in range(2)]
        for face in (*cards, *felica):
            rig.chip.field.add(face)
        assert answer(device, "212F") is Blank.NOTHING
        assert answer(device, "106A") in {Sighting("type_a", card.uid.hex().upper()) for card in cards}
        for face in (*cards, *felica):
            rig.chip.field.remove(face)
    device.close()


def test_port_that_is_open_is_not_opened_by_a_second_bridge_and_reads_on(rig: Rig) -> None:
    device = opened(rig.path)
    rig.chip.field.add(FelicaFace(IDM))
    assert problem_at(rig.path) == Problem(ProblemCode.PORT_BUSY)
    assert seen(device) == {Sighting("felica", IDM)}
    device.close()
    opened(rig.path).close()


def test_killed_bridge_leaves_its_chip_at_the_speed_where_the_next_one_polls(rig: Rig) -> None:
    killed = opened(rig.path)
    killed.chipset.transport.tty.close()  # as the kernel does it
    assert rig.chip.speed == 115_200
    rig.chip.field.add(FelicaFace(IDM))
    device = opened(rig.path)
    assert seen(device) == {Sighting("felica", IDM)}
    device.close()


@pytest.mark.parametrize("speed", [9600, 57_600, 230_400, 921_600])
def test_chip_set_to_any_speed_is_found(rig: Rig, speed: int) -> None:
    rig.chip.speed = speed
    opened(rig.path).close()
    assert rig.chip.speed == 115_200  # an orderly close leaves the speed that the next start expects


@pytest.mark.parametrize(
    "bytes_read",
    [
        b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n",
        b"\x53\x80\x08\x00\x04\x40\x9e\xf1",
        b"no",
        bytes.fromhex("0000FF02FED5031500"),
    ],
)
@pytest.mark.parametrize("driver", [":pn532", ""])
def test_reader_of_another_make_on_the_path_is_reported_as_such(bytes_read: bytes, driver: str) -> None:
    ports = open_ports()
    with device_of_another_make(lambda heard: bytes_read) as name:
        wanted = Problem(ProblemCode.WRONG_DEVICE_OR_SPEED, {"baud": 115_200})
        until(lambda: problem_at(f"tty:{name}{driver}") == wanted)
    assert open_ports() == ports


def test_port_where_nobody_answers_is_silent_and_closed_again() -> None:
    ports = open_ports()
    with device_of_another_make(lambda heard: b"") as name:
        assert problem_at(f"tty:{name}:pn532").code is ProblemCode.NO_ANSWER_ON_SERIAL
    assert open_ports() == ports


def test_path_to_something_else_is_not_a_serial_port(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert problem_at(f"tty:{tmp_path}/file") == Problem(ProblemCode.NOT_A_SERIAL_PORT)
    assert serial_port.open_reader(f"tty:{tmp_path}/nothing") is None


def test_reader_pulled_out_is_lost_at_the_next_poll_and_reads_again_when_back(rig: Rig) -> None:
    rig.chip.field.add(FelicaFace(IDM))
    ports = open_ports()
    for _ in range(5):
        device = opened(rig.path)
        assert seen(device) == {Sighting("felica", IDM)}
        rig.unplug()
        assert isinstance(poll_card(device, "212F"), Lost)
        with pytest.raises(OSError):
            device.close()
        del device
        assert serial_port.open_reader(rig.path) is None
        rig.plug()
    assert open_ports() == ports


def test_regardless_of_the_chip_is_a_state_and_the_next_card_is_read(tmp_path: Path) -> None:
    chance = random.Random(3)
    lying = False

    def framed(answer: bytes) -> bytes:
        if not lying or chance.random() < 0.5:
            return answer
        match chance.randrange(4):
            case 0:
                return answer[: chance.randrange(1, len(answer) + 1)]
            case 1:
                return answer + chance.randbytes(chance.randrange(1, 200))
            case 2:
                return answer[:2] + chance.randbytes(len(answer))
            case _:
                return chance.randbytes(chance.randrange(1, 40))

    with pn532(tmp_path / "pn532-lying", Pn532(framed)) as rig:
        rig.chip.field.add(FelicaFace(IDM))
        rig.chip.field.add(TypeAFace("04112233445566"))
        device = opened(rig.path)
        lying = True
        kinds = {type(poll_card(device, bitrate)) for _ in range(300) for bitrate in ("212F", "106A")}
        assert kinds == {Blank, Lost, Sighting}
        lying = False
        assert Sighting("felica", IDM) in seen(device)
        device.close()


def test_each_reader_keeps_its_card_however_the_ports_are_numbered(tmp_path: Path) -> None:
    """The names of what /dev/serial/by-id holds stay; what they point to changes with every start."""
    chance = random.Random(12)
    names = ["usb-A123-port0", "usb-B456-port0", "usb-C789-port0"]
    for _ in range(20):
        order = chance.sample(range(3), 3)
        rigs = [Rig(tmp_path / f"tty{number}") for number in range(3)]
        for name, number in zip(names, order, strict=True):
            (tmp_path / name).symlink_to(tmp_path / f"tty{number}")
            rigs[number].chip.field.add(FelicaFace(name.encode().hex()[8:24]))
        for name in chance.sample(names, 3):
            device = opened(f"tty:{tmp_path}/{name}:pn532")
            assert seen(device) == {Sighting("felica", name.encode().hex()[8:24].upper())}
            device.close()
            (tmp_path / name).unlink()
        for rig in rigs:
            rig.close()
