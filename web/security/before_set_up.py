"""Before the first administrator exists, only these answer: the set-up page, its style sheet, and
/healthz and /readyz.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from controller.errors import GenkanError

ALLOWED = frozenset({"/set-up", "/language"})
WITHOUT_REGISTRY = frozenset({"/healthz", "/readyz"})  # they answer also where nobody can read accounts


class BeforeSetUp:
    """Call `needed` at every request until it first returns False: accounts are never deleted.

    While the registry cannot be read, each page answers why.
    """

    def __init__(self, app: ASGIApp, needed: Callable[[], bool]) -> None:
        self.app = app
        self.needed = needed
        self.done = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.done and not self._needs_nothing(scope["path"]):
            try:
                self.done = not await run_in_threadpool(self.needed)
                is_refused = not self.done and scope["path"] not in ALLOWED
            except GenkanError:
                is_refused = False
            if is_refused:
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
