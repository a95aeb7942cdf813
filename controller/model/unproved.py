"""Why a card does not count as the badge of its number."""

from collections.abc import Mapping
from enum import StrEnum

from controller.model.reasons import DenyReason


class Unproved(StrEnum):
    """All but UNREAD and HALF_ISSUED are about badges that have a key. A reader reports UNASKED also when it
    does not know whether there is a key; it counts only if there is one.
    """

    WRONG = "wrong"  # its answer does not match the badge's key
    SILENT = "silent"  # it stayed on the reader and answered only with its number
    LEFT = "left"  # it left before it had proved its key
    KEY_UNUSABLE = "key_unusable"  # the door cannot use the key, so no card can prove it
    UNASKED = "unasked"  # the reader could not ask the card for a proof, or did not know which one
    REPLAYED = "replayed"  # its reading was already used: a recording
    UNCOUNTED = "uncounted"  # the log could not be read to check this
    UNREAD = "unread"  # a FeliCa Lite-S that left before it could be read
    HALF_ISSUED = "half_issued"  # its issuing began and did not finish


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
    """A record's reason: its code `unproved`, which older records lack, else derived from its deny reason."""
    member = next((one for one in Unproved if one == code), None)
    if member is None and reason == DenyReason.AUTHENTICATION_FAILED:
        return Unproved.WRONG
    return member
