"""Who would enter an area with a tap: the person, and the one who waits to be admitted with them."""

from collections.abc import Collection

from controller.decision.facts import Facts
from controller.decision.second_person import first_of_two
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.rule_book import Area


def added(request: AccessRequest, now: Moment, facts: Facts, area: Area) -> list[str | None]:
    """The category of each. A person whom the log already has inside does not count twice."""
    if facts.presence is None:
        return []
    inside = [one.person for one in facts.presence.inside(area.name)]
    return added_to(inside, request, now, facts)


def added_to(inside: Collection[str], request: AccessRequest, now: Moment, facts: Facts) -> list[str | None]:
    """The category of each who would join the people `inside`."""
    if request.record is None:
        return []
    holder = request.record.cardholder
    coming = [(holder.id, holder.category)]
    first = first_of_two(request, now, facts)
    if first is not None:
        coming.append((first.person, first.category))
    return [category for person, category in coming if person not in inside]
