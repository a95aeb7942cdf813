"""The way a request takes to its handler: in this process, or to the registrar's."""

from typing import TYPE_CHECKING, Protocol, TypeVar

from controller.errors import SessionEnded
from controller.model.operators import NOBODY
from controller.services.requests.request import OpenRequest, Request, RequestWithBody

if TYPE_CHECKING:
    from controller.services.acting import Acting

R = TypeVar("R")


class RequestLink(Protocol):
    def send(self, acting: "Acting", request: Request[R], body: bytes = b"") -> R:
        """Return the handler's result, or raise its refusal.

        `acting.token` names the session of a person at the pages; without one the process itself vouches for
        `acting.operator`.
        """


class Direct:
    """Carries each request out in the calling process, which writes the registry itself."""

    def send(self, acting: "Acting", request: Request[R], body: bytes = b"") -> R:
        if isinstance(request, OpenRequest):
            result: R = request.handle_open(acting.site, acting.moment)
            return result
        # A session must be checked, which only a dispatcher does.
        if acting.token or acting.operator == NOBODY:
            raise SessionEnded
        acting.require(request.right)
        return handled(acting, request, body)


def handled(acting: "Acting", request: Request[R], body: bytes) -> R:
    if isinstance(request, RequestWithBody):
        result: R = request.handle_body(acting, body)
        return result
    return request.handle(acting)
