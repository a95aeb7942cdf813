"""The subject that an event describes, so that the table `latest` gives a door's state in one query."""

from collections.abc import Mapping

from controller.model.events import Event, EventType
from controller.model.lockdowns import logged_lockdown
from controller.model.orders import ActionType

READER = frozenset({EventType.READER_ONLINE, EventType.READER_OFFLINE})
INSTALL = frozenset(
    {
        EventType.READER_INSTALL_OPENED,
        EventType.READER_KEY_TAKEN,
        EventType.READER_INSTALL_CLOSED,
        EventType.READER_INSTALL_FAILED,
    }
)
CONTACT = frozenset({EventType.DOOR_OPENED, EventType.DOOR_CLOSED})
LOCK = frozenset({EventType.LOCK_RELEASED, EventType.LOCK_SECURED})
FIRE = frozenset({EventType.FIRE_STARTED, EventType.FIRE_ENDED})
SERVICE = frozenset({EventType.SERVICE_STARTED, EventType.SERVICE_STOPPED})
ACCEPTED = "registry_accepted"
ROLLBACK = frozenset({EventType.REGISTRY_ROLLED_BACK, EventType.REGISTRY_ROLLBACK_ENDED})
RIGHTS = frozenset({EventType.RIGHTS_DIFFER, EventType.RIGHTS_AGREE})
REGISTRY = frozenset({EventType.REGISTRY_UNREADABLE, EventType.REGISTRY_READABLE})


def erasure_thing(person: str) -> str:
    """The newest request to erase this person, or its cancellation."""
    return f"erasure:{person}"


def subject_of(event: Event) -> str | None:
    """Name the subject: `reader:` and `install:READER`; `lockdown:AREA`; `contact:`, `lock:`, `mode:`,
    `forced:` and `held:DOOR`; `log_key:ORIGIN:NUMBER`; `rights:WHERE`; `erasure:PERSON`; and one each of
    `fire`, `service`, `registry`, `rollback`, `registry_accepted`, `removal`.
    """
    kind = event.type
    if kind in READER:
        return f"reader:{event.reader}"
    if kind in INSTALL:
        return f"install:{event.reader}"
    if kind in (EventType.ERASURE_PENDING, EventType.ERASURE_REFUSED):
        return _subject_of_action(event.codes)
    if kind is EventType.OPERATOR_ACTION:
        if (subject := _subject_of_action(event.codes)) is not None:
            return subject
        logged = logged_lockdown(event.codes)
        return None if logged is None else f"lockdown:{logged.area}"
    if kind in CONTACT:
        return f"contact:{event.door}"
    if kind in LOCK:
        return f"lock:{event.door}"
    if kind is EventType.DOOR_MODE_CHANGED:
        return f"mode:{event.door}"
    if kind is EventType.DOOR_FORCED_OPEN:
        return f"forced:{event.door}"
    if kind is EventType.DOOR_HELD_OPEN:
        return f"held:{event.door}"
    if kind in FIRE:
        return "fire"
    if kind in SERVICE:
        return "service"
    if kind is EventType.LOG_KEY_PROBLEM:
        return f"log_key:{event.codes.get('origin')}:{event.codes.get('key_number')}"
    if kind is EventType.MONTH_REMOVED:
        return "removal"
    if kind in ROLLBACK:
        return "rollback"
    if kind in RIGHTS:
        return f"rights:{event.codes.get('where')}"
    return "registry" if kind in REGISTRY else None


def _subject_of_action(codes: Mapping[str, str | int]) -> str | None:
    """None for an action that the log has had before."""
    if codes.get("again"):
        return None
    if codes.get("action") == ActionType.REGISTRY_ACCEPTED:
        return ACCEPTED
    if codes.get("action") in (ActionType.ERASURE_ASKED, ActionType.ERASURE_CANCELLED):
        return erasure_thing(str(codes.get("object_id")))
    return None
