"""People whom a rule that requires somebody's presence may count, such as a supervisor."""

from controller.decision.facts import Facts
from controller.decision.presence import Inside
from controller.model.moment import Moment


def present_today(area: str, now: Moment, facts: Facts) -> list[Inside]:
    """People inside since this day of the site began. The log also has inside those who forgot to tap out on
    an earlier day; they have probably left. A tap into an area within this one shows a person here as well.
    """
    if facts.presence is None:
        return []
    began, presence = facts.site.day_began(now.judged_utc), facts.presence
    found = []
    for one in presence.inside(area):
        innermost = presence.where(one.person)
        if one.since >= began or (innermost is not None and innermost.since >= began):
            found.append(one)
    return found
