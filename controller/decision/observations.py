"""What several rules record of a tap for an explanation: codes, numbers and times, never a name."""

from collections.abc import Mapping
from datetime import datetime

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.rule_book import Area

Observations = Mapping[str, Json]
UNKNOWN: Observations = {"presence_known": False}
NO_AREA: Observations = {"area": None}


def person_of(request: AccessRequest) -> str:
    return "" if request.record is None else request.record.cardholder.id


def category_of(request: AccessRequest) -> str | None:
    return None if request.record is None else request.record.cardholder.category


def overrides(request: AccessRequest) -> bool:
    """Whether the person enters in a lockdown and at a locked door."""
    return request.record is not None and request.record.cardholder.overrides


def area_entered(request: AccessRequest, facts: Facts) -> Area | None:
    return facts.book.area_entered(request.access_point)


def day_began(now: Moment, facts: Facts) -> str:
    return facts.site.day_began(now.judged_utc).isoformat()


def iso_text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
