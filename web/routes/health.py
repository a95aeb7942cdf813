"""For machines that watch us: /healthz and /metrics. No names and no card numbers."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from controller.services.doors import now as doors
from web.frame.guard import Asker, guarded_router
from web.frame.live import LiveLog

router = guarded_router()


@router.get("/healthz", include_in_schema=False)
def healthz() -> Response:
    """Report that the web process answers. The door service has its own check."""
    return PlainTextResponse("ok\n")


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, asker: Asker) -> Response:
    """Prometheus text. Open to anyone who reaches the port, so it shows states and never people."""
    live: LiveLog = request.app.state.live
    running = doors.door_service_runs(asker.site.config.data)
    lines = ["# TYPE genkan_log_watchers gauge", f"genkan_log_watchers {live.watchers}"]
    lines += ["# TYPE genkan_door_service_up gauge", f"genkan_door_service_up {int(running)}"]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")
