"""Dual access at the tap of the second person: both are let in, or the second begins to wait."""

from dataclasses import dataclass, replace

from controller.decision.access import Verdict, decide
from controller.decision.facts import Facts
from controller.decision.second_person import first_of_two
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


@dataclass(frozen=True)
class First:
    """Who was refused for want of a second person, and is let in with them."""

    request: AccessRequest
    verdict: Verdict


class Pairs:
    """Remembers the tap that waits at each access point: the log alone holds too little to grant it.

    A restart between the two taps begins anew: then the second person is the one who waits.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, AccessRequest] = {}

    def judge(
        self, request: AccessRequest, now: Moment, facts: Facts, verdict: Verdict
    ) -> tuple[Verdict, First | None]:
        """Whoever waits is judged anew: only if all but the second person is still right, both go in."""
        if verdict.reason is DenyReason.SECOND_PERSON_NEEDED:
            self._waiting[request.access_point] = request
            return verdict, None
        waits = first_of_two(request, now, facts) if verdict.reason is None else None
        if waits is None:
            return verdict, None
        first = self._waiting.pop(request.access_point, None)
        if first is not None and first.record is not None and first.record.cardholder.id == waits.person:
            again = decide(first, now, facts)
            if again.reason is DenyReason.SECOND_PERSON_NEEDED:
                return verdict, First(first, replace(again, reason=None))
        self._waiting[request.access_point] = request
        return replace(verdict, reason=DenyReason.SECOND_PERSON_NEEDED), None
