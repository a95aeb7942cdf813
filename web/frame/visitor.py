"""The visitor of a request, found once per request, before its body is read."""

from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from controller.model.moment import Moment
from controller.model.operators import NOBODY, Operator
from controller.services.acting import Acting
from controller.services.operators.sign_in_requests import FindSession
from controller.services.requests.request import OpenRequest
from controller.services.requests.request import Request as RequestOf
from controller.services.rights import Right, may
from controller.services.site import Site
from web.frame.cookies import BROWSER, LANGUAGE, SESSION, Cookies
from web.words.language import LANGUAGES, preferred
from web.words.words import Words

# Requests that a page sends automatically do not count as use, so an unattended session expires.
BY_ITSELF = frozenset({"/log/live", "/doors/now", "/doors/strip"})
LONGEST_TOKEN = 100  # ours have 43 characters


R = TypeVar("R")


class SignInNeeded(Exception):
    """Nobody is signed in, or the session has died."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a browser, signed in or not."""

    site: Site
    now: Moment
    words: Words
    address: str
    token: str | None
    browser: str | None
    signed_in: Operator | None
    own_password: str = field(default="", repr=False)  # typed with this form, to confirm it

    @property
    def operator(self) -> Operator:
        if self.signed_in is None:
            raise SignInNeeded
        return self.signed_in

    @property
    def acting(self) -> Acting:
        """What the operator does here now. Raise SignInNeeded where nobody is signed in."""
        return Acting(self.site, self.operator, self.now, token=self.token or "", password=self.own_password)

    def send(self, request: RequestOf[R], body: bytes = b"") -> R:
        """Have the registrar carry out `request`.

        Raise its refusal. No route catches ConfirmationNeeded: it shows a page that asks for the password.
        """
        return self.acting.send(request, body)

    def send_open(self, request: OpenRequest[R]) -> R:
        """The same for a request that needs nobody to be signed in."""
        return Acting(self.site, NOBODY, self.now).send(request)

    def may(self, right: Right) -> bool:
        return self.signed_in is not None and may(self.signed_in, right)


def find_visitor(request: Request) -> Visitor:
    """Ask the registrar whose session it is. Raise RegistrarUnavailable."""
    site: Site = request.app.state.site
    cookies: Cookies = request.app.state.cookies
    token = cookies.read(request.cookies, SESSION) or ""
    by_hand = request.scope["path"] not in BY_ITSELF
    question = FindSession(session=token if len(token) <= LONGEST_TOKEN else "", by_hand=by_hand)
    operator = Acting(site, NOBODY, site.now()).send(question)
    return _visitor(request, operator, token if operator else None)


def stranger(request: Request) -> Visitor:
    """An unknown visitor, for an error page that must need nothing but the request."""
    return _visitor(request, operator=None, token=None)


def _visitor(request: Request, operator: Operator | None, token: str | None) -> Visitor:
    site: Site = request.app.state.site
    cookies: Cookies = request.app.state.cookies
    language = operator.language if operator else cookies.read(request.cookies, LANGUAGE)
    if language is None or language not in LANGUAGES:
        language = preferred(request.headers.get("accept-language", ""))
    return Visitor(
        site=site,
        now=site.now(),
        words=Words.of_site(site.config, language),
        address=request.client.host if request.client else "",
        token=token,
        browser=cookies.read(request.cookies, BROWSER),
        signed_in=operator,
    )
