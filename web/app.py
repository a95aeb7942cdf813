"""Builds the web application: the layers in front of every page, and the pages."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from controller.errors import GenkanError
from controller.model.operators import NOBODY
from controller.services.acting import Acting
from controller.services.doors.health import HealthReader
from controller.services.log import entry_log as entry_log_service
from controller.services.log.signing import patience
from controller.services.operators import sign_in
from controller.services.operators.sign_in_requests import FindSessions
from controller.services.people import imports
from controller.services.site import Site
from web.frame import problems
from web.frame.cookies import Cookies
from web.frame.live import LiveLog
from web.frame.rehearsal_job import RehearsalJob
from web.frame.render import Renderer
from web.routes import (
    account,
    alarms,
    api,
    badges,
    card_keys,
    changes,
    enrol,
    entry_log,
    explain,
    export,
    health,
    holidays,
    language,
    levels,
    lockdown,
    log_print,
    log_proof,
    operators,
    people,
    pins,
    presence,
    reader_key,
    registry,
    rehearse,
    requests,
    rule_areas,
    rule_doors,
    rule_words,
    rules,
    schedules,
    set_up,
)
from web.routes import doors as doors_routes
from web.routes import imports as import_routes
from web.routes import sign_in as sign_in_routes
from web.security.before_set_up import BeforeSetUp
from web.security.bodies import BodyLimits
from web.security.faults import Faults
from web.security.headers import SecurityHeaders
from web.security.hosts import AllowedHosts
from web.security.same_site import SameSiteOnly
from web.server.head import HeadAsGet
from web.server.limits import ServerLimits
from web.server.session_limit import SessionLimit

STATIC = Path(__file__).parent / "static"
PAGES = (
    health,
    set_up,
    sign_in_routes,
    language,
    entry_log,
    export,
    explain,
    log_print,
    log_proof,
    doors_routes,
    reader_key,
    alarms,
    lockdown,
    registry,
    presence,
    people,
    pins,
    badges,
    card_keys,
    enrol,
    import_routes,
    levels,
    schedules,
    holidays,
    rules,
    rehearse,
    rule_areas,
    rule_doors,
    rule_words,
    operators,
    account,
    changes,
    api,
    requests,
)


STREAMS = frozenset({"/log/live"})  # answers that end with the page
# Each thread of the pool costs memory once it has rendered a page or hashed a password.
THREADS = 12


@contextlib.asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
    app.state.live.close()
    await anyio.to_thread.run_sync(app.state.rehearsal.close)  # stopping a rehearsal may take a second


def create_app(site: Site) -> FastAPI:
    """One application for one site. FastAPI's own documents are off; ours needs a sign-in."""
    web = site.config.web
    # No redirect from /log/ to /log: Starlette builds it from the Host header.
    app = FastAPI(
        title="Genkan",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_life,
    )
    app.state.site = site
    app.state.cookies = Cookies(web.tls)
    app.state.renderer = Renderer(site.config)
    app.state.patience = patience  # how long a request waits for the door to sign
    app.state.print_most = log_print.MOST
    app.state.rehearsal = RehearsalJob(lambda: site.now().utc)
    app.state.health = HealthReader(site)
    app.state.listener = None  # the server sets it
    app.state.live = LiveLog(lambda tokens: _poll_log(site, tokens))
    # include_router() would build every route a second time, at the first request, in 160 ms.
    for page in PAGES:
        app.router.routes.extend(page.router.routes)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    # The last one added is the outermost.
    app.add_middleware(BeforeSetUp, needed=lambda: sign_in.set_up_needed(site))
    uploads = frozenset({"/import", "/badge-keys/import"})
    app.add_middleware(BodyLimits, upload_paths=uploads, upload_bytes=imports.MAX_BYTES)
    app.add_middleware(SameSiteOnly, streams=STREAMS)
    app.add_middleware(AllowedHosts, host=web.host)
    app.add_middleware(
        SessionLimit,
        cookies=app.state.cookies,
        most=ServerLimits().requests_per_session,
        streams=STREAMS,
    )
    app.add_middleware(Faults, page=problems.fault_page())
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders, tls=web.tls)
    return app


def _poll_log(site: Site, tokens: set[str]) -> tuple[int | None, set[str]]:
    """Return the newest record's number (None while the log cannot be read) and the dead sessions.

    While the registrar does not answer, nobody can end a session, and no page shows anything new.
    """
    sessions = tuple(tokens)
    try:
        answers = Acting(site, NOBODY, site.now()).send(FindSessions(sessions=sessions))
    except GenkanError:
        return None, set()
    found = dict(zip(sessions, answers, strict=True))
    alive = [operator for operator in found.values() if operator is not None]
    newest = None
    if alive:
        with contextlib.suppress(GenkanError):
            newest = entry_log_service.newest_seq(site.acting(alive[0]))
    return newest, {token for token, operator in found.items() if operator is None}
