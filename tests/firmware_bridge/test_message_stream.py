import pytest

from firmware_bridge.message_stream import SILENT_SECONDS, STARTING_SECONDS, MessageStream
from firmware_bridge.messages import MAX_LINE, BridgeHeartbeat, DeviceOnline, encode

HEARTBEAT, ONLINE = encode(BridgeHeartbeat(1)), encode(DeviceOnline("x"))


def test_bridge_that_starts_has_longer_for_its_first_heartbeat() -> None:
    stream = MessageStream(100.0)
    assert stream.seconds_left(100.0) == STARTING_SECONDS
    assert list(stream.feed(HEARTBEAT, 110.0)) == [BridgeHeartbeat(1)]
    assert stream.seconds_left(110.0) == pytest.approx(SILENT_SECONDS)
    assert stream.seconds_left(112.6) == pytest.approx(0.1) and stream.seconds_left(112.8) == 0


def test_bridge_whose_heartbeat_stops_is_overdue_though_it_sends_messages() -> None:
    stream = MessageStream(0.0)
    assert list(stream.feed(HEARTBEAT, 0.0)) == [BridgeHeartbeat(1)]
    for tenth in range(28):
        assert list(stream.feed(ONLINE, tenth / 10)) == [DeviceOnline("x")]
    assert stream.seconds_left(2.7) == 0


def test_heartbeat_read_late_is_a_heartbeat() -> None:
    stream = MessageStream(0.0)
    assert stream.seconds_left(900.0) == 0
    assert list(stream.feed(ONLINE + HEARTBEAT, 900.0)) == [DeviceOnline("x"), BridgeHeartbeat(1)]
    assert stream.seconds_left(900.0) == pytest.approx(SILENT_SECONDS)


def test_garbage_is_counted_and_the_next_message_is_read() -> None:
    stream = MessageStream(0.0)
    garbage = b"{}\n[]\n\xff\xfe\n\0\n" + b"x" * MAX_LINE + b"\n"
    assert list(stream.feed(garbage + ONLINE[:5], 0.0)) == [] and stream.bad_lines == 5
    assert list(stream.feed(ONLINE[5:], 0.0)) == [DeviceOnline("x")] and stream.bad_lines == 5
    assert stream.seconds_left(STARTING_SECONDS) == 0
