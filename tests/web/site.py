"""The web service as its users meet it: a real server on a free port, real databases, a clock tests move."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

import uvicorn

from controller.model.moment import Moment
from controller.model.operators import Operator, OperatorRole
from controller.registrar.dispatch import Dispatcher, LocalLink, link_locally
from controller.services.acting import Acting
from controller.services.operators import operators, sign_in
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW, PASSWORD, moved
from tests.waiting import until
from tests.web.client import Client
from web.app import create_app
from web.frame.live import LiveLog
from web.serve import Server, server_settings
from web.server.limits import ServerLimits
from web.server.listener import Listener

T = TypeVar("T")
LONGEST_ANSWER_S = 1.0  # the live log never ends by itself
ROLE_NAMES = {role: f"{role.value}-1" for role in OperatorRole}


def set_up(site: Site, now: Moment) -> Operator:
    """The first administrator and one operator of every other role, each named like it."""
    code = sign_in.new_set_up_code(site, now)
    assert code is not None
    name = ROLE_NAMES[OperatorRole.ADMIN]
    admin = sign_in.first_administrator(site, now, code, name, "Admin", "en", PASSWORD, "127.0.0.1").operator
    for role in (OperatorRole.SUPERVISOR, OperatorRole.AUDITOR, OperatorRole.VIEWER):
        operators.add(Acting(site, admin, now), ROLE_NAMES[role], role.value.title(), role, "en", PASSWORD)
    return admin


class PromptServer(Server):
    """Ends as soon as the last answer is sent: uvicorn's own server waits 100 to 200 ms after each test.

    It ends no connection by itself: a test moves the listener's clock and calls `sweep`.
    """

    def __init__(self, config: uvicorn.Config, live: LiveLog, listener: Listener) -> None:
        super().__init__(config, live, listener)
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await uvicorn.Server.on_tick(self, 0)
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks := set(self.server_state.tasks):
            _, endless = await asyncio.wait(tasks, timeout=LONGEST_ANSWER_S)
            for task in endless:
                task.cancel()
        await self.lifespan.shutdown()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run the coroutine in the server's event loop."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def end(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)


class ServedSite:
    """`door` is the door process's side; leave it open and the door service counts as running."""

    def __init__(self, site: Site, tls: bool = False) -> None:
        self.site = site
        self.moment = NOW
        site.now = self.now
        link_locally(site)
        # What the web process has: it writes nothing, so a page that does fails its test.
        self.reading = Site.open_to_read(site.config, self.now, LocalLink(Dispatcher(site)))
        self.app = create_app(self.reading)
        self.live: LiveLog = self.app.state.live
        self.clock = 1000.0
        self.listener = Listener(socket.AF_INET, ServerLimits(), now=lambda: self.clock)
        self.listener.bind(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        web = site.config.web
        plain = replace(web, tls_certificate=None, tls_key=None)
        config = server_settings(self.app, self.listener, web if tls else plain)
        self._server = PromptServer(config, self.live, self.listener)
        self._thread = threading.Thread(target=self._server.run, args=([self.listener],), daemon=True)
        self.door: DoorSide | None = None

    def now(self) -> Moment:
        return self.moment

    def pass_time(self, **by: float) -> None:
        self.moment = moved(self.moment, **by)

    def sweep_after(self, seconds: float) -> None:
        """Let `seconds` pass for the listener's deadlines, then end the connections that are overdue."""

        async def sweep() -> None:
            self.clock += seconds
            self.listener.sweep()

        self.begin(sweep()).result(60)

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run the coroutine in the server's event loop."""
        return self._server.begin(coroutine)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ServedSite":
        self._thread.start()
        until(lambda: self._server.started, what="the server started")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.end()
        self._thread.join(60)
        if self.door is not None:
            self.door.__exit__()
        self.reading.close()
        self.listener.close()

    def open_door_side(self) -> DoorSide:
        self.door = DoorSide(self.site)
        return self.door

    def set_up(self) -> Operator:
        return set_up(self.site, self.moment)

    def client(self) -> Client:
        return Client(self.port)

    def signed_in(self, role: OperatorRole = OperatorRole.ADMIN) -> Client:
        client = self.client()
        answer = client.post("/sign-in", {"name": ROLE_NAMES[role], "password": PASSWORD})
        assert answer.status == 303, answer.text
        return client
