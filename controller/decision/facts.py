"""Everything the rules may read besides the request and the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from controller.decision.presence import Presence
from controller.decision.site import SitePolicy
from controller.model.access import AccessRequest, Direction, Schedule, StandsReleased
from controller.model.credentials import Assurance
from controller.model.rule_book import DoorMode, RuleBook
from controller.model.unproved import Unproved

_OF_ANY_BADGE = frozenset({Unproved.UNREAD, Unproved.HALF_ISSUED})
SITE = "*"  # a lockdown of the whole site


@dataclass(frozen=True)
class DoorFacts:
    """A door as the door process knows it at this moment."""

    mode: DoorMode = DoorMode.CARD
    is_open: bool = False
    is_released: bool = False  # or about to be: a grant or an order is in progress
    stands_released: StandsReleased | None = None


@dataclass(frozen=True)
class Facts:
    """`lockdowns` are names of areas, or SITE; `schedules` go by name. `presence` is None until the log has
    been read: rules that need it then neither refuse nor warn, and the record has the code
    `presence_unknown`. A day that is not in `day_types` is an ordinary day of its weekday. `door_of` covers
    every access point.
    """

    site: SitePolicy
    book: RuleBook = field(default_factory=RuleBook)
    presence: Presence | None = None
    lockdowns: frozenset[str] = frozenset()
    doors: Mapping[str, DoorFacts] = field(default_factory=lambda: MappingProxyType({}))
    schedules: Mapping[str, Schedule] = field(default_factory=lambda: MappingProxyType({}))
    day_types: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    door_of: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def door(self, name: str) -> DoorFacts:
        return self.doors.get(name) or DoorFacts(self.book.door(name).mode)

    def lockdowns_at(self, access_point: str) -> frozenset[str]:
        """The lockdowns that apply to anyone who enters here: of the area, of those around it, of the
        site.
        """
        return self.lockdowns & {SITE, *self.book.areas_entered(access_point)}

    def release_override(self, request: AccessRequest) -> StandsReleased | None:
        """What admits this known person even if a rule refuses; the rules then only warn, as on the way out.

        A number without its key identifies nobody. A badge that has no key identifies its holder, even if the
        reader could not finish reading the card.
        """
        if request.direction is Direction.OUT or request.record is None:
            return None
        keyless = request.record.credential.assurance < Assurance.CARD_KEY
        if request.unproved is not None and not (keyless and request.unproved in _OF_ANY_BADGE):
            return None
        return self.door(request.door).stands_released
