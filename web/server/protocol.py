"""uvicorn's HTTP protocol, which reports to the listener what each connection waits for."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from web.server.listener import Connection, Listener, Stage


class ReportingProtocol(H11Protocol):
    def __init__(self, listener: Listener, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._listener = listener
        self._connection: Connection | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._connection = None if peer is None else self._listener.connection(peer)
        if self._connection is None:  # its place went to a newer connection during the TLS handshake
            transport.abort()
            return
        self._connection.transport = transport

    def data_received(self, data: bytes) -> None:
        connection = self._connection
        if connection is not None:
            if connection.stage is Stage.IDLE:
                connection.enter(Stage.HEADERS)
            connection.received += len(data)
        super().data_received(data)
        self._report()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._report()

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._connection.block_writing(True)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._connection.block_writing(False)
        super().resume_writing()

    def _report(self) -> None:
        connection = self._connection
        if connection is None:
            return
        theirs = self.conn.their_state
        if theirs is h11.SEND_BODY:
            stage = Stage.BODY
        elif theirs is not h11.IDLE:
            stage = Stage.ANSWER
        elif connection.stage is Stage.HEADERS:
            stage = Stage.HEADERS
        else:
            stage = Stage.IDLE
        if stage is not connection.stage:
            connection.enter(stage)
