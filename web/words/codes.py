"""Codes in words. Each enum a page can show has a row here for every member; a test walks them all."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from controller.errors import N_
from controller.model.access import Direction, RightsState, StandsReleased
from controller.model.credentials import (
    Assurance,
    CardholderStatus,
    CredentialKind,
    CredentialStatus,
)
from controller.model.events import EventType, Outcome, Section
from controller.model.moment import ClockState
from controller.model.operators import OperatorRole, OperatorStatus
from controller.model.orders import ActionType, OrderType
from controller.model.reasons import AccessWarning, DenyReason, ErasureRefusal, MissedTap, OrderRefusal
from controller.model.recorded_rights import SubjectKind
from controller.model.rule_book import DoorMode
from controller.model.rules.setting import RuleMode
from controller.model.unproved import Unproved
from controller.services.doors.modes import HeldBack
from web.rules.order import WORDS

Member = TypeVar("Member", bound=Enum)


def of_rules(kind: type[Member]) -> dict[Member, str]:
    """The words that the files of the rules have for members of an enum."""
    return {member: key for member, key in WORDS if isinstance(member, kind)}


DENY_REASONS: Mapping[DenyReason, str] = {
    **of_rules(DenyReason),
    DenyReason.CARD_NUMBER_RANDOM: N_("A phone or a card whose number changes at every tap"),
    DenyReason.CARD_UNREADABLE: N_("The card could not be read; hold it there again"),
    DenyReason.CARD_HALF_ISSUED: N_("Issuing of this card was not finished"),
    DenyReason.AUTHENTICATION_FAILED: N_("Badge key not proved"),
    DenyReason.CARD_REPLAYED: N_("A replay of an earlier reading of this badge"),
    DenyReason.CREDENTIAL_UNKNOWN: N_("Unknown badge"),
    DenyReason.RIGHTS_UNACCOUNTED: N_("No record in the log gives these rights"),
    DenyReason.CREDENTIAL_LOST: N_("Badge reported lost"),
    DenyReason.CREDENTIAL_SUSPENDED: N_("Badge suspended"),
    DenyReason.CREDENTIAL_NOT_YET_VALID: N_("Badge not valid yet"),
    DenyReason.CREDENTIAL_EXPIRED: N_("Badge has expired"),
    DenyReason.CARDHOLDER_SUSPENDED: N_("Person suspended"),
    DenyReason.NO_ACCESS_HERE: N_("No access level for this door"),
    DenyReason.ACCESS_LEVEL_NOT_YET_VALID: N_("The access level for this door is not valid yet"),
    DenyReason.ACCESS_LEVEL_ENDED: N_("The access level for this door has ended"),
    DenyReason.OUTSIDE_SCHEDULE: N_("Outside the permitted hours"),
    DenyReason.DOOR_BLOCKED: N_("The door is closed to everybody at this time"),
    DenyReason.LOCKDOWN: N_("Lockdown"),
    DenyReason.PIN_REQUIRED: N_("No PIN was entered"),
    DenyReason.PIN_WRONG: N_("Wrong PIN"),
    DenyReason.PIN_LOCKED: N_("Too many wrong PINs; wait and try again"),
    DenyReason.CLOCK_UNTRUSTED: N_("The controller's clock could not be trusted"),
    DenyReason.JOURNAL_UNAVAILABLE: N_("The log could not be written"),
    DenyReason.REGISTRY_UNAVAILABLE: N_("The list of badges could not be read"),
}

ACCESS_WARNINGS: Mapping[AccessWarning, str] = {
    **of_rules(AccessWarning),
    AccessWarning.UNACCOUNTED_ADMITTED: N_("Admitted, although no record in the log gives these rights"),
    AccessWarning.LOCKDOWN_OVERRIDDEN: N_("Lockdown, overridden by this person"),
    AccessWarning.OUT_WITHOUT_IN: N_("Left without an entry in the log"),
}

UNPROVED: Mapping[Unproved, str] = {
    Unproved.WRONG: N_("The card's answer does not match the key of this badge. It may be a copy."),
    Unproved.SILENT: N_("The card stayed on the reader but sent only its number. It may be a copy."),
    Unproved.LEFT: N_(
        "The card left the reader before it proved its key. It was removed too early, or it is a copy."
    ),
    Unproved.KEY_UNUSABLE: N_("The door cannot use the key of this badge, so it cannot check the card."),
    Unproved.UNASKED: N_(
        "This badge has a key, but the door did not check it: this reader cannot, or the door could not "
        "read the key at that moment."
    ),
    Unproved.REPLAYED: N_("The card sent a message that was already used. It may be a replay."),
    Unproved.UNCOUNTED: N_(
        "The door could not read the log, so it could not check whether this message was used before."
    ),
    Unproved.UNREAD: N_("The card left the reader before it could be read."),
    Unproved.HALF_ISSUED: N_("The issuing station started to issue this card and did not finish."),
}

ERASURE_REFUSALS: Mapping[ErasureRefusal, str] = {
    ErasureRefusal.NOT_REQUESTED: N_("The log holds no request to erase this person"),
    ErasureRefusal.CANCELLED: N_("The erasure was cancelled"),
    ErasureRefusal.NOT_CARRIED_OUT: N_("A program other than the registrar requested it, or changed it"),
    ErasureRefusal.TOO_EARLY: N_("The waiting time was not over; the door waits for it"),
}
ORDER_REFUSALS: Mapping[OrderRefusal, str] = {
    OrderRefusal.ANOTHER_BOOT: N_("The controller restarted after the order"),
    OrderRefusal.TOO_OLD: N_("The order came too late"),
    OrderRefusal.NO_SUCH_DOOR: N_("There is no such door"),
    OrderRefusal.NO_SUCH_READER: N_("There is no such reader"),
    OrderRefusal.LOCKDOWN: N_("A lockdown started after the order"),
    OrderRefusal.NOBODY_TAPPED: N_("No badge was tapped in time"),
    OrderRefusal.REPLACED: N_("Somebody else started to enrol a badge at this reader"),
    OrderRefusal.CARD_NUMBER_RANDOM: N_("A phone or a card whose number changes at every tap"),
    OrderRefusal.CARD_HALF_ISSUED: N_("Issuing of this card was not finished"),
    OrderRefusal.JOURNAL_UNAVAILABLE: N_("The log could not be written"),
    OrderRefusal.NOT_PERMITTED: N_("The account may not give this order"),
    OrderRefusal.REGISTRY_ROLLED_BACK: N_("The list of badges was replaced, and nobody has accepted it"),
    OrderRefusal.NO_ACTION: N_("The list of badges records no account that ordered this"),
    OrderRefusal.FROM_THE_FUTURE: N_("The order's time is in the future"),
    OrderRefusal.LIMIT_TOO_LONG: N_("The order was valid for too long"),
    OrderRefusal.TOO_MANY: N_("Too many orders within a minute"),
    OrderRefusal.UNREADABLE: N_("The order has values that no order has"),
}

MISSED_TAPS: Mapping[MissedTap, str] = {
    MissedTap.OUT_WITHOUT_IN: N_("Left without tapping in"),
    MissedTap.IN_WITHOUT_OUT: N_("Entered again without tapping out"),
    MissedTap.INNER_WITHOUT_OUTER: N_("Entered an inner area without tapping into the outer one"),
    MissedTap.STILL_INSIDE: N_("Still inside after the end of the day"),
}
# Where the door refused: nobody went in.
MISSED_AND_REFUSED: Mapping[MissedTap, str] = {
    MissedTap.IN_WITHOUT_OUT: N_("Tried to enter again without tapping out; refused"),
    MissedTap.INNER_WITHOUT_OUTER: N_(
        "Tried to enter an inner area without tapping into the outer one; refused"
    ),
}

EVENT_TYPES: Mapping[EventType, str] = {
    **of_rules(EventType),
    EventType.SERVICE_STARTED: N_("Door service started"),
    EventType.SERVICE_STOPPED: N_("Door service stopped"),
    EventType.ACCESS_GRANTED: N_("Granted"),
    EventType.ACCESS_DENIED: N_("Refused"),
    EventType.ACCESS_WAITING: N_("Waiting for a second person"),
    EventType.ACCESS_OUTCOME: N_("Outcome of a grant"),
    EventType.LOCK_RELEASED: N_("Lock released"),
    EventType.LOCK_SECURED: N_("Lock secured"),
    EventType.DOOR_OPENED: N_("Door opened"),
    EventType.DOOR_CLOSED: N_("Door closed"),
    EventType.DOOR_FORCED_OPEN: N_("Door forced open"),
    EventType.DOOR_HELD_OPEN_WARNING: N_("Door still open"),
    EventType.DOOR_HELD_OPEN: N_("Door held open"),
    EventType.DOOR_MODE_CHANGED: N_("Door mode changed"),
    EventType.BADGE_NOT_PROVED: N_("Card did not prove the key of its badge: a copy?"),
    EventType.BADGE_HALF_ISSUED: N_("Card not fully issued"),
    EventType.DURESS: N_("Duress PIN used: somebody may be under threat"),
    EventType.REX_WITHOUT_OPENING: N_("Exit button pressed often without the door opening"),
    EventType.DOOR_DOES_NOT_OPEN: N_("Many people admitted, but the door never opened"),
    EventType.DOOR_CONTACT_FLAPPING: N_("Door contact unstable; its signal is ignored"),
    EventType.DOOR_CONTACT_STEADY: N_("Door contact stable again"),
    EventType.REX_PRESSED: N_("Exit button pressed"),
    EventType.REX_STUCK: N_("Exit button stuck"),
    EventType.REX_STUCK_ENDED: N_("Exit button free again"),
    EventType.FIRE_STARTED: N_("Fire alarm: all doors released"),
    EventType.FIRE_ENDED: N_("Fire alarm ended"),
    EventType.READER_ONLINE: N_("Reader online"),
    EventType.READER_OFFLINE: N_("Reader offline"),
    EventType.READER_TAMPER: N_("Reader opened or removed from the wall"),
    EventType.READER_TAMPER_ENDED: N_("Reader closed again"),
    EventType.READER_POWER_FAILED: N_("Reader power supply failed"),
    EventType.READER_POWER_RESTORED: N_("Reader power supply restored"),
    EventType.READER_OUTPUT_FAILED: N_("Reader relay cannot be switched"),
    EventType.READER_OUTPUT_RESTORED: N_("Reader relay can be switched again"),
    EventType.READER_INSTALL_OPENED: N_("Install window of the reader open for ten minutes"),
    EventType.READER_KEY_TAKEN: N_("Reader accepted its new key; install window closed"),
    EventType.READER_INSTALL_CLOSED: N_("Install window closed before the reader accepted a key"),
    EventType.READER_INSTALL_FAILED: N_("No key could be created for the reader"),
    EventType.ORDER_DONE: N_("Order carried out"),
    EventType.ORDER_REFUSED: N_("Order not carried out"),
    EventType.OPERATOR_ACTION: N_("Operator's action"),
    EventType.RIGHTS_RECORDED: N_("Rights of many people or badges recorded"),
    EventType.RIGHTS_UNACCOUNTED: N_("Rights that no record in the log gives"),
    EventType.ERASURE_PENDING: N_("Erasure of a person requested"),
    EventType.ERASURE_REFUSED: N_("Erasure refused"),
    EventType.ACTION_FORGED: N_("Operator's action added by another program"),
    EventType.ACTIONS_NOT_COPIED: N_("Operators' actions cannot be copied into the log"),
    EventType.CLOCK_SET_BACK: N_("Clock set back"),
    EventType.CLOCK_JUMPED: N_("Clock jumped forward"),
    EventType.CLOCK_LEAPT: N_("Clock moved more than 30 minutes ahead; not trusted until confirmed"),
    EventType.REGISTRY_UNREADABLE: N_("List of badges unreadable"),
    EventType.REGISTRY_READABLE: N_("List of badges readable again"),
    EventType.LOG_STARTED: N_("Log started with its first signing key"),
    EventType.LOG_RESTORED: N_("Log restored from a backup; a new log begins here"),
    EventType.LOG_KEY_ADDED: N_("New signing key of the log"),
    EventType.HEARTBEAT: N_("Still running"),
    EventType.JOURNAL_FAILED: N_("The log could not be written"),
    EventType.JOURNAL_RECOVERED: N_("The log can be written again"),
    EventType.JOURNAL_HELD: N_("Another program keeps the log's file from being emptied"),
    EventType.JOURNAL_RELEASED: N_("The program that read the log has ended"),
    EventType.RESERVE_RELEASED: N_("Disk full: reserve released"),
    EventType.RESERVE_FAILED: N_("Disk space reserved for the log missing or damaged"),
    EventType.DATA_NOT_KEPT: N_("Data folder on a file system that a restart may erase"),
    EventType.STATE_DAMAGED: N_("State file of the door damaged at its start"),
    EventType.LOG_MISSING: N_("Log missing at the door's start; a new log begins here"),
    EventType.SERVICE_RESTARTS_OFTEN: N_("The door service restarts again and again"),
    EventType.CONFIG_DAMAGED: N_("Configuration has errors; using the last valid one"),
    EventType.CLOCK_CORRECTED: N_("Clock corrected"),
    EventType.LOG_KEY_PROBLEM: N_("Signing key of the log lost, or log replaced"),
    EventType.REGISTRY_COPY_OLD: N_("The door's copy of the badge list is more than three days old"),
    EventType.REGISTRY_ROLLED_BACK: N_("List of badges replaced by an older or another one"),
    EventType.RIGHTS_DIFFER: N_("Rights differ from what the log records"),
    EventType.RIGHTS_AGREE: N_("Rights agree with the log again"),
    EventType.REGISTRY_ROLLBACK_ENDED: N_("The list of badges matches the log again"),
    EventType.LOCKDOWN_DOUBTFUL: N_("Registry and entry log disagree about a lockdown"),
    EventType.ORDER_FORGED: N_("Forged order to the door refused"),
    EventType.PRESENCE_UNKNOWN: N_("The door cannot read from the log who is inside"),
    EventType.PRESENCE_KNOWN: N_("Who is inside is known again"),
    EventType.CARD_NUMBER_KEY_UNREADABLE: N_(
        "Key of card numbers missing or damaged; the door knows no badge"
    ),
    EventType.CARD_NUMBER_KEY_READABLE: N_("Key of card numbers readable again"),
    EventType.CARD_KEYS_UNUSABLE: N_("Badge keys cannot be used at this door"),
    EventType.PERSON_ERASED: N_("Person erased: names and badge data removed"),
    EventType.MONTH_REMOVED: N_("Month removed after its retention period"),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.OPENED: N_("The door was opened"),
    Outcome.NOT_OPENED: N_("The door was not opened"),
    Outcome.NOT_RELEASED: N_("Not released, because it came too late"),
    Outcome.UNKNOWN: N_("Unknown whether the door was opened"),
}

SECTIONS: Mapping[Section, str] = {
    Section.GRANTED: N_("Granted"),
    Section.DENIED: N_("Refused"),
    Section.WAITING: N_("Waiting for a second person"),
    Section.DOOR: N_("Doors and locks"),
    Section.OPERATOR: N_("Accounts"),
    Section.SYSTEM: N_("System"),
}

DIRECTIONS: Mapping[Direction, str] = {Direction.IN: N_("In"), Direction.OUT: N_("Out")}

ROLES: Mapping[OperatorRole, str] = {
    OperatorRole.ADMIN: N_("Administrator"),
    OperatorRole.SUPERVISOR: N_("Supervisor"),
    OperatorRole.AUDITOR: N_("Auditor"),
    OperatorRole.VIEWER: N_("Viewer"),
}

OPERATOR_STATUSES: Mapping[OperatorStatus, str] = {
    OperatorStatus.ACTIVE: N_("Active"),
    OperatorStatus.DISABLED: N_("Disabled"),
}

BADGE_STATUSES: Mapping[CredentialStatus, str] = {
    CredentialStatus.ACTIVE: N_("Active"),
    CredentialStatus.SUSPENDED: N_("Suspended"),
    CredentialStatus.LOST: N_("Lost"),
}

PERSON_STATUSES: Mapping[CardholderStatus, str] = {
    CardholderStatus.ACTIVE: N_("Active"),
    CardholderStatus.SUSPENDED: N_("Suspended"),
}

BADGE_KINDS: Mapping[CredentialKind, str] = {
    CredentialKind.FELICA: N_("FeliCa"),
    CredentialKind.TYPE_A: N_("Type A (MIFARE and others)"),
    CredentialKind.WIEGAND: N_("Card data over OSDP"),
}

ASSURANCES: Mapping[Assurance, str] = {
    Assurance.NUMBER_ONLY: N_("Identified by its number only, which can be copied"),
    Assurance.CLEAR_PASSWORD: N_("Unencrypted password"),
    Assurance.CARD_KEY: N_("Proves a key of its own"),
    Assurance.MUTUAL_AES: N_("Card and reader authenticate each other (AES)"),
}

# What the card proved, shown beside the badge in a line of the log.
ENTRY_ASSURANCES: Mapping[Assurance, str] = {
    Assurance.NUMBER_ONLY: N_("can be copied"),
    Assurance.CLEAR_PASSWORD: N_("unencrypted password"),
    Assurance.CARD_KEY: N_("key proved"),
    Assurance.MUTUAL_AES: N_("key proved (AES)"),
}

CLOCK_STATES: Mapping[ClockState, str] = {
    ClockState.TRUSTED: N_("Clock synchronised"),
    ClockState.HOLDOVER: N_("Clock not synchronised at the moment"),
    ClockState.UNTRUSTED: N_("Clock not reliable"),
}

ORDER_TYPES: Mapping[OrderType, str] = {
    OrderType.UNLOCK_ONCE: N_("Unlock once"),
    OrderType.OPEN_INSTALL: N_("Send the reader a new key"),
    OrderType.LEARN_BADGE: N_("Enrol a badge by tapping"),
}

ACTIONS: Mapping[ActionType, str] = {
    ActionType.FIRST_ADMINISTRATOR_ADDED: N_("Set up; first administrator added"),
    ActionType.SIGNED_IN: N_("Signed in"),
    ActionType.SIGN_IN_FAILED: N_("Sign-in failed"),
    ActionType.SIGNED_OUT: N_("Signed out"),
    ActionType.PERSON_ADDED: N_("Person added"),
    ActionType.PERSON_CHANGED: N_("Person changed"),
    ActionType.PERSON_SUSPENDED: N_("Person suspended"),
    ActionType.PERSON_RESUMED: N_("Person resumed"),
    ActionType.BADGE_ADDED: N_("Badge enrolled"),
    ActionType.BADGE_CHANGED: N_("Badge changed"),
    ActionType.BADGE_SUSPENDED: N_("Badge suspended"),
    ActionType.BADGE_RESUMED: N_("Badge resumed"),
    ActionType.BADGE_LOST: N_("Badge reported lost"),
    ActionType.BADGES_IMPORTED: N_("Badges imported"),
    ActionType.BADGE_KEY_SET: N_("Badge key set"),
    ActionType.BADGE_KEY_REMOVED: N_("Badge key removed"),
    ActionType.RIGHTS_FOUND: N_("Rights recorded as found"),
    ActionType.RIGHTS_RECORDED: N_("Rights of many people or badges recorded"),
    ActionType.ISSUING_STATION_TRUSTED: N_("Issuing station trusted"),
    ActionType.LEVEL_ADDED: N_("Access level added"),
    ActionType.LEVEL_CHANGED: N_("Access level changed"),
    ActionType.LEVEL_REMOVED: N_("Access level removed"),
    ActionType.SCHEDULE_ADDED: N_("Schedule added"),
    ActionType.SCHEDULE_CHANGED: N_("Schedule changed"),
    ActionType.SCHEDULE_REMOVED: N_("Schedule removed"),
    ActionType.OPERATOR_ADDED: N_("Account added"),
    ActionType.OPERATOR_CHANGED: N_("Account changed"),
    ActionType.OPERATOR_DISABLED: N_("Account disabled"),
    ActionType.OPERATOR_ENABLED: N_("Account enabled"),
    ActionType.OPERATOR_RESET: N_("Account reset on the controller"),
    ActionType.PASSWORD_SET: N_("Password set by an administrator"),
    ActionType.PASSWORD_CHANGED: N_("Own password changed"),
    ActionType.UNLOCK_ORDERED: N_("Single unlock ordered"),
    ActionType.INSTALL_ORDERED: N_("New key for a reader ordered"),
    ActionType.LEARN_ORDERED: N_("Enrolling by tapping started"),
    ActionType.LOG_VIEWED: N_("Entry log viewed"),
    ActionType.LOG_EXPORTED: N_("Entry log exported"),
    ActionType.EXPORT_SEALED: N_("Export finished; its fingerprint recorded"),
    ActionType.CHECKPOINT_ASKED: N_("Log checkpoint requested"),
    ActionType.ERASURE_ASKED: N_("Erasure of a person requested"),
    ActionType.ERASURE_CANCELLED: N_("Erasure of a person cancelled"),
    ActionType.ERASURE_CARRIED_OUT: N_("Person erased from the list of people"),
    ActionType.BACKUP_MADE: N_("Backup created"),
    ActionType.RULES_PUBLISHED: N_("Rules published"),
    ActionType.HOLIDAYS_ADDED: N_("Holidays of further years added"),
    ActionType.LOCKDOWN_BEGUN: N_("Lockdown started"),
    ActionType.LOCKDOWN_ENDED: N_("Lockdown ended"),
    ActionType.PRESENCE_CORRECTED: N_("Presence corrected"),
    ActionType.FORGIVEN: N_("Anti-passback forgiven"),
    ActionType.AREA_EMPTIED: N_("Area set to empty"),
    ActionType.MUSTER_PRINTED: N_("Muster list printed"),
    ActionType.PIN_SET: N_("PIN set"),
    ActionType.PIN_REMOVED: N_("PIN removed"),
    ActionType.REGISTRY_ACCEPTED: N_("List of badges accepted as it is"),
    ActionType.CLOCK_CORRECTED: N_("Time in the log corrected"),
    ActionType.ALARM_ACKNOWLEDGED: N_("Alarm acknowledged"),
}

RULE_MODES: Mapping[RuleMode, str] = {
    RuleMode.OFF: N_("Off"),
    RuleMode.OBSERVE: N_("Observe only"),
    RuleMode.ENFORCE: N_("Enforce"),
}

DOOR_MODES: Mapping[DoorMode, str] = {
    DoorMode.LOCKED: N_("Locked"),
    DoorMode.UNLOCKED: N_("Unlocked"),
    DoorMode.CARD: N_("Badge"),
    DoorMode.CARD_PIN: N_("Badge and PIN"),
    DoorMode.BLOCKED: N_("Blocked"),
}

HELD_BACK: Mapping[HeldBack, str] = {
    HeldBack.FIRST_PERSON: N_("unlocks when the first person comes in"),
    HeldBack.LOCKDOWN: N_("not unlocked because of the lockdown"),
    HeldBack.PRESENCE: N_("not unlocked until the door knows who is inside"),
    HeldBack.LOG: N_("not unlocked until the log can record it"),
    HeldBack.CLOCK: N_("the clock cannot be trusted"),
    HeldBack.INTERLOCK: N_("unlocks when the other door of the interlock is closed and locked"),
}

STANDS_RELEASED: Mapping[StandsReleased, str] = {
    StandsReleased.FIRE: N_("The door was released because of fire, so anybody could enter"),
    StandsReleased.MODE: N_("The door was unlocked, so anybody could enter"),
}

RIGHTS_STATES: Mapping[RightsState, str] = {
    RightsState.UNCHECKED: N_("The door did not compare the rights with the log."),
    RightsState.IN_FORCE: N_("The rights of the badge and its holder are those in the log."),
    RightsState.UNACCOUNTED: N_("The list of badges holds rights that no record in the log gives."),
    RightsState.UNACCOUNTED_ADMITTED: N_(
        "The list of badges holds rights that no record in the log gives. The door admits people with them "
        'because of `[log] unaccounted = "alarm"` in genkan.toml.'
    ),
    RightsState.UNREADABLE: N_("The log could not be read, so the door could not compare the rights."),
}

SUBJECTS: Mapping[SubjectKind, str] = {
    SubjectKind.PERSON: N_("Person"),
    SubjectKind.BADGE: N_("Badge"),
    SubjectKind.PIN: N_("PIN"),
    SubjectKind.LEVEL: N_("Access level"),
    SubjectKind.SCHEDULE: N_("Schedule"),
    SubjectKind.DAYS: N_("Holidays"),
    SubjectKind.RULES: N_("Rules"),
    SubjectKind.LOCKDOWNS: N_("Lockdown"),
    SubjectKind.OPERATOR: N_("Account"),
    SubjectKind.STATION: N_("Issuing station"),
    SubjectKind.FOUND: N_("List of badges"),
}
# Headings for subjects that are compared, in the order of the page.
SUBJECT_HEADINGS: Mapping[SubjectKind, str] = {
    SubjectKind.PERSON: N_("People"),
    SubjectKind.BADGE: N_("Badges"),
    SubjectKind.PIN: N_("PINs"),
    SubjectKind.LEVEL: N_("Access levels"),
    SubjectKind.SCHEDULE: N_("Schedules"),
    SubjectKind.DAYS: N_("Holidays and special days"),
    SubjectKind.RULES: N_("Rules"),
    SubjectKind.LOCKDOWNS: N_("Lockdowns"),
    SubjectKind.OPERATOR: N_("Accounts"),
    SubjectKind.STATION: N_("Issuing station"),
}

DAY_TYPES = {"holiday": N_("Holiday"), "workday": N_("Workday")}  # others are of the customer's own naming

ALL: Mapping[type[Enum], Mapping[Any, str]] = {
    **{type(member): of_rules(type(member)) for member, _ in WORDS},  # the rules' names, and what they offer
    DenyReason: DENY_REASONS,
    AccessWarning: ACCESS_WARNINGS,
    OrderRefusal: ORDER_REFUSALS,
    ErasureRefusal: ERASURE_REFUSALS,
    MissedTap: MISSED_TAPS,
    EventType: EVENT_TYPES,
    Outcome: OUTCOMES,
    Section: SECTIONS,
    Direction: DIRECTIONS,
    OperatorRole: ROLES,
    OperatorStatus: OPERATOR_STATUSES,
    CredentialStatus: BADGE_STATUSES,
    CardholderStatus: PERSON_STATUSES,
    CredentialKind: BADGE_KINDS,
    Assurance: ASSURANCES,
    ClockState: CLOCK_STATES,
    OrderType: ORDER_TYPES,
    ActionType: ACTIONS,
    RuleMode: RULE_MODES,
    DoorMode: DOOR_MODES,
    HeldBack: HELD_BACK,
    Unproved: UNPROVED,
    StandsReleased: STANDS_RELEASED,
    RightsState: RIGHTS_STATES,
    SubjectKind: SUBJECTS,
}


def message_key(member: Enum) -> str:
    """Return the member's message key. Members of two enums can be equal, so the class decides."""
    return ALL[type(member)][member]


def warning_message_key(code: str) -> str:
    """Return the key of a code beside a grant: a warning, or the reason why a rule would have refused."""
    kind: type[Enum] = AccessWarning if code in set(AccessWarning) else DenyReason
    return code_message_key(kind, code)


def code_message_key(kind: type[Enum], code: str | None) -> str:
    """For a code from the log: a newer door may write one we don't know, which is then shown as it is."""
    if code is None:
        return ""
    key = ALL[kind].get(code)  # a code is equal to its member
    return code.replace("{", "(").replace("}", ")") if key is None else key
