"""A log of taps as the door wrote them, minutes before NOW, of people who may pass everywhere."""

from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.registry import standing as standing_rows
from controller.registry.standing import Standing
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.unrecorded import unrecorded
from tests.sample_site import NOW, idm, later


class Log:
    def __init__(self, site: Site, door: DoorSide) -> None:
        self.site, self.door = site, door
        always = next(s for s in schedules.all_schedules(Acting(site, MACHINE, NOW)) if s.always)
        points = [(point, always.id) for point in site.config.access_points]
        self.level = levels.add(Acting(site, MACHINE, NOW), "Staff", points).id
        self.badges: dict[str, str] = {}

    def person(self, name: str, category: str | None = None) -> str:
        person = people.add(Acting(self.site, MACHINE, NOW), name, levels=[self.level]).id
        self.badges[person] = badges.add(
            Acting(self.site, MACHINE, NOW), person, idm(len(self.badges) + 1)
        ).id
        with unrecorded(self.site.registry) as db:
            standing_rows.save_standing(db, person, Standing(category))
        return person

    def tap(
        self,
        person: str,
        minutes: float,
        reason: str | None = None,
        out: bool = False,
        point: str = "",
        **codes: str,
    ) -> int:
        """By a reason; `second_person_needed` is one who waits."""
        result = "granted" if reason is None else "denied"
        if reason == "second_person_needed":
            result = "waiting"
        return self.door.record(
            EventType(f"access_{result}"),
            later(minutes=-minutes),
            door=point or "entrance",
            access_point=point or ("entrance-out" if out else "entrance-in"),
            reader="entrance-in",
            direction="out" if out else "in",
            result=result,
            reason=reason,
            person=person,
            credential=self.badges[person],
            codes=codes,
        )

    def lockdown(self, minutes: float, verb: str, area: str = "*") -> None:
        codes = {"action": f"lockdown_{verb}", "object_type": "lockdown", "object_id": area}
        self.door.record(EventType.OPERATOR_ACTION, later(minutes=-minutes), codes=codes)
