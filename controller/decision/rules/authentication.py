"""A badge that has a key has to prove it, at every door: one that does not may be a copy.

Nor is a card let in whose issuing has not ended, whether the door knows a key of it or not.
"""

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.unproved import REASON_OF


def authentication(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
    return None if request.unproved is None else REASON_OF[request.unproved]
