"""A floor with rules, people who tap at its door, and operators' actions copied as the door copies them."""

from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import Area, Category, RuleBook
from controller.registry import actions
from controller.runtime.copy_actions import action_event
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, NOW

FLOOR = Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",))
BOOK = RuleBook(
    areas={"floor": FLOOR},
    categories={"sv": Category("sv", "Supervisor", "管理者", supervisor=True, regular=True)},
)


class FloorSide(DoorSide):
    def __init__(self, site: Site) -> None:
        super().__init__(site)
        rule_books.publish(Acting(site, ADMIN, NOW), BOOK, "first")
        self.ids: dict[str, str] = {}

    def add(self, name: str) -> str:
        self.ids[name] = people.add(Acting(self.site, ADMIN, NOW), name).id
        return self.ids[name]

    def taps(self, name: str, direction: str, at: Moment = NOW, area: str = "floor") -> int:
        codes = {"area" if direction == "in" else "left": area, "category": "sv"}
        person = self.ids.get(name) or self.add(name)
        return self.record(
            EventType.ACCESS_GRANTED,
            at,
            door="entrance",
            access_point=f"entrance-{direction}",
            direction=direction,
            person=person,
            codes=codes,
        )

    def refused(self, name: str, reason: DenyReason, at: Moment = NOW, **codes: str) -> int:
        """At the entrance, on the way into the floor."""
        return self.record(
            EventType.ACCESS_DENIED,
            at,
            door="entrance",
            access_point="entrance-in",
            direction="in",
            person=self.ids.get(name) or self.add(name),
            result="denied",
            reason=reason.value,
            codes={"area": "floor", "category": "sv"} | codes,
        )

    def copies(self, at: Moment = NOW) -> None:
        registry_id = self.site.registry.id()
        with self.site.registry.read() as db:
            rows = actions.actions_after(db, self.journal.last_action(registry_id), 100)
        self.journal.append_actions(registry_id, [(row.id, action_event(row, at)) for row in rows])
