"""Random histories: the fold against a slow reference that reads the whole log for every answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decision.presence import Fact, Presence
from tests.controller.decision.test_presence import FIRST

PEOPLE = ("p1", "p2", "p3")
AREAS = ("floor", "archive")
CATEGORIES = ("sv", "regular", None)


def where(log: Sequence[Fact], person: str) -> str | None:
    """By the newest record that still counts and says where the person is."""
    nobody_through = {
        fact.code("of") for fact in log if fact.type == "access_outcome" and fact.result != "opened"
    }
    area: str | None = None
    for place, fact in enumerate(log):
        match fact.type, fact.code("action"):
            case "access_granted", _ if fact.person == person:
                if fact.direction == "in" and fact.seq in nobody_through:
                    continue
                if fact.code("area") is not None:
                    area = str(fact.code("area"))
                elif fact.code("left") is not None:
                    area = None
            case "operator_action", "presence_corrected" if fact.code("object_id") == person:
                found = fact.code("area")
                area = None if found is None else str(found)
            case "operator_action", "area_emptied":
                if where(log[:place], person) == fact.code("object_id"):
                    area = None
    return area


def forgiven(log: Sequence[Fact], person: str) -> bool:
    nobody_through = {
        fact.code("of") for fact in log if fact.type == "access_outcome" and fact.result != "opened"
    }
    answer = False
    for place, fact in enumerate(log):
        if fact.type == "access_granted" and fact.person == person:
            if fact.direction == "in" and fact.code("area") and fact.seq not in nobody_through:
                answer = False
        elif fact.code("action") == "forgiven":
            of = fact.code("object_id")
            if of == (where(log[:place], person) if fact.code("object_type") == "area" else person):
                answer = True
    return answer


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Outcomes come for inward grants only, once each, some time after; as from a door."""
    log: list[Fact] = []
    open_grants: list[int] = []
    for seq in range(1, draw(st.integers(1, 24)) + 1):
        fact = replace(FIRST, seq=seq, utc=FIRST.utc + timedelta(minutes=seq), mono_ms=seq * 60_000, codes={})
        person, area = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(AREAS))
        what = draw(
            st.sampled_from(("in", "in", "out", "through", "outcome", "corrected", "emptied", "forgiven"))
        )
        if what == "outcome" and not open_grants:
            what = "in"
        match what:
            case "in":
                codes = {"area": area, "category": draw(st.sampled_from(CATEGORIES))}
                fact = replace(fact, person=person, codes={k: v for k, v in codes.items() if v is not None})
                open_grants.append(seq)
            case "through":  # inward at a door that leads out of an area and into none
                fact = replace(fact, person=person, codes={"left": area})
                open_grants.append(seq)
            case "out":
                fact = replace(fact, person=person, direction="out", codes={"left": area})
            case "outcome":
                of = open_grants.pop(draw(st.integers(0, len(open_grants) - 1)))
                result = draw(st.sampled_from(("opened", "not_opened", "not_released")))
                fact = replace(fact, type="access_outcome", result=result, person=None, codes={"of": of})
            case "corrected":
                codes = {"action": "presence_corrected", "object_type": "person", "object_id": person}
                to = {"area": area} if draw(st.booleans()) else {}
                fact = replace(fact, type="operator_action", person=None, codes=codes | to)
            case "emptied":
                codes = {"action": "area_emptied", "object_type": "area", "object_id": area}
                fact = replace(fact, type="operator_action", person=None, codes=codes)
            case "forgiven":
                kind = draw(st.sampled_from((("area", area), ("person", person))))
                codes = {"action": "forgiven", "object_type": kind[0], "object_id": kind[1]}
                fact = replace(fact, type="operator_action", person=None, codes=codes)
        log.append(fact)
    return log


@settings(deadline=None)
@given(histories())
def test_fold_says_what_the_whole_log_says(log: list[Fact]) -> None:
    presence = Presence()
    for place, fact in enumerate(log, 1):
        presence.apply(fact)
        so_far = log[:place]
        for person in PEOPLE:
            found = presence.where(person)
            assert (None if found is None else found.area) == where(so_far, person)
            assert presence.is_forgiven(person) == forgiven(so_far, person)
        for area in AREAS:
            inside = {one.person for one in presence.inside(area)}
            assert inside == {person for person in PEOPLE if where(so_far, person) == area}
            assert presence.count(area) == len(inside)
            counted = [presence.count_of(area, [c]) for c in ("sv", "regular")]
            assert counted == [
                sum(one.category == c for one in presence.inside(area)) for c in ("sv", "regular")
            ]
