"""A badge that has a key has to prove it, at every door: one that does not may be a copy."""

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


def authentication(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    return DenyReason.AUTHENTICATION_FAILED if request.proof_failed else None
