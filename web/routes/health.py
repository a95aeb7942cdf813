"""For machines that watch us: /healthz and /metrics. No names, no numbers of people."""

from starlette.responses import PlainTextResponse, Response

from controller.services import doors, sign_in
from web.guard import Asker, guarded_router

router = guarded_router()


@router.get("/healthz")
def healthz() -> Response:
    """The web process answers. It says nothing of the door service: each is watched by itself."""
    return PlainTextResponse("ok\n")
