"""Counts the people of a site; from that each rule's setting computes how many it may refuse."""

from controller.model.headcount import Headcount
from controller.registry.headcount import headcount
from controller.services.acting import Acting
from controller.services.rights import Right

__all__ = ["Headcount", "people"]


def people(acting: Acting) -> Headcount:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return headcount(db, acting.moment.utc.astimezone(acting.site.config.site.time_zone).date())
