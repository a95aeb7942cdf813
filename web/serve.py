"""Runs the web service: one process, one worker, less important than the door."""

import asyncio
import functools
import gc
import socket
import ssl
from collections.abc import Callable
from typing import cast

import uvicorn
from fastapi import FastAPI

from controller import systemd
from controller.config import Config, Web
from controller.errors import InstallerError
from controller.memory import give_code_back, give_memory_back
from controller.model.moment import Moment
from controller.services.requests.link import RequestLink
from controller.services.site import Site
from web.app import STREAMS, create_app
from web.frame.live import LiveLog
from web.server.limits import ServerLimits
from web.server.listener import Listener
from web.server.priority import Priority, RaisedWhileServing, step_back
from web.server.protocol import ReportingProtocol
from web.server.watchdog import Watchdog

BACKLOG = 256  # accepted in one go; together with the open connections below 1,024 files, the usual limit
SWEEP_EVERY = 10  # of uvicorn's ticks of 0.1 s


class Server(uvicorn.Server):
    """Ends connections whose deadline is over; at a stop, ends the live pages first."""

    def __init__(
        self,
        config: uvicorn.Config,
        live: LiveLog,
        listener: Listener,
        watchdog: Watchdog | None = None,
        priority: Priority | None = None,
    ) -> None:
        super().__init__(config)
        self._live = live
        self._listener = listener
        self._watchdog = watchdog
        self._priority = priority

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._watchdog is not None:
            self._watchdog.start()
        if self._priority is not None:
            self._priority.end()  # of the start
        give_code_back()

    async def on_tick(self, counter: int) -> bool:
        if counter % SWEEP_EVERY == 0:
            self._listener.sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._watchdog is not None:
            self._watchdog.stop()
        self._live.close()
        await super().shutdown(sockets)


def serve(config: Config, now: Callable[[], Moment], link: RequestLink) -> None:
    """Until SIGTERM or SIGINT. `now` reads the clock (`Clock().now`); `link` leads to the registrar."""
    _refuse_unusable_tls(config)
    listening = _listen(config)
    priority = step_back()
    give_memory_back()
    with Site.open_to_read(config, now, link) as site:
        app = create_app(site)
        if priority is not None:
            app.add_middleware(RaisedWhileServing, priority=priority, streams=STREAMS)
        settings = server_settings(app, listening, config.web)
        # Objects from start-up stay permanently; each pass of the collector over them would cost 30 ms.
        gc.collect()
        gc.freeze()
        gc.collect()  # so that only newer objects determine when the next full pass is due
        watchdog = Watchdog(listening, tls=config.web.tls) if systemd.is_watched() else None
        Server(settings, app.state.live, listening, watchdog=watchdog, priority=priority).run(
            sockets=[listening]
        )


def server_settings(app: FastAPI, listener: Listener, web: Web) -> uvicorn.Config:
    """The settings of the server, which counts connections and their deadlines by `listener`."""
    app.state.listener = listener
    return uvicorn.Config(
        app,
        http=cast(type[asyncio.Protocol], functools.partial(ReportingProtocol, listener)),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(listener.limits.idle_s),
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=32 * 1024,
        backlog=BACKLOG,
        ssl_certfile=web.tls_certificate,
        ssl_keyfile=web.tls_key,
    )


def _refuse_unusable_tls(config: Config) -> None:
    """The server's own error would not say which file it means."""
    certificate, key = config.web.tls_certificate, config.web.tls_key
    if certificate is None or key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise InstallerError(
            f"{certificate} and {key} cannot be used for TLS ({error.strerror}); check that both are there, "
            "belong together and can be read, or correct tls_certificate and tls_key in "
            f"{config.file}."
        ) from error


def _listen(config: Config) -> Listener:
    host, port = config.web.host, config.web.port
    listening = Listener(socket.AF_INET6 if ":" in host else socket.AF_INET, ServerLimits())
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InstallerError(
            f"The pages cannot be served at {host} port {port} ({error.strerror}); stop the other program "
            f"there, or set another port under [web] in {config.file}."
        ) from error
    return listening
