<<<<<<< HEAD
"""A badge that has a key has to prove it, at every door: one that does not may be a copy.

Nor is a card let in whose issuing has not ended, whether the door knows a key of it or not.
"""
=======
"""A badge that has a key has to prove it, at every door: what does not, or is a recording, may be a copy."""
>>>>>>> 4715d6e (cards: NTAG 424 DNA badges say a new message at each tap, and a recording opens nothing)

from controller.decision.facts import Facts
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.unproved import REASON_OF


def authentication(request: AccessRequest, now: Moment, facts: Facts) -> DenyReason | None:
<<<<<<< HEAD
    return None if request.unproved is None else REASON_OF[request.unproved]
=======
    return DenyReason.AUTHENTICATION_FAILED if request.proof_failed else request.reading_refused
>>>>>>> 4715d6e (cards: NTAG 424 DNA badges say a new message at each tap, and a recording opens nothing)
