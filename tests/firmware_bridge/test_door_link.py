import os
from collections.abc import Iterator

import pytest

from firmware_bridge.door_link import DoorLink
from firmware_bridge.messages import BridgeHeartbeat, NumberOnly, ShowIndication, encode


class Pipes:
    """Both pipes, with the door's ends in the test's hands."""

    def __init__(self) -> None:
        self.from_bridge, writing = os.pipe()
        heard, self.to_bridge = os.pipe()
        self._bridge_ends = (writing, heard)
        self.link = DoorLink(writing, heard)

    def close(self) -> None:
        for descriptor in (self.from_bridge, self.to_bridge, *self._bridge_ends):
            try:
                os.close(descriptor)
            except OSError:
                pass


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    pipes = Pipes()
    yield pipes
    pipes.close()


def test_door_that_never_reads_never_blocks_the_bridge(pipes: Pipes) -> None:
    writing = [pipes.link.send(BridgeHeartbeat(n)) for n in range(20_000)]
    assert writing[0] and not writing[-1]
    data = b""
    while len(data) < 1_000_000 and (chunk := os.read(pipes.from_bridge, 65536)):
        data += chunk
        if len(chunk) < 65536:
            break
    assert data.endswith(b"\n") and all(line.startswith(b'{"type":"heartbeat"') for line in data.splitlines())
    assert pipes.link.send(BridgeHeartbeat(1)) and not pipes.link.closed


def test_end_of_stdin_closes_the_link(pipes: Pipes) -> None:
    os.close(pipes.to_bridge)
    assert pipes.link.hear(10) == []
    assert pipes.link.closed


def test_door_that_has_died_closes_the_link(pipes: Pipes) -> None:
    os.close(pipes.from_bridge)
    assert not pipes.link.send(BridgeHeartbeat(1))
    assert pipes.link.closed


def test_what_the_door_says_is_heard_in_any_slices(pipes: Pipes) -> None:
    stream = encode(NumberOnly(4)) + b"nonsense\n" + encode(ShowIndication("granted"))
    heard = []
    for byte in stream:
        os.write(pipes.to_bridge, bytes([byte]))
        heard += pipes.link.hear(10)
    assert heard == [NumberOnly(4), ShowIndication("granted")]
    assert pipes.link.bad_lines == 1
