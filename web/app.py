"""Builds the web application: what stands in front of every page, and the pages."""

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from controller.services import imports, sign_in
from controller.services.house import House
from web import problems
from web.cookies import Cookies
from web.render import Renderer
from web.routes import health, language, set_up
from web.routes import sign_in as sign_in_routes
from web.security.bodies import BodyLimits
from web.security.faults import Faults
from web.security.headers import SecurityHeaders
from web.security.hosts import AllowedHosts
from web.security.same_site import SameSiteOnly
from web.security.set_up_gate import SetUpGate

STATIC = Path(__file__).parent / "static"
ROUTERS = (health.router, set_up.router, sign_in_routes.router, language.router)


def create_app(house: House) -> FastAPI:
    """One application for one house. FastAPI's own documents are off; ours is for those signed in."""
    web = house.config.web
    app = FastAPI(title="Genkan", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.house = house
    app.state.cookies = Cookies(web.tls)
    app.state.renderer = Renderer(house.config)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    # The last one added stands outermost.
    app.add_middleware(SetUpGate, needed=lambda: sign_in.set_up_needed(house))
    app.add_middleware(BodyLimits, upload_path="/import", upload_bytes=imports.MAX_BYTES)
    app.add_middleware(SameSiteOnly, streams=frozenset({"/log/live"}))
    app.add_middleware(AllowedHosts, host=web.host)
    app.add_middleware(Faults, page=problems.fault_page())
    app.add_middleware(SecurityHeaders, tls=web.tls)
    return app
