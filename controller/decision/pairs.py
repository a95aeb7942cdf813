"""Dual access at the tap of the second person: admit both, or the second begins to wait."""

from dataclasses import dataclass, replace

from controller.decision.access import Verdict, decide
from controller.decision.facts import Facts
from controller.decision.second_person import first_of_two
from controller.model.access import AccessRequest
from controller.model.moment import Moment
from controller.model.reasons import DenyReason


@dataclass(frozen=True)
class First:
    """The person who waited for a second one and is admitted together with them."""

    request: AccessRequest
    verdict: Verdict


class Pairs:
    """Remembers the tap that waits at each access point: the log alone has too little to grant it.

    While the log cannot be read, only this memory knows who waits.

    A restart between the two taps forgets the first: then the second person is the one who waits.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[AccessRequest, Moment]] = {}

    def judge(
        self, request: AccessRequest, now: Moment, facts: Facts, verdict: Verdict
    ) -> tuple[Verdict, First | None]:
        """Judge the waiting person again. Both enter only if the first one still lacks nothing but a second
        person.
        """
        alone = verdict.reason is DenyReason.SECOND_PERSON_NEEDED
        if alone and facts.presence is None:
            person = self._waiting_while_unread(request, now, facts)
        else:
            waits = first_of_two(request, now, facts) if verdict.reason is None else None
            person = None if waits is None else waits.person
        if person is None:
            if alone:
                self._waiting[request.access_point] = request, now
            return verdict, None
        first, _ = self._waiting.pop(request.access_point, (None, None))
        if first is not None and first.record is not None and first.record.cardholder.id == person:
            again = decide(first, now, facts)
            if again.reason is DenyReason.SECOND_PERSON_NEEDED:
                return replace(verdict, reason=None), First(first, replace(again, reason=None))
        self._waiting[request.access_point] = request, now
        return replace(verdict, reason=DenyReason.SECOND_PERSON_NEEDED), None

    def _waiting_while_unread(self, request: AccessRequest, now: Moment, facts: Facts) -> str | None:
        """The other person who waits here, by this memory."""
        first, since = self._waiting.get(request.access_point, (None, None))
        rules = facts.book.rules_at(request.door, request.access_point).values()
        seconds = max((one.second_within for one in rules if one.is_enforced), default=0)
        if first is None or since is None or first.record is None or request.record is None:
            return None
        person = first.record.cardholder.id
        if not seconds or person == request.record.cardholder.id:
            return None
        return person if now.mono_ms - since.mono_ms <= 1000 * seconds else None
