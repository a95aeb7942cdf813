"""The strip of alarms on the log and doors pages, which refreshes every two seconds."""

import hashlib
from collections.abc import Sequence

from controller.services.doors.now import DoorsStatus
from web.words.door_alarms import AlarmBanner


def strip_digest(state: DoorsStatus, alarms: Sequence[AlarmBanner], waiting: int = 0) -> str:
    """Return a digest of the strip's content; `waiting` counts unacknowledged alarms.

    The page replaces the strip only when the digest changes: a screen reader reads each new strip aloud.
    """
    doors = [
        (
            door.name,
            door.forced,
            door.held,
            [(reader.name, reader.online, reader.problem) for reader in door.readers],
        )
        for door in state.doors
    ]
    content = repr((state.fire, doors, list(alarms), waiting))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
