"""Who would enter an area with a tap: the person, and the one who waits to be admitted with them."""

from controller.decision.facts import Facts
from controller.decision.second_person import first_of_two
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.rule_book import Area


def added(request: AccessRequest, now: Moment, facts: Facts, area: Area) -> list[str | None]:
    """The category of each. A person whom the log already has inside does not count twice."""
    if facts.presence is None or request.record is None:
        return []
    holder = request.record.cardholder
    coming = [(holder.id, holder.category)]
    first = first_of_two(request, now, facts)
    if first is not None:
        coming.append((first.person, first.category))
    return [category for person, category in coming if not facts.presence.is_in(person, area.name)]
