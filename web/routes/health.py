"""For programs that monitor the site: /healthz, /readyz and /metrics. States and figures, never a name.

They are open to anyone who reaches the port and need no session, so they answer while the pages cannot.
"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from controller.services.doors.health import Health, HealthReader
from web.frame.guard import guarded_router
from web.frame.live import LiveLog
from web.server.listener import Listener
from web.server.metrics import metrics_text

router = guarded_router()
LEAST_FREE = 200 * 1024 * 1024  # bytes of the log's disk, as in `genkan check`
Check = tuple[str, str, str]  # "ok", "warn" or "fail"; the part; a code


@router.get("/healthz", include_in_schema=False)
async def healthz() -> Response:
    """Report that the web process answers. The door service has its own check."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", include_in_schema=False)
def readyz(request: Request) -> Response:
    """One line for each part; 503 while a page, a tap or its record would fail."""
    checks = list(_checks(_health(request)))
    text = "".join(f"{word} {part}{': ' if code else ''}{code}\n" for word, part, code in checks)
    return PlainTextResponse(text, 503 if any(word == "fail" for word, _, _ in checks) else 200)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """Prometheus text."""
    live: LiveLog = request.app.state.live
    listener: Listener | None = request.app.state.listener
    text = metrics_text(
        _health(request),
        watchers=live.watchers,
        connections=0 if listener is None else len(listener.connections),
        closed=0 if listener is None else listener.refused,
    )
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _health(request: Request) -> Health:
    reader: HealthReader = request.app.state.health
    return reader.read()


def _checks(health: Health) -> Iterator[Check]:
    is_rolled_back = health.state is not None and health.state.registry_rolled_back
    yield _check("registry", "rolled_back" if is_rolled_back else "unreadable" if not health.registry else "")
    yield _check("registrar", "" if health.registrar_answers else "no_answer")
    yield _check("card_number_key", _unless_ok(health.card_number_key))
    if health.registry is not None:
        overdue = health.registry.erasures_overdue
        yield _check("erasures", f"{overdue}_overdue" if overdue else "", "warn")
    yield _check("log", "" if health.log else "unreadable")
    yield _check("door", "" if health.door_runs else "not_running")
    if health.door_runs:
        state = health.state
        yield _check("journal", "no_report" if state is None else _unless_ok(state.journal))
        if state is not None:
            yield _check("journal_held", _unless_ok(state.journal_held), "warn")
            yield _check("reserve", _unless_ok(state.reserve), "warn")
            yield _check("presence", _unless_ok(state.presence), "warn")
            yield _check("registry_copy", "in_use" if state.registry != "ok" else "", "warn")
            yield _check("configuration", _unless_ok(state.config), "warn")
            yield _check("log_key", _unless_ok(state.log_key), "warn")
    if health.log is not None:
        readers = [reader for door in health.log.doors.doors for reader in door.readers]
        offline = sum(reader.online is not True for reader in readers)
        yield _check("readers", f"{offline}_of_{len(readers)}_offline" if offline else "", "warn")
    low = health.disk is not None and health.disk.free < LEAST_FREE
    yield _check("disk", "unreadable" if health.disk is None else "nearly_full" if low else "", "warn")
    yield _check("clock", "untrusted" if health.clock == "untrusted" else "", "warn")


def _unless_ok(state: str) -> str:
    return "" if state == "ok" else state


def _check(part: str, code: str, otherwise: str = "fail") -> Check:
    return (otherwise if code else "ok", part, code)
