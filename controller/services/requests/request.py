"""A request: everything that an operator may ask, as one frozen dataclass with its right and its handler.

Each subject lists its requests in `services/<subject>/requests.py`, `services/request_table.py` all of them.
docs/requests.md shows how to add one.
"""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, get_args

from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit
from controller.services.rights import Right
from controller.services.typed_texts import NAME_LENGTH, REASON_LENGTH

if TYPE_CHECKING:
    from controller.model.moment import Moment
    from controller.services.acting import Acting
    from controller.services.site import Site

R = TypeVar("R")

# Each text of a request has one of these types, or an Annotated type of its own with a TextLimit.
Ref = Annotated[str, TextLimit(64)]  # a reference, or a name from genkan.toml
NameText = Annotated[str, TextLimit(NAME_LENGTH)]
ReasonText = Annotated[str, TextLimit(REASON_LENGTH)]

REQUESTS_A_MINUTE = 120


class Confirm(StrEnum):
    """What the operator must prove besides the session: that the same person is still at the browser."""

    NEVER = "never"  # requests that restrict
    RECENT = "recent"  # the password within 10 minutes, renewed while the operator works, 60 at most
    EACH_TIME = "each_time"  # the password with this very request


class Proof(StrEnum):
    """What confirmed a request, as its action names it."""

    PASSWORD = "password"  # noqa: S105 - typed with this request
    RECENT_PASSWORD = "recent_password"  # noqa: S105


class Request(Generic[R]):
    """The base of each request; R is what its handler returns.

    A request holds values alone (texts, numbers, days, enums, dataclasses and tuples of them): it travels
    between processes as JSON.
    """

    __slots__ = ()

    right: ClassVar[Right]
    confirm: ClassVar[Confirm]
    actions: ClassVar[
        frozenset[ActionType]
    ]  # what the handler may record; empty: it changes nothing in force
    needs_the_machine: ClassVar[bool] = False  # no session may send it, only the command line
    follows_a_page: ClassVar[bool] = False  # records what a page or export did; no program sends it by itself
    holds_password: ClassVar[bool] = False  # a field has the own password, which the handler checks
    most_a_minute: ClassVar[int] = REQUESTS_A_MINUTE  # in one session
    answered_within_s: ClassVar[float] = 15.0  # 5 s for the lock, and passwords wait for each other

    def confirmation(self) -> Confirm:
        """Override it where the fields decide."""
        return self.confirm

    def handle(self, acting: "Acting") -> R:
        """Carry it out in one transaction, which also records the action."""
        raise NotImplementedError


class OpenRequest(Request[R]):
    """A request of somebody who is not signed in. It needs no right and no session."""

    __slots__ = ()

    confirm = Confirm.NEVER

    def handle_open(self, site: "Site", now: "Moment") -> R:
        raise NotImplementedError


class RequestWithBody(Request[R]):
    """A request that comes with the content of a file, such as an import."""

    __slots__ = ()

    body_most: ClassVar[int]  # bytes
    answered_within_s = 300.0  # a file of 50,000 badges

    def handle_body(self, acting: "Acting", body: bytes) -> R:
        raise NotImplementedError


def kind_of(request: "type[Request[Any]]") -> str:
    """ReportBadgeLost is `report_badge_lost` on the wire."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", request.__name__).lower()


def result_of(request: "type[Request[Any]]") -> Any:
    """The type of what its handler returns."""
    for base in request.__dict__["__orig_bases__"]:
        return get_args(base)[0]
    raise TypeError(f"{request.__name__} must be a Request[of something]")
