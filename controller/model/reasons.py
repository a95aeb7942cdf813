"""Why somebody was refused. The web shows each in words; a test fails when one has none."""

from enum import StrEnum


class DenyReason(StrEnum):
    CARD_NUMBER_RANDOM = "card_number_random"  # a phone: its number changes at every tap
    CARD_UNREADABLE = "card_unreadable"  # what the reader gave is no card number we take
    CREDENTIAL_UNKNOWN = "credential_unknown"
    CREDENTIAL_LOST = "credential_lost"
    CREDENTIAL_SUSPENDED = "credential_suspended"
    CREDENTIAL_NOT_YET_VALID = "credential_not_yet_valid"
    CREDENTIAL_EXPIRED = "credential_expired"
    CARDHOLDER_SUSPENDED = "cardholder_suspended"
    NO_ACCESS_HERE = "no_access_here"
    OUTSIDE_SCHEDULE = "outside_schedule"
    CLOCK_UNTRUSTED = "clock_untrusted"
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    REGISTRY_UNAVAILABLE = "registry_unavailable"


class OrderRefusal(StrEnum):
    """Why the door did not carry out an order."""

    ANOTHER_BOOT = "another_boot"
    TOO_OLD = "too_old"
    NO_SUCH_DOOR = "no_such_door"
    NO_SUCH_READER = "no_such_reader"
    NOBODY_TAPPED = "nobody_tapped"  # a learn order ran out
    REPLACED = "replaced"  # a later learn order took the reader over
    CARD_NUMBER_RANDOM = "card_number_random"
    JOURNAL_UNAVAILABLE = "journal_unavailable"
