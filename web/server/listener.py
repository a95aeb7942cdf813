"""The listening socket: counts connections as it accepts them, so that TLS handshakes count too.

Where a limit is reached, the connection that has waited longest for a request gives way: an idle connection
must not keep anybody from a page. Only where every connection has a request under way is a new one refused.
"""

import asyncio
import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from web.server.limits import ServerLimits

Peer = tuple[Any, ...]  # as `accept` returns it; its first value is the address


def is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


class Stage(Enum):
    """What the server waits for on a connection."""

    HEADERS = "headers"  # from the start, and from the first byte of each further request
    IDLE = "idle"  # the next request
    BODY = "body"
    ANSWER = "answer"  # for its own answer


class Connection(socket.socket):
    """One accepted connection. The protocol reports its stage; `close` takes it off the listener's count."""

    def __init__(self, listener: "Listener", peer: Peer, descriptor: int) -> None:
        super().__init__(listener.family, listener.type, listener.proto, fileno=descriptor)
        self.peer = peer
        self.address = str(peer[0])
        self.is_local = listener.is_local(self.address)
        self.transport: asyncio.Transport | None = None  # None during the TLS handshake
        self.stage = Stage.HEADERS
        self.since = listener.now()
        self.received = 0  # bytes of the body since `since`
        self.blocked_since: float | None = None  # the client does not read the answer
        self._listener = listener

    def enter(self, stage: Stage) -> None:
        self.stage, self.since, self.received = stage, self._listener.now(), 0

    def block_writing(self, blocked: bool) -> None:
        self.blocked_since = self._listener.now() if blocked else None

    @property
    def waits(self) -> bool:
        """Whether no request is under way."""
        return self.stage in (Stage.HEADERS, Stage.IDLE)

    def end(self) -> None:
        """Disconnect the client; asyncio closes the socket afterwards."""
        if self.transport is not None:
            self.transport.abort()
        else:
            with contextlib.suppress(OSError):
                self.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.forget(self)
        super().close()


class Listener(socket.socket):
    """Call every method from the event loop only."""

    def __init__(
        self,
        family: int,
        limits: ServerLimits,
        now: Callable[[], float] = time.monotonic,
        is_local: Callable[[str], bool] = is_loopback,
    ) -> None:
        # asyncio sends small answers immediately (TCP_NODELAY) only if the socket reports TCP.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.limits = limits
        self.now = now
        self.is_local = is_local
        self.refused = 0  # connections closed because of a limit or a deadline
        self._open: dict[Peer, Connection] = {}

    def accept(self) -> tuple[socket.socket, Any]:
        """Raise ConnectionAbortedError, which asyncio ignores, for a connection over a limit."""
        accepted, peer = super().accept()
        connection = Connection(self, peer, accepted.detach())
        if not self._has_room(connection):
            self.refused += 1
            connection.close()
            raise ConnectionAbortedError
        with contextlib.suppress(OSError):  # a client that vanished ends after a minute, not after 15
            connection.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self.limits.writing_s * 1000)
            )
        self._open[peer] = connection
        return connection, peer

    def connection(self, peer: Peer) -> Connection | None:
        return self._open.get(peer)

    def forget(self, connection: Connection) -> None:
        if self._open.get(connection.peer) is connection:
            del self._open[connection.peer]

    @property
    def connections(self) -> list[Connection]:
        return list(self._open.values())

    def sweep(self) -> None:
        """End each connection whose deadline is over. The server calls this about once a second."""
        now = self.now()
        for connection in self.connections:
            if self._is_overdue(connection, now):
                self._give_up(connection)

    def _is_overdue(self, connection: Connection, now: float) -> bool:
        limits, waited = self.limits, now - connection.since
        if connection.blocked_since is not None:
            return now - connection.blocked_since > limits.writing_s
        match connection.stage:
            case Stage.HEADERS:
                return waited > limits.headers_s
            case Stage.IDLE:
                return waited > limits.idle_s
            case Stage.BODY if waited > limits.body_s:
                is_ours = connection.transport is not None and not connection.transport.is_reading()
                if not is_ours and connection.received < limits.body_bytes:
                    return True
                connection.enter(Stage.BODY)
        return False

    def _has_room(self, new: Connection) -> bool:
        """Whether `new` may stay; ends the connection that waited longest where a limit is reached."""
        limits = self.limits
        if not new.is_local:
            if not self._make_room(limits.per_address, lambda other: other.address == new.address):
                return False
            if not self._make_room(
                limits.connections - limits.kept_for_loopback, lambda other: not other.is_local
            ):
                return False
        return self._make_room(limits.connections, lambda other: True)

    def _make_room(self, most: int, counts: Callable[[Connection], bool]) -> bool:
        among = [connection for connection in self._open.values() if counts(connection)]
        if len(among) < most:
            return True
        waiting = [connection for connection in among if connection.waits]
        if not waiting:
            return False
        self._give_up(min(waiting, key=lambda connection: connection.since))
        return True

    def _give_up(self, connection: Connection) -> None:
        self.refused += 1
        self.forget(connection)
        connection.end()
