"""No other site may change anything here or read our live stream: Sec-Fetch-Site, else Origin.

A change must also be a form or JSON: another site's page can send text/plain without a preflight, and ours
never does.

Every browser since 2023 sends Sec-Fetch-Site, and no script can forge either header. A request with
neither and without a cookie does not come from a signed-in browser, so an API client passes; with a cookie it
is refused.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BODIES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "application/json"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_same_site(headers: Headers) -> bool:
    """Judge the request by its headers alone; never by a URL rebuilt from them."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if origin is not None and not _is_own(origin, headers.get("host", "")):
        return False
    if site is not None:
        return site in ("same-origin", "none")
    return origin is not None or "cookie" not in headers


def is_form_or_json(headers: Headers) -> bool:
    """Or has no body at all."""
    if "content-type" not in headers:
        return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    return headers.get("content-type", "").partition(";")[0].strip().lower() in BODIES


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == host


class SameSiteOnly:
    """403 for a state change, or a live stream, that another site asked for."""

    def __init__(self, app: ASGIApp, streams: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if scope["method"] not in SAFE_METHODS:
                refused = not (is_same_site(headers) and is_form_or_json(headers))
            elif scope["path"] in self.streams:
                refused = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") or (
                    "origin" in headers and not is_same_site(headers)
                )
            else:
                refused = False
            if refused:
                answer = PlainTextResponse(
                    "Refused: this request came from another site, or is neither a form nor JSON. "
                    "Open the page here and try again.",
                    status_code=403,
                )
                await answer(scope, receive, send)
                return
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)
