"""How many requests of one session may be under way: no session occupies all threads that serve pages."""

from collections import Counter
from collections.abc import Collection

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.frame.cookies import SESSION, Cookies


class SessionLimit:
    """429 above `most`. It reads the cookie alone, so an invented one counts as a session of its own.

    Live pages have limits of their own.
    """

    def __init__(self, app: ASGIApp, cookies: Cookies, most: int, streams: Collection[str]) -> None:
        self.app = app
        self.cookies = cookies
        self.most = most
        self.streams = streams
        self._serving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = None
        if scope["type"] == "http" and scope["path"] not in self.streams:
            token = self.cookies.read(HTTPConnection(scope).cookies, SESSION)
        if token is None:
            await self.app(scope, receive, send)
            return
        if self._serving[token] >= self.most:
            answer = PlainTextResponse(
                "Too many requests of this session are under way. Wait until they end, then try again.",
                status_code=429,
                headers={"Retry-After": "1"},
            )
            await answer(scope, receive, send)
            return
        self._serving[token] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._serving[token] -= 1
            if not self._serving[token]:
                del self._serving[token]
