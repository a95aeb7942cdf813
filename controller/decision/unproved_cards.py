"""When a card that did not prove its badge's key is an alarm.

A card that answers wrongly, replays a recording, or stays on the reader without answering is not a badge of
ours: it raises the alarm immediately. A card that left early may be a genuine badge in a hurry: it raises the
alarm after LEFT_TIMES within WITHIN_MS without a proof in between. Counted since the start of the service.
Pure.
"""

from controller.model.access import AccessRequest
from controller.model.credentials import Assurance
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.unproved import Unproved

LEFT_TIMES = 3
WITHIN_MS = 10 * 60 * 1000
_AT_ONCE = {
    Unproved.WRONG: EventType.BADGE_NOT_PROVED,
    Unproved.SILENT: EventType.BADGE_NOT_PROVED,
    Unproved.KEY_UNUSABLE: EventType.BADGE_NOT_PROVED,
    Unproved.REPLAYED: EventType.BADGE_NOT_PROVED,
    Unproved.HALF_ISSUED: EventType.BADGE_HALF_ISSUED,
}


class UnprovedCards:
    def __init__(self) -> None:
        self._left: dict[str, list[int]] = {}  # by credential: when, in monotonic milliseconds

    def alarm(self, request: AccessRequest, now: Moment) -> EventType | None:
        """For a refused card with a badge in the registry."""
        if request.unproved is None or request.record is None:
            return None
        if request.unproved is not Unproved.LEFT:
            return _AT_ONCE.get(request.unproved)
        badge = request.record.credential.id
        since = now.mono_ms - WITHIN_MS
        left = [when for when in self._left.get(badge, []) if when > since] + [now.mono_ms]
        self._left[badge] = left[-LEFT_TIMES:]
        return EventType.BADGE_NOT_PROVED if len(left) >= LEFT_TIMES else None

    def tapped(self, request: AccessRequest) -> None:
        if request.record is not None and request.assurance >= Assurance.CARD_KEY:
            self._left.pop(request.record.credential.id, None)
