"""Clean up typed texts: NFC, limited length, no characters that break a line or change its direction."""

import re
import unicodedata

from controller.errors import N_, BadInput
from controller.model.import_codes import ImportCode

NAME_LENGTH = 100
REASON_LENGTH = 500
_INVISIBLE = ("C", "Z")  # categories; private use (Co) is for gaiji and can be seen
_BREAKING = ("Cc", "Cs", "Zl", "Zp")
_REFUSED = frozenset(
    "\ufffd"  # the replacement for undecodable bytes
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # change the direction of the text around them
)
_SIGN_IN_NAME = re.compile(r"[a-z0-9._@-]{1,50}")


def name_text(field: str, text: str) -> str:
    """A name of 1 to 100 characters; `=cmd`, emoji, any script stay unchanged (exports guard cells)."""
    name = _clean(field, text, NAME_LENGTH)
    if not any(unicodedata.category(c)[0] not in _INVISIBLE or _is_private(c) for c in name):
        raise BadInput(
            field,
            N_("The name is empty; enter 1 to {most} characters."),
            ImportCode.NAME_EMPTY,
            most=NAME_LENGTH,
        )
    return name


def optional_text(field: str, text: str) -> str:
    """A text of at most 100 characters that may be empty, such as the reading of a name."""
    return _clean(field, text, NAME_LENGTH)


def reason_text(text: str, required: bool = False) -> str:
    """The reason with its lines joined. Raise BadInput if it is required and empty."""
    reason = _clean("reason", " ".join(text.split()), REASON_LENGTH)
    if required and not reason:
        raise BadInput("reason", N_("Enter a reason, in a few words."))
    return reason


def note_text(text: str) -> str:
    """A note on what the operator found and did, with its lines joined; not empty."""
    note = _clean("note", " ".join(text.split()), REASON_LENGTH)
    if not note:
        raise BadInput("note", N_("Enter a note: what you found and did."))
    return note


def sign_in_name(field: str, text: str) -> str:
    name = folded_name(text)
    if not _SIGN_IN_NAME.fullmatch(name):
        raise BadInput(field, N_("The sign-in name may hold 1 to 50 of a-z, 0-9 and . _ @ - only."))
    return name


def folded_name(text: str) -> str:
    """Fold case and width, in which sign-in names may differ."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _clean(field: str, text: str, most: int) -> str:
    if len(text) > 4 * most:  # before any work on it
        raise too_long(field, len(text), most)
    cleaned = unicodedata.normalize("NFC", text).strip()
    for character in cleaned:
        if character in _REFUSED or unicodedata.category(character) in _BREAKING:
            raise BadInput(
                field,
                N_("The character U+{code} is not allowed; remove it."),
                ImportCode.BAD_CHARACTER,
                code=f"{ord(character):04X}",
            )
    if len(cleaned) > most:
        raise too_long(field, len(cleaned), most)
    return cleaned


def too_long(field: str, length: int, most: int) -> BadInput:
    return BadInput(
        field,
        N_("The text has {length} characters; shorten it to at most {most}."),
        ImportCode.TEXT_TOO_LONG,
        length=length,
        most=most,
    )


def _is_private(character: str) -> bool:
    return unicodedata.category(character) in ("Co", "Cn")
