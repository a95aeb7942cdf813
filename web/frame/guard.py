"""The guard of every route: checks the role table before it reads the body."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from controller.errors import GenkanError
from controller.services.rights import require
from web.frame.roles import ROLES, Open
from web.frame.sent_form import OWN_PASSWORD, read_form
from web.frame.visitor import Visitor, find_visitor, stranger


class GuardedRoute(APIRoute):
    """Checks the role table before FastAPI reads the body; a dependency would run after a whole upload."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        rules = {ROLES[method, self.path] for method in self.methods or ()}
        if len(rules) != 1:
            raise ValueError(f"{self.path}: give each method a route of its own")
        rule = rules.pop()
        handle = super().get_route_handler()

        if rule is Open.TO_PROGRAMS:
            return handle

        async def guarded(request: Request) -> Response:
            try:
                visitor = await run_in_threadpool(find_visitor, request)
            except GenkanError:
                request.state.visitor = stranger(request)  # the page that says why must not ask again
                raise
            request.state.visitor = visitor
            if rule is not Open.TO_ALL:
                require(visitor.operator, rule)
            return await handle(request)

        return guarded


def guarded_router() -> APIRouter:
    return APIRouter(route_class=GuardedRoute, default_response_class=Response)


async def _asking(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    if request.method != "POST":
        return visitor
    form = await read_form(request)
    request.state.sent = form  # for the page that asks for the password
    typed = form.get(OWN_PASSWORD)
    return replace(visitor, own_password=typed[:200] if isinstance(typed, str) else "")


Asker = Annotated[Visitor, Depends(_asking)]
