"""The door contact: believed, unless it changes faster than a leaf can move. Pure.

A loose magnet or a bad wire would otherwise be a break-in three times a second. While it flaps the door stays
as it was last believed; after 10 s without a change it takes the position of the contact.
"""

from collections import deque

from controller.model.actions import DoorAction, RecordDoorEvent, StartTimer
from controller.model.events import EventType

STEADY = "steady"  # the timer
FLAPPING_MS = 2_000
STEADY_MS = 10_000


class DoorContact:
    def __init__(self, door: str, flapping_changes: int) -> None:
        """The contact flaps if it changes `flapping_changes` times within FLAPPING_MS."""
        self._door = door
        self._flapping_changes = flapping_changes
        self._changed_ms: deque[int] = deque(maxlen=flapping_changes)
        self.is_open = False  # the raw contact, believed or not
        self.flaps = False

    def report(self, is_open: bool, mono_ms: int) -> list[DoorAction] | None:
        """A new position of the contact; None if nothing changes. Compare `flaps` before and after: the
        change counts only if `flaps` was false before.
        """
        if is_open is self.is_open:
            return None
        self.is_open = is_open
        self._changed_ms.append(mono_ms)
        if self.flaps:
            return [StartTimer(self._door, STEADY, mono_ms + STEADY_MS)]
        many = len(self._changed_ms) == self._flapping_changes
        if not many or mono_ms - self._changed_ms[0] >= FLAPPING_MS:
            return []
        self.flaps = True
        return [
            RecordDoorEvent(self._door, EventType.DOOR_CONTACT_FLAPPING),
            StartTimer(self._door, STEADY, mono_ms + STEADY_MS),
        ]

    def expired(self, mono_ms: int) -> list[DoorAction]:
        """Check `flaps` afterwards: false means that the contact counts again."""
        if not self.flaps:
            return []
        steady_at = self._changed_ms[-1] + STEADY_MS
        if mono_ms < steady_at:
            return [StartTimer(self._door, STEADY, steady_at)]
        self.flaps = False
        self._changed_ms.clear()
        return [RecordDoorEvent(self._door, EventType.DOOR_CONTACT_STEADY)]
