"""What the card proved: a door can require more than a number, which can be copied."""

from controller.decision.facts import Facts
from controller.decision.observations import Observations
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rules.assurance import AssuranceSetting


def assurance(
    request: AccessRequest, now: Moment, facts: Facts, setting: AssuranceSetting
) -> DenyReason | None:
    return DenyReason.ASSURANCE_TOO_LOW if request.assurance < setting.least else None


def observations(
    request: AccessRequest, now: Moment, facts: Facts, setting: AssuranceSetting
) -> Observations:
    return {"shown": int(request.assurance), "least": setting.least}
