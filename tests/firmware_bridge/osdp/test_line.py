"""The bridge as a program, on a virtual line that is a process, too."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_bridge.messages import ConditionChanged, DeviceOffline
from firmware_bridge.osdp import keys
from firmware_bridge.problems import Problem, ProblemCode
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.uart import misheard
from tests.firmware_bridge.osdp.street import Bridge, Street
from tests.firmware_bridge.pn532_rig import device_of_another_make
from tests.waiting import until

pytestmark = pytest.mark.process

Make = Callable[..., Street]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Make]:
    streets: list[Street] = []

    def make(*faults: str, readers: tuple[str, ...] = ("a",)) -> Street:
        streets.append(Street(tmp_path, list(readers), *faults))
        return streets[-1]

    yield make
    for one in streets:
        one.close()


def number(value: int) -> str:
    return f"20{value:08X}"


def test_slow_line_that_comes_byte_by_byte_reads_every_card(street: Make) -> None:
    there = street("--byte-by-byte", "--baud", "9600")
    bridge = there.open(9600)
    bridge.online("a")
    for value in (1, 2):
        assert there.hold("a", value)
    until(lambda: bridge.cards == [number(1), number(2)])


def test_line_killed_is_back_and_reads(street: Make) -> None:
    """Once; fifty times in a row would be reported once a minute (link.py), as test_return.py checks."""
    there = street()
    bridge = there.open()
    bridge.online("a")
    there.kill()
    until(lambda: bridge.of(DeviceOffline), what="lost")
    there.start()
    bridge.online("a", 2)
    assert there.hold("a", 0x100)
    until(lambda: number(0x100) in bridge.cards)


def test_dead_reader_does_not_slow_the_other_on_its_line(street: Make) -> None:
    there = street(readers=("a", "b"))
    bridge = there.open()
    bridge.online("a")
    bridge.online("b")
    cable.unplug(there.simulator, "b")
    until(lambda: bridge.of(DeviceOffline, "b"), what="lost")
    assert "osdp_no_answer" in str(bridge.of(DeviceOffline, "b")[0])
    for value in range(5):
        assert there.hold("a", value + 1)
    until(lambda: len(bridge.cards) == 5)
    assert bridge.of(DeviceOffline, "a") == []
    cable.plug(there.simulator, "b")
    bridge.online("b", 2)


def test_second_bridge_on_the_port_is_reported_and_the_first_reads_on(street: Make) -> None:
    there = street()
    first = there.open()
    first.online("a")
    second = there.open()
    until(lambda: second.of(DeviceOffline))
    assert "line_busy" in str(second.of(DeviceOffline)[0])
    assert there.hold("a", 7)
    until(lambda: first.cards == [number(7)])
    assert second.cards == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (lambda heard: b"", ProblemCode.OSDP_NO_ANSWER),
        (lambda heard: heard, ProblemCode.OSDP_NO_ANSWER),  # an adapter that gives back what we say
        (lambda heard: b"\x00\xff", ProblemCode.OSDP_NO_ANSWER),  # a line that is let go
        (lambda heard: b"$GPGGA,123519,4807.038,N*47\r\n", ProblemCode.OSDP_NOT_UNDERSTOOD),
        (lambda heard: misheard(heard, 57_600, 115_200), ProblemCode.OSDP_NOT_UNDERSTOOD),
    ],
    ids=["silence", "echo", "break", "another make", "another speed"],
)
def test_what_comes_in_place_of_a_readers_answer_says_what_to_search_for(
    tmp_path: Path, answers: Callable[[bytes], bytes], why: ProblemCode
) -> None:
    keys.make(tmp_path, "a")
    with device_of_another_make(answers) as port:
        bridge = Bridge(Path(port), tmp_path, ["a"])
        until(lambda: bridge.of(DeviceOffline))
        bridge.end()
    assert bridge.of(DeviceOffline)[-1] == DeviceOffline.of(Problem(why), "a")


def test_port_that_is_not_there_is_reported_and_found_when_it_comes(street: Make) -> None:
    there = street()
    real = there.port.readlink()
    there.port.unlink()
    bridge = there.open()
    until(lambda: bridge.of(DeviceOffline))
    assert "line_not_there" in str(bridge.of(DeviceOffline)[0])
    there.port.symlink_to(real)
    bridge.online("a")


def test_opened_reader_is_reported(street: Make) -> None:
    there = street()
    bridge = there.open()
    bridge.online("a")
    cable.tamper_flag(there.simulator, "a").touch()
    until(lambda: ConditionChanged("tamper", True, "a") in bridge.sent)
    cable.tamper_flag(there.simulator, "a").unlink()
    until(lambda: ConditionChanged("tamper", False, "a") in bridge.sent)


def test_no_word_of_the_bridge_holds_a_key(street: Make, capfd: pytest.CaptureFixture[str]) -> None:
    there = street()
    bridge = there.open()
    bridge.online("a")
    key = keys.load(there.keys, "a")
    assert bridge.end() == 0
    command = " ".join(map(str, bridge.process.args))  # type: ignore[arg-type]
    texts = "".join([*capfd.readouterr(), json.dumps([str(m) for m in bridge.sent]), command])
    assert key.hex() not in texts.lower() and repr(key)[2:-1] not in texts


def test_bridge_ends_with_its_door_and_hangs_up_the_port(street: Make) -> None:
    there = street()
    first = there.open()
    first.online("a")
    assert first.end() == 0
    second = there.open()
    second.online("a")
