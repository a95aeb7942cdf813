"""The kind of a contactless card's number, by the ATR that the reader creates for it. Pure.

PC/SC Specification part 3, 3.1.3.2.3.1: storage cards have the PC/SC group's RID, then a byte for the
standard. Cards of ISO/IEC 14443-4 have no such mark; for them the number's length decides, and 8 bytes are
not a UID.
"""

_RID = bytes.fromhex("4F0CA000000306")
_TYPE_A = (1, 2, 3)  # ISO/IEC 14443 A, parts 1 to 3
_FELICA = 0x11
_UID_SIZES = (4, 7, 10)


def number_of(atr: bytes, answer: bytes) -> tuple[str, bytes] | None:
    """`felica` or `type_a`, and the number; None for an invalid answer, or a card of another kind."""
    number, status = answer[:-2], answer[-2:]
    if status != b"\x90\x00":
        return None
    standard = _standard(atr)
    if standard == _FELICA and len(number) == 8:
        return "felica", number
    if standard in (None, *_TYPE_A) and len(number) in _UID_SIZES:
        return "type_a", number
    return None


def _standard(atr: bytes) -> int | None:
    at = atr.find(_RID)
    return atr[at + len(_RID)] if at >= 0 and len(atr) > at + len(_RID) else None
