"""The three cookies, each HttpOnly, SameSite=Strict and, on TLS, bound to this host by its name."""

from collections.abc import Mapping

from starlette.responses import Response

SESSION = "genkan-session"
BROWSER = "genkan-browser"  # a browser somebody has signed in from before
LANGUAGE = "genkan-language"
_YEAR = 365 * 24 * 3600


class Cookies:
    """`__Host-` is refused by browsers without TLS, so plain loopback uses the bare name."""

    def __init__(self, tls: bool) -> None:
        self.tls = tls

    def name(self, cookie: str) -> str:
        return f"__Host-{cookie}" if self.tls else cookie

    def read(self, cookies: Mapping[str, str], cookie: str) -> str | None:
        value = cookies.get(self.name(cookie))
        return value if value and len(value) <= 200 and value.isascii() else None

    def write(self, answer: Response, cookie: str, value: str) -> None:
        """The session ends with the browser (and sooner on our side); the other two stay a year."""
        answer.set_cookie(
            self.name(cookie),
            value,
            max_age=None if cookie == SESSION else _YEAR,
            path="/",
            secure=self.tls,
            httponly=True,
            samesite="strict",
        )

    def clear(self, answer: Response, cookie: str) -> None:
        answer.delete_cookie(self.name(cookie), path="/", secure=self.tls, httponly=True, samesite="strict")
