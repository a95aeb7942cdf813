"""Why somebody was refused. The web has words for each; a test fails if one is missing."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DenyReason(StrEnum):
    CARD_NUMBER_RANDOM = "card_number_random"  # a phone: its number changes at every tap
    CARD_UNREADABLE = "card_unreadable"  # it left too early, or the reader gave a number that cannot be used
    CARD_HALF_ISSUED = "card_half_issued"  # the station began to give it a key and did not finish
    AUTHENTICATION_FAILED = "authentication_failed"  # the badge has a key and the card did not prove it
    CARD_REPLAYED = "card_replayed"  # its reading was already used: a recording
    CREDENTIAL_UNKNOWN = "credential_unknown"
    RIGHTS_UNACCOUNTED = "rights_unaccounted"  # no record gives the rights that the registry holds
    CREDENTIAL_LOST = "credential_lost"
    CREDENTIAL_SUSPENDED = "credential_suspended"
    CREDENTIAL_NOT_YET_VALID = "credential_not_yet_valid"
    CREDENTIAL_EXPIRED = "credential_expired"
    CARDHOLDER_SUSPENDED = "cardholder_suspended"
    NO_ACCESS_HERE = "no_access_here"
    ACCESS_LEVEL_NOT_YET_VALID = "access_level_not_yet_valid"
    ACCESS_LEVEL_ENDED = "access_level_ended"
    OUTSIDE_SCHEDULE = "outside_schedule"
    ASSURANCE_TOO_LOW = "assurance_too_low"
    DOOR_BLOCKED = "door_blocked"  # its mode is locked or blocked
    LOCKDOWN = "lockdown"
    QUALIFICATION_MISSING = "qualification_missing"
    QUALIFICATION_EXPIRED = "qualification_expired"
    PREREQUISITE_MISSING = "prerequisite_missing"
    ANTI_PASSBACK = "anti_passback"
    OUTER_AREA_NOT_ENTERED = "outer_area_not_entered"  # the log does not have the person in the area around
    FIRST_PERSON_NOT_IN = "first_person_not_in"
    SUPERVISOR_ABSENT = "supervisor_absent"
    ESCORT_MISSING = "escort_missing"
    STAFF_MIX = "staff_mix"
    OCCUPANCY_FULL = "occupancy_full"
    INTERLOCK = "interlock"
    PIN_REQUIRED = "pin_required"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"  # too many wrong ones, of this badge or at this reader
    SECOND_PERSON_NEEDED = "second_person_needed"
    CLOCK_UNTRUSTED = "clock_untrusted"
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    REGISTRY_UNAVAILABLE = "registry_unavailable"


# For each reason, the wider one that earlier versions recorded in its place.
_WIDER: Mapping[str, DenyReason] = MappingProxyType(
    {
        DenyReason.ACCESS_LEVEL_NOT_YET_VALID: DenyReason.NO_ACCESS_HERE,
        DenyReason.ACCESS_LEVEL_ENDED: DenyReason.NO_ACCESS_HERE,
        DenyReason.QUALIFICATION_MISSING: DenyReason.QUALIFICATION_EXPIRED,
    }
)


def agrees(recorded: str | None, found: str | None) -> bool:
    """Whether a record, perhaps of an earlier version, agrees with the rules' present verdict. None:
    admitted.
    """
    if recorded is None or found is None:
        return recorded is found
    return recorded in (found, _WIDER.get(found))


class AccessWarning(StrEnum):
    """A warning on the record of an admitted person; a rule that only warns never refuses."""

    UNACCOUNTED_ADMITTED = "unaccounted_admitted"  # no record gives the rights, and the site admits
    QUALIFICATION_ENDS_SOON = "qualification_ends_soon"
    LOCKDOWN_OVERRIDDEN = "lockdown_overridden"
    LAST_SUPERVISOR_LEFT = "last_supervisor_left"
    LAST_ESCORT_LEFT = "last_escort_left"
    STAFF_MIX_LOW = "staff_mix_low"
    OCCUPANCY_LOW = "occupancy_low"
    OUT_WITHOUT_IN = "out_without_in"


class MissedTap(StrEnum):
    """How the log shows that somebody passed without tapping."""

    OUT_WITHOUT_IN = "out_without_in"
    IN_WITHOUT_OUT = "in_without_out"  # in again, or into another area, without having left
    INNER_WITHOUT_OUTER = "inner_without_outer"  # into an area, without having entered the one around it
    STILL_INSIDE = "still_inside"  # the day is over and no tap shows the person leaving


class ErasureRefusal(StrEnum):
    """Why the door does not erase a person from the log."""

    NOT_REQUESTED = "not_asked"  # the log holds no such request
    CANCELLED = "cancelled"
    NOT_CARRIED_OUT = "not_carried_out"  # the registrar has not carried it out, or for other badges
    TOO_EARLY = "too_early"  # the registrar did not wait; the door does


class OrderRefusal(StrEnum):
    """Why the door did not carry out an order."""

    ANOTHER_BOOT = "another_boot"
    TOO_OLD = "too_old"
    NO_SUCH_DOOR = "no_such_door"
    NO_SUCH_READER = "no_such_reader"
    LOCKDOWN = "lockdown"  # begun after the order
    NOBODY_TAPPED = "nobody_tapped"  # a learn order ran out
    REPLACED = "replaced"  # a later learn order replaced it at the reader
    CARD_NUMBER_RANDOM = "card_number_random"
    CARD_HALF_ISSUED = "card_half_issued"
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    NOT_PERMITTED = "not_permitted"  # the operator does not exist, is disabled, or lacks the right
    REGISTRY_ROLLED_BACK = "registry_rolled_back"  # nobody has accepted the registry that holds the order
    NO_ACTION = "no_action"  # the registry records no such order by this operator
    FROM_THE_FUTURE = "from_the_future"
    LIMIT_TOO_LONG = "limit_too_long"
    TOO_MANY = "too_many"
    UNREADABLE = "unreadable"  # it holds values that no order has


# What no order has that came from the pages or the command line.
FORGED_ORDERS = frozenset(
    {
        OrderRefusal.NOT_PERMITTED,
        OrderRefusal.NO_ACTION,
        OrderRefusal.FROM_THE_FUTURE,
        OrderRefusal.LIMIT_TOO_LONG,
        OrderRefusal.UNREADABLE,
    }
)
