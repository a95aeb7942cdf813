"""Which Host names we answer to.

A page of ours reached under another name (DNS rebinding) would let a foreign site
speak to us as the same origin.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def host_name(host: str) -> str:
    """The name in a Host header or origin, without port and brackets; "" when it has no proper form."""
    if host.startswith("["):
        name, bracket, rest = host[1:].partition("]")
        if not bracket or (rest and not _is_port(rest)):
            return ""
    else:
        name, colon, port = host.partition(":")
        if colon and not _is_port(colon + port):
            return ""
    return name.lower().removesuffix(".")


def _is_port(text: str) -> bool:
    return text.startswith(":") and text[1:].isascii() and text[1:].isdigit()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class AllowedHosts:
    """Loopback names, the configured host and, when it listens on every address, any plain IP address.

    An IP address can't be rebound by DNS; a name can.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.names = LOOPBACK | {host_name(f"[{host}]" if ":" in host else host)}
        self.any_address = host in ("0.0.0.0", "::")  # noqa: S104 (a comparison, nothing is bound here)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        name = host_name(hosts[0]) if len(hosts) == 1 else ""
        if name and (name in self.names or (self.any_address and _is_address(name))):
            await self.app(scope, receive, send)
            return
        answer = PlainTextResponse(
            "This address is not one of ours. Use the address that `genkan run` printed.", status_code=421
        )
        await answer(scope, receive, send)
