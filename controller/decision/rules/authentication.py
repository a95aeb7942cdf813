"""A badge that has a key must prove it at every door: a card that does not may be a copy.

A card whose issuing has not finished is refused too, whether the door has a key for it or not.
"""

from typing import Any

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.unproved import REASON_OF


def authentication(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    return None if request.unproved is None else REASON_OF[request.unproved]


def observations(request: AccessRequest, now: Moment, facts: Facts, setting: Any) -> Observations:
    unproved = None if request.unproved is None else request.unproved.value
    return {"unproved": unproved, "shown": int(request.assurance)}
