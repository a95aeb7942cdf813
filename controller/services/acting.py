"""Operator, site and moment of a request: every service takes them as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.registry import actions
from controller.registry.database import Connection
from controller.services import rights
from controller.services.rights import Right

if TYPE_CHECKING:
    from controller.services.requests.request import Request
    from controller.services.site import Site

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Acting:
    """An operator who acts on a site at a moment.

    At the pages `token` is that of the session, and `password` the own password typed with this request.
    `confirmation`: what confirmed the request, and its hash, for the actions that it records.
    """

    site: "Site"
    operator: Operator
    moment: Moment
    token: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    confirmation: Mapping[str, str] = field(default_factory=dict)

    def may(self, right: Right) -> bool:
        return rights.may(self.operator, right)

    def require(self, right: Right) -> None:
        """Raise NotPermitted where the operator's role does not have the right."""
        rights.require(self.operator, right)

    def send(self, request: "Request[R]", body: bytes = b"") -> R:
        """Have the registrar carry out `request`. Return its result, or raise its refusal."""
        return self.site.link.send(self, request, body)

    def record(
        self,
        db: Connection,
        action: ActionType,
        object_type: str | None = None,
        object_id: str | None = None,
        before: Mapping[str, Json] | None = None,
        after: Mapping[str, Json] | None = None,
        reason: str | None = None,
        about: Mapping[str, Json] | None = None,
        rights: str | None = None,
    ) -> int:
        """Write the operator's action, in the transaction of the change itself. Return the row's id.

        `rights`: only those that no change of this transaction gives.
        """
        return actions.record(
            db,
            self.operator,
            self.moment.utc,
            action,
            object_type=object_type,
            object_id=object_id,
            before=before,
            after=after,
            reason=reason,
            about=about,
            rights=rights,
            confirmation=self.confirmation,
        )
