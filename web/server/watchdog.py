"""Proves to systemd that the web service answers: a request to its own address, then a turn of the pool.

A server whose event loop, listening socket or threads hang gets no answer, sends no report, and systemd
starts it again.
"""

import asyncio
import contextlib
import ssl

from anyio.to_thread import run_sync

from controller.systemd import notify
from web.server.listener import Listener

PERIOD_S = 10.0  # WatchdogSec= of the unit is six times this


class Watchdog:
    """Call from the event loop only."""

    def __init__(self, listener: Listener, tls: bool) -> None:
        self._listener = listener
        self._tls = tls
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        notify("STOPPING=1")
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        report = "READY=1"
        while True:
            with contextlib.suppress(OSError):
                if await self.is_answered():
                    notify(report)
                    report = "WATCHDOG=1"
            await asyncio.sleep(PERIOD_S)

    async def is_answered(self) -> bool:
        """Whether the server answers /healthz and a thread of its pool is free; waits as long as it takes."""
        host, port = self._listener.getsockname()[:2]
        own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison
        reader, writer = await asyncio.open_connection(
            own, port, ssl=_trusting_itself() if self._tls else None
        )
        try:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
        finally:
            writer.close()
        await run_sync(_nothing)
        return answer.startswith(b"HTTP/1.1 200 ")


def _nothing() -> None:
    pass


def _trusting_itself() -> ssl.SSLContext:
    """The certificate names the machine as others call it, not the loopback address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
