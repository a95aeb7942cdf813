"""The proof for systemd's watchdog: a server whose threads hang gives none, though its event loop runs."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.to_thread import run_sync

from tests.waiting import LONG
from tests.web.site import ServedSite
from web.app import THREADS
from web.server.watchdog import Watchdog


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(LONG)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield channel


def test_server_that_answers_is_reported_ready(served: ServedSite, systemd: socket.socket) -> None:
    watchdog = Watchdog(served.listener, tls=False)

    async def start() -> None:
        watchdog.start()

    async def stop() -> None:
        watchdog.stop()

    served.begin(start()).result(LONG)
    assert systemd.recv(100) == b"READY=1"
    served.begin(stop()).result(LONG)
    assert systemd.recv(100) == b"STOPPING=1"


def test_server_without_a_free_thread_gives_no_proof(served: ServedSite) -> None:
    released, held = threading.Event(), threading.Barrier(THREADS + 1)

    def hold() -> None:
        held.wait(LONG)
        released.wait(LONG)

    async def occupy() -> None:
        await asyncio.gather(*(run_sync(hold) for _ in range(THREADS)))

    occupied = served.begin(occupy())
    held.wait(LONG)
    proof = served.begin(Watchdog(served.listener, tls=False).is_answered())
    assert served.client().get("/healthz").status == 200, "which needs no thread"
    assert not proof.done()
    released.set()
    assert proof.result(LONG)
    occupied.result(LONG)
