"""What operators may ask about the keys that badges prove: the issuing station and its files."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.people import card_keys
from controller.services.people.badge import Badge
from controller.services.people.card_keys import KeysReport
from controller.services.requests.request import Confirm, ReasonText, Ref, Request, RequestWithBody
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCardKeys(RequestWithBody[KeysReport]):
    """The body is the file of an issuing station. `expected`: only of the station with this ID."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset[ActionType]()
    body_most = card_keys.MAX_BYTES

    expected: Ref | None = None

    def handle_body(self, acting: Acting, body: bytes) -> KeysReport:
        return card_keys.check(acting, body, expected=self.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCardKeys(Request[int]):
    """Returns the number of badges."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.BADGE_KEY_SET})
    answered_within_s = 300.0  # 20,000 badges

    import_id: Ref

    def handle(self, acting: Acting) -> int:
        return card_keys.publish(acting, self.import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardCardKeys(Request[None]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset[ActionType]()

    import_id: Ref

    def handle(self, acting: Acting) -> None:
        card_keys.discard(acting, self.import_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStation(Request[None]):
    """`station` is its public key, in hexadecimal."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.ISSUING_STATION_TRUSTED})

    station: Ref

    def handle(self, acting: Acting) -> None:
        card_keys.trust_station(acting, self.station)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetCardKey(Request[Badge]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.BADGE_KEY_REMOVED})

    badge_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Badge:
        return card_keys.forget(acting, self.badge_id, self.reason)


CARD_KEY_REQUESTS: tuple[type[Request[Any]], ...] = (
    CheckCardKeys,
    PublishCardKeys,
    DiscardCardKeys,
    TrustStation,
    ForgetCardKey,
)
