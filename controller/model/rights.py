"""The rights of each role: the only table, used by the web's routes, every service and the door."""

from enum import StrEnum

from controller.model.operators import OperatorRole


class Right(StrEnum):
    VIEW_DOORS = "view_doors"
    UNLOCK_ONCE = "unlock_once"
    ACKNOWLEDGE_ALARMS = "acknowledge_alarms"
    VIEW_LOG = "view_log"
    EXPORT_LOG = "export_log"
    VIEW_PEOPLE = "view_people"
    EDIT_PEOPLE = "edit_people"  # people and badges: add, change, resume, enrol, import
    BLOCK_PEOPLE = "block_people"  # suspend a person or badge, report a badge lost
    ERASE_PEOPLE = "erase_people"  # erase a person from registry and log permanently
    VIEW_ACCESS = "view_access"  # levels and schedules
    EDIT_ACCESS = "edit_access"
    PUBLISH_RULES = "publish_rules"  # the access rules of the site
    LOCK_DOWN = "lock_down"  # begin and end a lockdown
    VIEW_PRESENCE = "view_presence"  # who is inside; the muster list
    CORRECT_PRESENCE = "correct_presence"  # missed taps, forgiving
    INSTALL_READERS = "install_readers"  # give a reader on an RS-485 line its key
    VIEW_OPERATORS = "view_operators"
    EDIT_OPERATORS = "edit_operators"
    VIEW_CHANGES = "view_changes"
    BACK_UP = "back_up"
    ACCEPT_REGISTRY = "accept_registry"  # in place of the accepted one
    OWN_ACCOUNT = "own_account"  # own password and language


_VIEWER = frozenset({Right.VIEW_DOORS, Right.VIEW_LOG, Right.OWN_ACCOUNT})
_SUPERVISOR = _VIEWER | {
    Right.UNLOCK_ONCE,
    Right.ACKNOWLEDGE_ALARMS,
    Right.EXPORT_LOG,
    Right.VIEW_PEOPLE,
    Right.BLOCK_PEOPLE,
    Right.VIEW_ACCESS,
    Right.LOCK_DOWN,
    Right.VIEW_PRESENCE,
    Right.CORRECT_PRESENCE,
}
# An auditor sees everything and changes nothing.
_AUDITOR = _VIEWER | {
    Right.EXPORT_LOG,
    Right.VIEW_PEOPLE,
    Right.VIEW_ACCESS,
    Right.VIEW_PRESENCE,
    Right.VIEW_OPERATORS,
    Right.VIEW_CHANGES,
}

RIGHTS: dict[OperatorRole, frozenset[Right]] = {
    OperatorRole.ADMIN: frozenset(Right),
    OperatorRole.SUPERVISOR: _SUPERVISOR,
    OperatorRole.AUDITOR: _AUDITOR,
    OperatorRole.VIEWER: _VIEWER,
}
