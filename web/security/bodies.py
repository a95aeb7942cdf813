"""How large a request body may be: a form is small, an import is not."""

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

FORM_BYTES = 256 * 1024
UPLOAD_MARGIN = 64 * 1024  # what multipart adds around the file


class BodyLimits:
    """Starlette's limit, the larger one only where a file may be sent."""

    def __init__(self, app: ASGIApp, upload_paths: frozenset[str], upload_bytes: int) -> None:
        self.upload_paths = upload_paths
        self.form = RequestBodyLimitMiddleware(app, FORM_BYTES)
        self.upload = RequestBodyLimitMiddleware(app, upload_bytes + UPLOAD_MARGIN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = self.upload if scope.get("path") in self.upload_paths else self.form
        await chosen(scope, receive, send)
