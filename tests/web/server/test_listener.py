"""The listening socket with a stepped clock: which connection stays, and which one gives way."""

import socket
from collections.abc import Iterator

import pytest

from web.server.limits import ServerLimits
from web.server.listener import Connection, Listener, Stage, is_loopback

LOCAL, OFFICE, HOME = "127.0.0.1", "127.0.0.2", "127.0.0.3"  # the last two count as remote here


class Doorway:
    """A listener, and the clients that connected to it."""

    def __init__(self, limits: ServerLimits) -> None:
        self.clock = 1000.0
        self.listener = Listener(
            socket.AF_INET, limits, now=lambda: self.clock, is_local=lambda address: address == LOCAL
        )
        self.listener.bind((LOCAL, 0))
        self.listener.listen(50)
        self.clients: dict[Connection, socket.socket] = {}

    def connect(self, address: str = LOCAL, stage: Stage = Stage.HEADERS) -> Connection | None:
        """None where the listener refuses."""
        self.clock += 0.001
        client = socket.create_connection(self.listener.getsockname(), 60, source_address=(address, 0))
        try:
            accepted, _ = self.listener.accept()
        except ConnectionAbortedError:
            assert client.recv(1) == b""
            client.close()
            return None
        assert isinstance(accepted, Connection)
        accepted.enter(stage)
        self.clients[accepted] = client
        return accepted

    def stays(self, connection: Connection | None) -> bool:
        assert connection is not None
        client = self.clients[connection]
        client.setblocking(False)
        try:
            return client.recv(1) != b""
        except BlockingIOError:
            return True

    def sweep_after(self, seconds: float) -> None:
        self.clock += seconds
        self.listener.sweep()

    def close(self) -> None:
        for connection, client in self.clients.items():
            connection.close()
            client.close()
        self.listener.close()


@pytest.fixture
def doorway() -> Iterator[Doorway]:
    opened = Doorway(ServerLimits(connections=6, kept_for_loopback=2, per_address=3))
    yield opened
    opened.close()


def test_address_at_its_limit_loses_the_connection_that_waited_longest(doorway: Doorway) -> None:
    first, second, third = (doorway.connect(OFFICE) for _ in range(3))
    other = doorway.connect(HOME)
    newest = doorway.connect(OFFICE)
    assert [doorway.stays(c) for c in (first, second, third, other, newest)] == [
        False,
        True,
        True,
        True,
        True,
    ]
    assert len(doorway.listener.connections) == 4 and doorway.listener.refused == 1


def test_request_under_way_is_never_abandoned_for_a_new_connection(doorway: Doorway) -> None:
    busy = [doorway.connect(OFFICE, Stage.ANSWER), doorway.connect(OFFICE, Stage.BODY)]
    idle = doorway.connect(OFFICE, Stage.IDLE)
    assert doorway.connect(OFFICE, Stage.ANSWER) is not None
    assert not doorway.stays(idle)
    assert doorway.connect(OFFICE) is None, "nothing to give up"
    assert all(doorway.stays(connection) for connection in busy)
    assert doorway.connect(HOME) is not None


def test_network_leaves_connections_to_loopback(doorway: Doorway) -> None:
    remote = [doorway.connect(OFFICE, Stage.ANSWER) for _ in range(3)] + [doorway.connect(HOME, Stage.ANSWER)]
    assert doorway.connect(HOME) is None
    local = [doorway.connect(), doorway.connect()]
    assert all(doorway.stays(connection) for connection in remote + local)
    assert doorway.connect() is not None, "an idle connection of loopback itself gives way"
    assert not doorway.stays(local[0]) and all(doorway.stays(connection) for connection in remote)


def test_loopback_has_no_limit_by_address(doorway: Doorway) -> None:
    opened = [doorway.connect() for _ in range(6)]
    assert all(doorway.stays(connection) for connection in opened)
    assert doorway.connect() is not None
    assert [doorway.stays(connection) for connection in opened] == [False] + [True] * 5


def test_closed_connection_makes_room(doorway: Doorway) -> None:
    opened = [doorway.connect(OFFICE, Stage.ANSWER) for _ in range(3)]
    assert doorway.connect(OFFICE) is None
    assert opened[0] is not None
    opened[0].close()
    assert doorway.connect(OFFICE) is not None


@pytest.mark.parametrize(
    ("stage", "longest"), [(Stage.HEADERS, 10), (Stage.IDLE, 30), (Stage.BODY, 30), (Stage.ANSWER, None)]
)
def test_client_that_sends_nothing_is_disconnected_at_the_deadline(
    doorway: Doorway, stage: Stage, longest: int | None
) -> None:
    connection = doorway.connect(OFFICE, stage)
    doorway.sweep_after(longest or 100_000)
    assert doorway.stays(connection)
    doorway.sweep_after(1)
    assert doorway.stays(connection) == (longest is None)


def test_long_body_stays_while_it_keeps_its_rate(doorway: Doorway) -> None:
    connection = doorway.connect(OFFICE, Stage.BODY)
    assert connection is not None
    for _ in range(20):
        connection.received += 1024 * 1024
        doorway.sweep_after(31)
        assert doorway.stays(connection)
    connection.received += 1024 * 1024 - 1
    doorway.sweep_after(31)
    assert not doorway.stays(connection)


def test_answer_that_nobody_reads_is_abandoned_after_a_minute(doorway: Doorway) -> None:
    connection = doorway.connect(OFFICE, Stage.ANSWER)
    assert connection is not None
    connection.block_writing(True)
    doorway.sweep_after(59)
    connection.block_writing(False)
    doorway.sweep_after(2)
    connection.block_writing(True)
    doorway.sweep_after(60)
    assert doorway.stays(connection)
    doorway.sweep_after(1)
    assert not doorway.stays(connection)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("", False),
    ],
)
def test_loopback_is_known_in_every_notation(address: str, local: bool) -> None:
    assert is_loopback(address) == local
