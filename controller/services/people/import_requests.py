"""What operators may ask about imports of people and badges: check a file, put it in force, discard it."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.people import imports
from controller.services.people.imports import ImportReport
from controller.services.requests.request import Confirm, Ref, Request, RequestWithBody
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckImport(RequestWithBody[ImportReport]):
    """The body is a CSV file."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset[ActionType]()
    body_most = imports.MAX_BYTES

    def handle_body(self, acting: Acting, body: bytes) -> ImportReport:
        return imports.check(acting, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishImport(Request[int]):
    """Returns the number of badges."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.BADGES_IMPORTED})
    answered_within_s = 300.0  # 100,000 badges

    import_id: Ref

    def handle(self, acting: Acting) -> int:
        return imports.publish(acting, self.import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardImport(Request[None]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset[ActionType]()

    import_id: Ref

    def handle(self, acting: Acting) -> None:
        imports.discard(acting, self.import_id)


IMPORT_REQUESTS: tuple[type[Request[Any]], ...] = (CheckImport, PublishImport, DiscardImport)
