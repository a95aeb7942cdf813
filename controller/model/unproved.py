"""How a card failed to be what its number says."""

from collections.abc import Mapping
from enum import StrEnum

from controller.model.reasons import DenyReason


class Unproved(StrEnum):
    """All but UNREAD and HALF_ISSUED are of badges that have a key; a reader says UNASKED also where it could
    not find out whether there is one, and it stands if there is."""

    WRONG = "wrong"  # it answered, and not as the card with that key does
    SILENT = "silent"  # it stayed on the reader and answered nothing but its number
    LEFT = "left"  # before it had proved its key
    KEY_UNUSABLE = "key_unusable"  # the door cannot use the key, so no card can prove it
    UNASKED = "unasked"  # the reader could not ask the card, or did not know for what
    REPLAYED = "replayed"  # what it said was read from the badge before: a recording
    UNCOUNTED = "uncounted"  # the log could not be asked whether it was
    UNREAD = "unread"  # a FeliCa Lite-S that left before it could be looked at
    HALF_ISSUED = "half_issued"  # its issuing has begun and not ended


REASON_OF: Mapping[Unproved, DenyReason] = {
    Unproved.WRONG: DenyReason.AUTHENTICATION_FAILED,
    Unproved.SILENT: DenyReason.AUTHENTICATION_FAILED,
    Unproved.LEFT: DenyReason.AUTHENTICATION_FAILED,
    Unproved.KEY_UNUSABLE: DenyReason.AUTHENTICATION_FAILED,
    Unproved.UNASKED: DenyReason.CARD_UNREADABLE,
    Unproved.REPLAYED: DenyReason.CARD_REPLAYED,
    Unproved.UNCOUNTED: DenyReason.JOURNAL_UNAVAILABLE,
    Unproved.UNREAD: DenyReason.CARD_UNREADABLE,
    Unproved.HALF_ISSUED: DenyReason.CARD_HALF_ISSUED,
}


def unproved_of(code: object, reason: str | None) -> Unproved | None:
    """What a record says of it: by its code `unproved`, which older records do not have, else its reason."""
    member = next((one for one in Unproved if one == code), None)
    if member is None and reason == DenyReason.AUTHENTICATION_FAILED:
        return Unproved.WRONG
    return member
