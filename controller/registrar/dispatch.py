"""From a message to its answer: shape, session, right, rate, confirmation, handler."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from controller.errors import N_, GenkanError, NotPermitted, SessionEnded
from controller.model.operators import NOBODY
from controller.registrar.confirmations import Confirmed
from controller.registrar.lines import refuse_large
from controller.registrar.rates import Rates
from controller.registrar.request_hash import request_hash
from controller.registrar.still_signed_in import checked_in_each_write
from controller.services.acting import Acting
from controller.services.operators import sign_in
from controller.services.request_table import KINDS
from controller.services.requests.link import handled
from controller.services.requests.request import OpenRequest, Proof, Request, RequestWithBody
from controller.services.requests.wire import (
    Message,
    decode_answer,
    decode_message,
    decode_request,
    encode_error,
    encode_request,
    encode_result,
)
from controller.services.site import Site

R = TypeVar("R")


class Dispatcher:
    """Threads may share it. `site` is open for writing."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._rates = Rates()
        self._confirmed = Confirmed()

    def answer(self, plain: Any, body: bytes = b"", trusted: Acting | None = None) -> dict[str, Any]:
        """The answer to one message, a result or a refusal.

        `trusted` acts where a message has no session: the command line, which the operating system admits.
        """
        try:
            message = decode_message(plain)
            request = decode_request(KINDS, message)
            return encode_result(self._carry_out(message, request, body, trusted))
        except GenkanError as error:
            return encode_error(error)

    def _carry_out(self, message: Message, request: Request[R], body: bytes, trusted: Acting | None) -> R:
        most = request.body_most if isinstance(request, RequestWithBody) else 0
        refuse_large(len(body), most)
        if isinstance(request, OpenRequest):
            result: R = request.handle_open(self.site, self.site.now())
            return result
        acting = self._acting(message) if message.token or trusted is None else trusted
        acting.require(request.right)
        if acting is not trusted:
            if request.needs_the_machine:
                raise NotPermitted(N_("Only the command line can do this, at the machine itself."))
            self._rates.count(
                acting.token, message.kind, most=request.most_a_minute, mono_ms=acting.moment.mono_ms
            )
            acting = self._confirmed_by(acting, request, body)
        if not acting.token:
            return handled(acting, request, body)
        with checked_in_each_write(acting):
            return handled(acting, request, body)

    def _confirmed_by(self, acting: Acting, request: Request[Any], body: bytes) -> Acting:
        """`acting`, whose actions name the confirmation and the hash of the one request that it was for."""
        if request.holds_password:
            proof: Proof | None = Proof.PASSWORD
        else:
            proof = self._confirmed.require(acting, request.confirmation())
        if proof is None:
            return acting
        bound = {"confirmed": proof.value, "request_hash": request_hash(request, body, self.site.key)}
        return replace(acting, confirmation=bound)

    def _acting(self, message: Message) -> Acting:
        """Whose session it is, with the present account."""
        now = self.site.now()
        operator = sign_in.session(self.site, now, message.token, used=False) if message.token else None
        if operator is None:
            raise SessionEnded
        return Acting(self.site, operator, now, token=message.token, password=message.password)


class LocalLink:
    """Takes requests to a dispatcher in this process, in their wire form."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def send(self, acting: Acting, request: Request[R], body: bytes = b"") -> R:
        message = encode_request(request, acting.token, acting.password)
        trusted = None
        if not acting.token and acting.operator != NOBODY:
            trusted = replace(acting, site=self._dispatcher.site)
        answer = self._dispatcher.answer(json.loads(json.dumps(message)), body, trusted)
        received: Mapping[str, Any] = json.loads(json.dumps(answer))
        return decode_answer(type(request), received)


class LocalLinkWhenNeeded:
    """As LocalLink, with a site that it opens for writing at the first request; until then nobody writes."""

    def __init__(
        self,
        open_site: Callable[[], Site],
        as_writer: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Everything that writes runs within `as_writer()`."""
        self._open_site, self._as_writer = open_site, as_writer
        self._link: LocalLink | None = None
        self._site: Site | None = None

    def open(self, reading: Site) -> LocalLink:
        """`reading` gives up its connections first: SQLite lets none write beside one that maps the -shm
        read-only in the same process.
        """
        if self._link is None:
            reading.registry.close()
            with self._as_writer():
                self._site = self._open_site()
            self._link = LocalLink(Dispatcher(self._site))
        return self._link

    def send(self, acting: Acting, request: Request[R], body: bytes = b"") -> R:
        link = self.open(acting.site)
        with self._as_writer():
            return link.send(acting, request, body)

    def close(self) -> None:
        if self._site is not None:
            with self._as_writer():
                self._site.close()


def link_locally(site: Site) -> None:
    """Have this process answer its own requests."""
    site.link = LocalLink(Dispatcher(site))
