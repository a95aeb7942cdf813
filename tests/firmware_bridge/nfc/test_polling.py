import errno
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import nfc.clf
import pytest

from firmware_bridge import messages
from firmware_bridge.door_link import DoorLink
from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import BridgeHeartbeat, CardFound, CardRead, DeviceOffline, DeviceOnline
from firmware_bridge.nfc.polling import LAST_RETRY_MS, ODD_MS, Polling
from tests.firmware_bridge.nfc.scripted import ScriptedDevice, felica, type_a

IDM = "0101031284C0FFEE"


class Door:
    """The door's end of the pipes, a clock that the test moves, and the loop between them."""

    def __init__(self) -> None:
        self._from_bridge, sent = os.pipe()
        heard, self._to_bridge = os.pipe()
        os.set_blocking(self._from_bridge, False)
        self._descriptors = [self._from_bridge, sent, heard, self._to_bridge]
        self._lines = LineBuffer()
        self._link = DoorLink(sent, heard)
        self.ms = 0
        self.alive = 0

    def polling(
        self, open_device: Callable[[], Any], path: str = "usb:054c:06c3", proofs: bool = False
    ) -> Polling:
        return Polling(path, open_device, self._link, lambda: self.ms / 1000, self._still_alive, proofs)

    def _still_alive(self) -> None:
        self.alive += 1

    def heard(self) -> list[messages.FromBridge]:
        try:
            data = os.read(self._from_bridge, 1 << 20)
        except BlockingIOError:
            return []
        return [messages.decode_from_bridge(line) for line in self._lines.feed(data)]

    def events(self) -> list[messages.FromBridge]:
        return [message for message in self.heard() if not isinstance(message, BridgeHeartbeat)]

    def send(self, message: messages.ToBridge) -> None:
        os.write(self._to_bridge, messages.encode(message))

    def steps(self, polling: Polling, count: int, ms: int = 50) -> list[messages.FromBridge]:
        for _ in range(count):
            self.step(polling, ms)
        return self.events()

    def step(self, polling: Polling, ms: int) -> None:
        self.send(
            messages.ShowIndication("refused")
        )  # means nothing to these readers, and ends the loop's real wait
        polling.step()
        self.ms += ms

    def fill_pipe(self) -> None:
        while self._link.send(BridgeHeartbeat(0)):
            pass

    def hang_up(self) -> None:
        os.close(self._to_bridge)
        self._descriptors.remove(self._to_bridge)

    def close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.close()


def test_card_is_found_and_presented_once_the_door_has_answered(door: Door) -> None:
    polling = door.polling(lambda: ScriptedDevice([felica(IDM)] * 10))
    assert door.steps(polling, 3) == [DeviceOnline("scripted reader"), CardFound(1, "felica", IDM)]
    door.send(messages.NumberOnly(1))
    assert door.steps(polling, 3) == [CardRead(1, "felica", IDM, 0)]
    door.send(messages.NumberOnly(1))
    assert door.steps(polling, 3) == []


def test_felica_is_searched_before_type_a_and_type_a_not_beside_it(door: Door) -> None:
    device = ScriptedDevice([None, felica(IDM), None], [None, type_a("04112233"), type_a("04112233")])
    polling = door.polling(lambda: device)
    sent = door.steps(polling, 4)
    assert device.commands == ["off", "212F", "106A", "off", "212F", "off", "212F"]
    assert sent == [DeviceOnline("scripted reader"), CardFound(1, "felica", IDM)]


def test_heartbeat_comes_twice_a_second_from_the_loop_and_moves_the_dead_mans_handle(door: Door) -> None:
    polling = door.polling(ScriptedDevice)
    for _ in range(40):
        door.step(polling, 100)
    beats = [message for message in door.heard() if isinstance(message, BridgeHeartbeat)]
    assert len(beats) == 8 and door.alive == 8
    assert [b.polls for b in beats] == sorted({b.polls for b in beats})


def test_heartbeat_goes_on_while_no_reader_is_there(door: Door) -> None:
    def missing() -> None:
        raise OSError(errno.ENODEV, "No such device")

    polling = door.polling(missing)
    for _ in range(10):
        door.step(polling, 1000)
    sent = door.heard()
    assert [m for m in sent if isinstance(m, DeviceOffline)] == [
        DeviceOffline("not_there", {"path": "usb:054c:06c3"})
    ]
    assert sum(isinstance(m, BridgeHeartbeat) for m in sent) == 10


@pytest.mark.parametrize("code", [errno.EIO, errno.ENODEV, errno.ETIMEDOUT])
def test_lost_reader_is_reported_once_closed_and_opened_again(door: Door, code: int) -> None:
    broken = ScriptedDevice([None, OSError(code, "lost")])
    devices: list[ScriptedDevice] = [broken, ScriptedDevice()]
    polling = door.polling(lambda: devices.pop(0))
    sent = door.steps(polling, 12)
    assert [type(m) for m in sent] == [DeviceOnline, DeviceOffline, DeviceOnline]
    assert broken.closed and not devices


def test_reader_that_fails_its_first_poll_each_time_is_offline_once_and_never_online(door: Door) -> None:
    polling = door.polling(lambda: ScriptedDevice([OSError(errno.EIO, "lost")]))
    assert [type(m) for m in door.steps(polling, 20, ms=LAST_RETRY_MS)] == [DeviceOffline]


def test_reader_that_is_away_for_long_is_tried_every_two_seconds(door: Door) -> None:
    tries: list[int] = []

    def missing() -> None:
        tries.append(door.ms)
        raise OSError(errno.ENODEV, "No such device")

    door.steps(door.polling(missing), 60, ms=250)
    gaps = [b - a for a, b in itertools.pairwise(tries)]
    assert gaps[:3] == [250, 500, 1000] and set(gaps[3:]) == {2000}


def test_reader_lost_after_a_healthy_while_is_tried_again_immediately(door: Door) -> None:
    opened: list[int] = []

    def flaky() -> ScriptedDevice:
        opened.append(door.ms)
        if len(opened) < 5:
            raise OSError(errno.ENODEV, "No such device")
        return ScriptedDevice([None] * 60 + [OSError(errno.ENODEV, "lost")])

    door.steps(door.polling(flaky), 100, ms=250)
    assert opened[5] - opened[4] == (1 + 60 + 1) * 250


def test_card_found_while_the_door_does_not_read_is_found_again_later(door: Door) -> None:
    polling = door.polling(lambda: ScriptedDevice([None] + [felica(IDM)] * 20))
    door.steps(polling, 2)
    door.fill_pipe()
    door.steps(polling, 2)
    sent = door.steps(polling, 2)
    assert [(m.kind, m.number) for m in sent if isinstance(m, CardFound)] == [("felica", IDM)]


def test_virtual_reader_checks_424_now_and_then_and_goes_on_while_a_card_is_there(door: Door) -> None:
    device = ScriptedDevice([None, None, None, None, felica(IDM)] + [None, felica(IDM)] * 30)
    sent = door.steps(door.polling(lambda: device, "udp:127.0.0.1:54321"), 30)
    assert sent == [DeviceOnline("scripted reader"), CardFound(1, "felica", IDM)]
    assert device.commands.count("424F") == 26  # in the fourth cycle first, then in every one


def test_driver_that_raises_nonsense_on_opening_is_offline(door: Door) -> None:
    def nonsense() -> None:
        raise AttributeError("'NoneType' object has no attribute 'x'")

    (sent,) = door.steps(door.polling(nonsense), 1)
    assert isinstance(sent, DeviceOffline) and sent.problem == "opens_with_nonsense"


def test_odd_answers_leave_the_reader_online_and_the_next_card_is_read(door: Door) -> None:
    polling = door.polling(lambda: ScriptedDevice([IndexError(), TypeError(), False, felica(IDM)]))
    assert door.steps(polling, 6) == [DeviceOnline("scripted reader"), CardFound(1, "felica", IDM)]


def test_reader_that_answers_nonsense_for_ten_seconds_is_opened_again(door: Door) -> None:
    devices = [ScriptedDevice([IndexError()] * 100), ScriptedDevice([felica(IDM)])]
    polling = door.polling(lambda: devices.pop(0))
    sent = door.steps(polling, 15, ms=ODD_MS // 10)
    assert [type(m) for m in sent] == [DeviceOnline, DeviceOffline, DeviceOnline, CardFound]


def test_reader_without_felica_reads_type_a(door: Door) -> None:
    device = ScriptedDevice([nfc.clf.UnsupportedTargetError("no")], [None, type_a("04112233")])
    sent = door.steps(door.polling(lambda: device), 4)
    assert sent[1:] == [CardFound(1, "type_a", "04112233")]
    assert device.commands.count("212F") == 1


def test_reader_that_can_search_for_nothing_is_offline(door: Door) -> None:
    no = nfc.clf.UnsupportedTargetError("no")
    sent = door.steps(door.polling(lambda: ScriptedDevice([no] * 9, [no] * 9)), 2)
    assert [type(m) for m in sent] == [DeviceOffline]


def test_card_left_on_a_reader_that_was_unplugged_is_one_presentation(door: Door) -> None:
    devices = [ScriptedDevice([felica(IDM), OSError(errno.ENODEV, "")]), ScriptedDevice([felica(IDM)] * 99)]
    sent = door.steps(door.polling(lambda: devices.pop(0)), 15)
    assert [type(m) for m in sent] == [DeviceOnline, CardFound, DeviceOffline, DeviceOnline]


@pytest.mark.parametrize("minutes", [1, pytest.param(60, marks=pytest.mark.long)])
def test_card_left_on_the_reader_is_found_and_presented_once(door: Door, minutes: int) -> None:
    polling = door.polling(lambda: ScriptedDevice(itertools.repeat(felica(IDM))))
    sent = door.steps(polling, 2)
    door.send(messages.NumberOnly(1))
    for _ in range(minutes):
        sent += door.steps(polling, 1200, ms=50)
    assert sent == [
        DeviceOnline("scripted reader"),
        CardFound(1, "felica", IDM),
        CardRead(1, "felica", IDM, 0),
    ]


def test_card_the_door_never_answers_for_is_not_presented(door: Door) -> None:
    polling = door.polling(lambda: ScriptedDevice([felica(IDM)] * 3))
    sent = door.steps(polling, 60)
    door.send(messages.NumberOnly(1))
    sent += door.steps(polling, 3)
    assert sent == [DeviceOnline("scripted reader"), CardFound(1, "felica", IDM)]


def test_granted_lights_the_reader_for_a_moment_and_refused_does_not(door: Door) -> None:
    device = ScriptedDevice()
    polling = door.polling(lambda: device)
    door.steps(polling, 1)
    door.send(messages.ShowIndication("refused"))
    door.steps(polling, 1)
    assert device.lit == []
    door.send(messages.ShowIndication("granted"))
    door.steps(polling, 10)
    assert device.lit == [True, False]


def test_end_of_stdin_ends_the_loop_and_closes_the_reader(door: Door) -> None:
    device = ScriptedDevice()
    polling = door.polling(lambda: device)
    polling.step()
    door.hang_up()
    polling.run()
    assert device.closed


def test_interrupt_ends_the_loop_and_closes_the_reader(door: Door) -> None:
    device = ScriptedDevice([KeyboardInterrupt()])
    door.polling(lambda: device).run()
    assert device.closed


def test_name_a_device_gives_itself_cannot_break_the_line(door: Door) -> None:
    class Named(ScriptedDevice):
        def __str__(self) -> str:
            return "reader\n\ud800\x00é" * 500

    (online,) = door.steps(door.polling(Named), 2)
    assert isinstance(online, DeviceOnline) and len(online.device) <= 120 and online.device.isprintable()
