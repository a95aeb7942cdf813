"""Events: lines of the journal. A record holds codes, numbers and random references only.

Names, free text, card hashes and before/after values are in `details`, beside the record under a salted hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from controller.model.moment import Moment
from controller.model.readings import CardReading

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


class EventType(StrEnum):
    SERVICE_STARTED = "service_started"
    SERVICE_STOPPED = "service_stopped"
    ACCESS_GRANTED = "access_granted"
    ACCESS_DENIED = "access_denied"
    ACCESS_WAITING = "access_waiting"  # the first of two people: dual access admits both at the second's tap
    ACCESS_OUTCOME = "access_outcome"
    LOCK_RELEASED = "lock_released"
    LOCK_SECURED = "lock_secured"
    DOOR_OPENED = "door_opened"
    DOOR_CLOSED = "door_closed"
    DOOR_FORCED_OPEN = "door_forced_open"
    DOOR_HELD_OPEN_WARNING = "door_held_open_warning"
    DOOR_HELD_OPEN = "door_held_open"
    DOOR_MODE_CHANGED = "door_mode_changed"
    DURESS = "duress"
    BADGE_NOT_PROVED = "badge_not_proved"  # a card has the number of a badge but not its key
    BADGE_HALF_ISSUED = "badge_half_issued"  # the station began to issue its card and did not finish
    LAST_SUPERVISOR_LEFT = "last_supervisor_left"  # while others remain inside
    LAST_ESCORT_LEFT = "last_escort_left"  # while people who need an escort remain inside
    STAFF_MIX_LOW = "staff_mix_low"  # somebody left, and too few supervisors or regular staff remain
    OCCUPANCY_LOW = "occupancy_low"  # somebody left, and too few people remain
    REX_WITHOUT_OPENING = "rex_without_opening"
    DOOR_DOES_NOT_OPEN = "door_does_not_open"
    DOOR_CONTACT_FLAPPING = "door_contact_flapping"
    DOOR_CONTACT_STEADY = "door_contact_steady"
    REX_PRESSED = "rex_pressed"
    REX_STUCK = "rex_stuck"
    REX_STUCK_ENDED = "rex_stuck_ended"
    FIRE_STARTED = "fire_started"
    FIRE_ENDED = "fire_ended"
    READER_ONLINE = "reader_online"
    READER_OFFLINE = "reader_offline"
    READER_TAMPER = "reader_tamper"
    READER_TAMPER_ENDED = "reader_tamper_ended"
    READER_POWER_FAILED = "reader_power_failed"
    READER_POWER_RESTORED = "reader_power_restored"
    READER_OUTPUT_FAILED = "reader_output_failed"
    READER_OUTPUT_RESTORED = "reader_output_restored"
    READER_INSTALL_OPENED = "reader_install_opened"
    READER_KEY_TAKEN = "reader_key_taken"
    READER_INSTALL_CLOSED = "reader_install_closed"
    READER_INSTALL_FAILED = "reader_install_failed"
    ORDER_DONE = "order_done"
    ORDER_REFUSED = "order_refused"
    ORDER_FORGED = "order_forged"  # something other than the pages and the command line wrote it
    OPERATOR_ACTION = "operator_action"
    RIGHTS_RECORDED = "rights_recorded"  # the rights of many people or badges that one action changed
    RIGHTS_UNACCOUNTED = "rights_unaccounted"  # subject, or subjects: no record gives these rights
    ACTION_FORGED = "action_forged"  # action_id: a row that the registrar has not written
    ACTIONS_NOT_COPIED = "actions_not_copied"  # for ten seconds, although taps can read the registry
    CLOCK_SET_BACK = "clock_set_back"
    CLOCK_JUMPED = "clock_jumped"
    CLOCK_LEAPT = "clock_leapt"  # by more than half an hour, although it was plausible before
    REGISTRY_UNREADABLE = "registry_unreadable"
    REGISTRY_READABLE = "registry_readable"
    REGISTRY_COPY_OLD = "registry_copy_old"  # the door decides from a copy older than three days
    REGISTRY_ROLLED_BACK = "registry_rolled_back"  # cause: a RollbackCause
    RIGHTS_DIFFER = "rights_differ"  # where: in the registry, or in the log's own table
    RIGHTS_AGREE = "rights_agree"  # with the records, again
    REGISTRY_ROLLBACK_ENDED = "registry_rollback_ended"  # how: accepted, or put_back (the newest one is back)
    LOCKDOWN_DOUBTFUL = "lockdown_doubtful"  # registry and log disagree about it, as after a restore
    LOG_STARTED = "log_started"
    LOG_RESTORED = "log_restored"
    LOG_KEY_ADDED = "log_key_added"
    HEARTBEAT = "heartbeat"
    JOURNAL_FAILED = "journal_failed"
    JOURNAL_RECOVERED = "journal_recovered"
    JOURNAL_HELD = "journal_held"  # another program reads it for so long that its WAL cannot be emptied
    JOURNAL_RELEASED = "journal_released"
    RESERVE_RELEASED = "reserve_released"
    RESERVE_FAILED = "reserve_failed"  # cause: no_room, or damaged (and created again)
    DATA_NOT_KEPT = "data_not_kept"  # file_system: tmpfs, overlay …: a restart may erase the log
    STATE_DAMAGED = "state_damaged"  # the door's note of an outage before its start may be lost with it
    LOG_MISSING = "log_missing"  # this door had a log; at its start there was none, so a new one begins
    SERVICE_RESTARTS_OFTEN = "service_restarts_often"  # starts: so many within two minutes
    CONFIG_DAMAGED = "config_damaged"  # problem: a ConfigCode
    CLOCK_CORRECTED = "clock_corrected"
    LOG_KEY_PROBLEM = "log_key_problem"  # cause: lost, or foreign (another log than its key's)
    PRESENCE_UNKNOWN = "presence_unknown"  # cause: why presence cannot be read from the log
    PRESENCE_KNOWN = "presence_known"
    CARD_NUMBER_KEY_UNREADABLE = "card_number_key_unreadable"  # the door knows no badge without it
    CARD_NUMBER_KEY_READABLE = "card_number_key_readable"
    CARD_KEYS_UNUSABLE = "card_keys_unusable"  # cause: no_private_key, another_door, damaged, or weak
    ERASURE_PENDING = "erasure_pending"  # the operator's action `erasure_asked`, which may be cancelled
    ERASURE_REFUSED = "erasure_refused"  # by the door or the registrar; reason: an ErasureRefusal
    PERSON_ERASED = "person_erased"
    MONTH_REMOVED = "month_removed"


class Section(StrEnum):
    """The part of the log that a record belongs to; the log page filters by it."""

    GRANTED = "granted"
    DENIED = "denied"
    WAITING = "waiting"
    DOOR = "door"
    OPERATOR = "operator"
    SYSTEM = "system"


SECTION_OF: Mapping[EventType, Section] = {
    EventType.SERVICE_STARTED: Section.SYSTEM,
    EventType.SERVICE_STOPPED: Section.SYSTEM,
    EventType.ACCESS_GRANTED: Section.GRANTED,
    EventType.ACCESS_DENIED: Section.DENIED,
    EventType.ACCESS_WAITING: Section.WAITING,
    EventType.ACCESS_OUTCOME: Section.DOOR,
    EventType.LOCK_RELEASED: Section.DOOR,
    EventType.LOCK_SECURED: Section.DOOR,
    EventType.DOOR_OPENED: Section.DOOR,
    EventType.DOOR_CLOSED: Section.DOOR,
    EventType.DOOR_FORCED_OPEN: Section.DOOR,
    EventType.DOOR_HELD_OPEN_WARNING: Section.DOOR,
    EventType.DOOR_HELD_OPEN: Section.DOOR,
    EventType.DOOR_MODE_CHANGED: Section.DOOR,
    EventType.DURESS: Section.DOOR,
    EventType.BADGE_NOT_PROVED: Section.DOOR,
    EventType.BADGE_HALF_ISSUED: Section.DOOR,
    EventType.LAST_SUPERVISOR_LEFT: Section.DOOR,
    EventType.LAST_ESCORT_LEFT: Section.DOOR,
    EventType.STAFF_MIX_LOW: Section.DOOR,
    EventType.OCCUPANCY_LOW: Section.DOOR,
    EventType.REX_WITHOUT_OPENING: Section.DOOR,
    EventType.DOOR_DOES_NOT_OPEN: Section.DOOR,
    EventType.DOOR_CONTACT_FLAPPING: Section.DOOR,
    EventType.DOOR_CONTACT_STEADY: Section.DOOR,
    EventType.REX_PRESSED: Section.DOOR,
    EventType.REX_STUCK: Section.DOOR,
    EventType.REX_STUCK_ENDED: Section.DOOR,
    EventType.FIRE_STARTED: Section.DOOR,
    EventType.FIRE_ENDED: Section.DOOR,
    EventType.READER_ONLINE: Section.SYSTEM,
    EventType.READER_OFFLINE: Section.SYSTEM,
    EventType.READER_TAMPER: Section.DOOR,
    EventType.READER_TAMPER_ENDED: Section.DOOR,
    EventType.READER_POWER_FAILED: Section.SYSTEM,
    EventType.READER_POWER_RESTORED: Section.SYSTEM,
    EventType.READER_OUTPUT_FAILED: Section.DOOR,
    EventType.READER_OUTPUT_RESTORED: Section.DOOR,
    EventType.READER_INSTALL_OPENED: Section.OPERATOR,
    EventType.READER_KEY_TAKEN: Section.OPERATOR,
    EventType.READER_INSTALL_CLOSED: Section.OPERATOR,
    EventType.READER_INSTALL_FAILED: Section.OPERATOR,
    EventType.ORDER_DONE: Section.OPERATOR,
    EventType.ORDER_REFUSED: Section.OPERATOR,
    EventType.OPERATOR_ACTION: Section.OPERATOR,
    EventType.RIGHTS_RECORDED: Section.SYSTEM,
    EventType.RIGHTS_UNACCOUNTED: Section.SYSTEM,
    EventType.ACTION_FORGED: Section.SYSTEM,
    EventType.ACTIONS_NOT_COPIED: Section.SYSTEM,
    EventType.CLOCK_SET_BACK: Section.SYSTEM,
    EventType.CLOCK_JUMPED: Section.SYSTEM,
    EventType.CLOCK_LEAPT: Section.SYSTEM,
    EventType.REGISTRY_UNREADABLE: Section.SYSTEM,
    EventType.REGISTRY_READABLE: Section.SYSTEM,
    EventType.REGISTRY_COPY_OLD: Section.SYSTEM,
    EventType.REGISTRY_ROLLED_BACK: Section.SYSTEM,
    EventType.REGISTRY_ROLLBACK_ENDED: Section.SYSTEM,
    EventType.RIGHTS_DIFFER: Section.SYSTEM,
    EventType.RIGHTS_AGREE: Section.SYSTEM,
    EventType.LOCKDOWN_DOUBTFUL: Section.SYSTEM,
    EventType.ORDER_FORGED: Section.SYSTEM,
    EventType.LOG_STARTED: Section.SYSTEM,
    EventType.LOG_RESTORED: Section.SYSTEM,
    EventType.LOG_KEY_ADDED: Section.SYSTEM,
    EventType.HEARTBEAT: Section.SYSTEM,
    EventType.JOURNAL_FAILED: Section.SYSTEM,
    EventType.JOURNAL_RECOVERED: Section.SYSTEM,
    EventType.JOURNAL_HELD: Section.SYSTEM,
    EventType.JOURNAL_RELEASED: Section.SYSTEM,
    EventType.RESERVE_RELEASED: Section.SYSTEM,
    EventType.RESERVE_FAILED: Section.SYSTEM,
    EventType.DATA_NOT_KEPT: Section.SYSTEM,
    EventType.STATE_DAMAGED: Section.SYSTEM,
    EventType.LOG_MISSING: Section.SYSTEM,
    EventType.SERVICE_RESTARTS_OFTEN: Section.SYSTEM,
    EventType.CONFIG_DAMAGED: Section.SYSTEM,
    EventType.CLOCK_CORRECTED: Section.SYSTEM,
    EventType.LOG_KEY_PROBLEM: Section.SYSTEM,
    EventType.PRESENCE_UNKNOWN: Section.SYSTEM,
    EventType.PRESENCE_KNOWN: Section.SYSTEM,
    EventType.CARD_NUMBER_KEY_UNREADABLE: Section.SYSTEM,
    EventType.CARD_NUMBER_KEY_READABLE: Section.SYSTEM,
    EventType.CARD_KEYS_UNUSABLE: Section.SYSTEM,
    EventType.ERASURE_PENDING: Section.OPERATOR,
    EventType.ERASURE_REFUSED: Section.SYSTEM,
    EventType.PERSON_ERASED: Section.OPERATOR,
    EventType.MONTH_REMOVED: Section.SYSTEM,
}


# Somebody must act: each stays open until an operator acknowledges it. Its record shows that it is an alarm.
ALARM_TYPES = frozenset(
    {
        EventType.DOOR_FORCED_OPEN,
        EventType.DOOR_HELD_OPEN,
        EventType.DOOR_CONTACT_FLAPPING,
        EventType.DURESS,
        EventType.BADGE_NOT_PROVED,
        EventType.BADGE_HALF_ISSUED,
        EventType.LAST_SUPERVISOR_LEFT,
        EventType.LAST_ESCORT_LEFT,
        EventType.STAFF_MIX_LOW,
        EventType.OCCUPANCY_LOW,
        EventType.REX_WITHOUT_OPENING,
        EventType.DOOR_DOES_NOT_OPEN,
        EventType.REX_STUCK,
        EventType.FIRE_STARTED,
        EventType.READER_OFFLINE,
        EventType.READER_TAMPER,
        EventType.READER_POWER_FAILED,
        EventType.READER_OUTPUT_FAILED,
        EventType.LOG_KEY_PROBLEM,
        EventType.REGISTRY_COPY_OLD,
        EventType.REGISTRY_ROLLED_BACK,
        EventType.RIGHTS_DIFFER,
        EventType.LOCKDOWN_DOUBTFUL,
        EventType.ORDER_FORGED,
        EventType.REGISTRY_UNREADABLE,
        EventType.RIGHTS_UNACCOUNTED,
        EventType.ACTION_FORGED,
        EventType.ACTIONS_NOT_COPIED,
        EventType.PRESENCE_UNKNOWN,
        EventType.CARD_NUMBER_KEY_UNREADABLE,
        EventType.CARD_KEYS_UNUSABLE,
        EventType.JOURNAL_FAILED,
        EventType.JOURNAL_HELD,
        EventType.RESERVE_RELEASED,
        EventType.RESERVE_FAILED,
        EventType.DATA_NOT_KEPT,
        EventType.STATE_DAMAGED,
        EventType.LOG_MISSING,
        EventType.SERVICE_RESTARTS_OFTEN,
        EventType.CLOCK_SET_BACK,
        EventType.CLOCK_LEAPT,
        EventType.CONFIG_DAMAGED,
        EventType.ERASURE_PENDING,
        EventType.ERASURE_REFUSED,
    }
)


class Outcome(StrEnum):
    """What became of a grant; the `result` of an `access_outcome`."""

    OPENED = "opened"
    NOT_OPENED = "not_opened"
    NOT_RELEASED = "not_released"  # the record or the release came after the person was refused
    UNKNOWN = "outcome_unknown"  # closed at the next boot


@dataclass(frozen=True)
class Event:
    """A record before it is written. Absent values are None and are left out of the canonical JSON.

    `codes` holds further flat codes and numbers (`count`, `of`, `order`, `warning`, `device` …); `details`
    holds everything that names or describes a person. `reading` is not part of the record: the journal keeps
    the highest counter of each key beside the records, in the same transaction.
    """

    type: EventType
    at: Moment
    door: str | None = None
    access_point: str | None = None
    reader: str | None = None
    direction: str | None = None
    result: str | None = None
    reason: str | None = None
    assurance: int | None = None
    person: str | None = None
    credential: str | None = None
    actor: str | None = None
    registry: int | None = None
    codes: Mapping[str, str | int] = field(default_factory=dict)
    details: Mapping[str, Json] = field(default_factory=dict)
    reading: CardReading | None = None

    @property
    def section(self) -> Section:
        return SECTION_OF[self.type]
