"""HEAD: the status and headers of GET, for monitors and link checkers."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Ends the answer after its headers, so that the head of a live page is not a live page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                # From now on the server reports the client as gone, which ends a stream.
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app({**scope, "method": "GET"}, receive, send_head)
