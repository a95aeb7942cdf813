"""Presence and lockdowns as the log had them at a record or a moment."""

from controller.model.events import EventType
from controller.services.explain import past_facts
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import later


def entry(door: DoorSide, person: str, minutes: float) -> int:
    return door.record(
        EventType.ACCESS_GRANTED,
        later(minutes=minutes),
        access_point="entrance-in",
        direction="in",
        person=person,
        codes={"area": "floor"},
    )


def lockdowns_at(site: Site, minutes: float) -> frozenset[str]:
    at = later(minutes=minutes).utc
    return past_facts.lockdowns_before(site, lambda entry: entry.utc < at)


def test_only_what_came_before_counts(site: Site) -> None:
    with DoorSide(site) as door:
        first = entry(door, "p1", 0)
        second = entry(door, "p2", 10)
        assert past_facts.before_record(site, first).presence.count("floor") == 0
        assert past_facts.before_record(site, second).presence.count("floor") == 1
        assert past_facts.before_record(site, second + 1).presence.count("floor") == 2
        then = past_facts.before_moment(site, later(minutes=10).utc)
        assert then.newest is not None
        assert (then.presence.count("floor"), then.newest.seq) == (1, first)


def test_lockdown_lasts_from_its_beginning_to_its_end(site: Site) -> None:
    with DoorSide(site) as door:
        for minutes, action in ((1, "lockdown_begun"), (5, "lockdown_ended")):
            door.record(
                EventType.OPERATOR_ACTION,
                later(minutes=minutes),
                codes={"action": action, "object_type": "lockdown", "object_id": "floor"},
            )
        for moment, in_force in ((0, set()), (3, {"floor"}), (9, set())):
            assert lockdowns_at(site, moment) == in_force
