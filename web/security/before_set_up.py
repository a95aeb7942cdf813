"""Before the first administrator exists, only these answer: the set-up page, its style sheet, and
/healthz and /readyz.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

ALLOWED = frozenset({"/set-up", "/language"})
WITHOUT_REGISTRY = frozenset({"/healthz", "/readyz"})  # they answer also where nobody can read accounts


class BeforeSetUp:
    """Call `needed` at every request until it first returns False: accounts are never deleted."""

    def __init__(self, app: ASGIApp, needed: Callable[[], bool]) -> None:
        self.app = app
        self.needed = needed
        self.done = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.done and not self._needs_nothing(scope["path"]):
            self.done = not await run_in_threadpool(self.needed)
            if not self.done and scope["path"] not in ALLOWED:
                await self._refuse(scope["path"])(scope, receive, send)
                return
        await self.app(scope, receive, send)

    @staticmethod
    def _needs_nothing(path: str) -> bool:
        return path in WITHOUT_REGISTRY or path.startswith("/static/")

    @staticmethod
    def _refuse(path: str) -> Response:
        if path == "/":
            return RedirectResponse("/set-up", status_code=303)
        return PlainTextResponse("Not set up yet. Open the page / and use the set-up code.", status_code=503)
