"""What somebody asks who may not be signed in: whose session it is, to sign in, to set the site up."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit
from controller.services.acting import Acting
from controller.services.operators import sign_in
from controller.services.operators.sign_in import SignedIn
from controller.services.requests.request import Confirm, OpenRequest, Ref, Request
from controller.services.rights import Right
from controller.services.site import Site

_Typed = Annotated[str, TextLimit(500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSession(OpenRequest[Operator | None]):
    """The operator of a session; None if it has ended. `by_hand`: the session counts as used.

    Without a session it reads no file.
    """

    actions = frozenset[ActionType]()
    answered_within_s = 7.0  # each page waits for it; noting the use may wait 5 s for a lock

    session: _Typed = field(repr=False)
    by_hand: bool = True

    def handle_open(self, site: Site, now: Moment) -> Operator | None:
        return sign_in.session(site, now, self.session, used=self.by_hand) if self.session else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSessions(OpenRequest[tuple[Operator | None, ...]]):
    """The operators of several sessions, for pages that refresh themselves: no session counts as used."""

    actions = frozenset[ActionType]()
    answered_within_s = 5.0

    sessions: tuple[_Typed, ...] = field(repr=False)

    def handle_open(self, site: Site, now: Moment) -> tuple[Operator | None, ...]:
        return tuple(sign_in.session(site, now, one, used=False) for one in self.sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(OpenRequest[SignedIn]):
    """`address` and `device` are the browser's, by which failures are counted."""

    actions = frozenset({ActionType.SIGNED_IN, ActionType.SIGN_IN_FAILED})

    name: _Typed
    password: _Typed = field(repr=False)
    address: Ref
    device: Ref | None = field(default=None, repr=False)

    def handle_open(self, site: Site, now: Moment) -> SignedIn:
        return sign_in.sign_in(site, now, self.name, self.password, address=self.address, device=self.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFirstAdministrator(OpenRequest[SignedIn]):
    actions = frozenset({ActionType.FIRST_ADMINISTRATOR_ADDED})

    code: _Typed = field(repr=False)
    name: _Typed
    display_name: _Typed
    language: Ref
    password: _Typed = field(repr=False)
    password_again: _Typed | None = field(default=None, repr=False)
    address: Ref

    def handle_open(self, site: Site, now: Moment) -> SignedIn:
        return sign_in.first_administrator(
            site,
            now,
            code=self.code,
            name=self.name,
            display_name=self.display_name,
            language=self.language,
            password=self.password,
            password_again=self.password_again,
            address=self.address,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSetUpCode(Request[str | None]):
    """Returns None once an administrator exists."""

    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset[ActionType]()
    needs_the_machine = True

    def handle(self, acting: Acting) -> str | None:
        return sign_in.new_set_up_code(acting.site, acting.moment)


SIGN_IN_REQUESTS: tuple[type[Request[Any]], ...] = (
    FindSession,
    FindSessions,
    SignIn,
    AddFirstAdministrator,
    NewSetUpCode,
)
