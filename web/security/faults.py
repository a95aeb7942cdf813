"""A fault of ours becomes a plain page with an id; what happened is in the service's own log under that id.

Runs inside SecurityHeaders, so that even this answer has them (Starlette's own handler runs outside).
"""

import logging
import secrets
import traceback
from collections.abc import Callable

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)


def _client_left(error: Exception) -> bool:
    """A live stream whose page closed between two rows ends in a pipe without a reader: not a fault."""
    if isinstance(error, ExceptionGroup):
        return all(_client_left(part) for part in error.exceptions)
    return isinstance(error, anyio.BrokenResourceError | anyio.ClosedResourceError)


class Faults:
    """`page(scope, fault_id)` makes the answer; exception texts are kept out of it."""

    def __init__(self, app: ASGIApp, page: Callable[[Scope, str], Response]) -> None:
        self.app = app
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if started and _client_left(error):
                return
            fault_id = secrets.token_hex(4)
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("fault %s: %s\n%s", fault_id, type(error).__name__, where)
            if scope["type"] != "http" or started:
                return
            await self.page(scope, fault_id)(scope, receive, send)
