"""What is wrong with a line of an imported file, in words: one sentence for each `ImportCode`.

The command line uses these sentences too. Where a form refuses the same value, its sentence is the same.
"""

from collections.abc import Mapping

from controller.errors import N_
from controller.model.import_codes import ImportCode
from web.words.words import Words

FINDING_WORDS: Mapping[ImportCode, str] = {
    ImportCode.BROKEN_QUOTE: N_("A quoted cell does not end or is too long; correct the quotes."),
    ImportCode.TOO_MANY_CELLS: N_(
        "The line has more cells than the header has columns; remove the extra cells."
    ),
    ImportCode.NAME_EMPTY: N_("The name is empty; enter 1 to {most} characters."),
    ImportCode.BAD_CHARACTER: N_("The character U+{code} is not allowed; remove it."),
    ImportCode.TEXT_TOO_LONG: N_("The text has {length} characters; shorten it to at most {most}."),
    ImportCode.NOT_A_CARD_NUMBER: N_(
        "This is not a card number; enter the 16 hexadecimal digits of the IDm, or the 8, 14 or 20 of a "
        "Type A card."
    ),
    ImportCode.RANDOM_NUMBER: N_(
        "This number (4 bytes starting with 08) is random at every tap, as on phones; use a card with a "
        "fixed number."
    ),
    ImportCode.NOT_FELICA: N_("This is not a FeliCa number; an IDm has 16 hexadecimal digits."),
    ImportCode.NOT_TYPE_A: N_("This is not a Type A number; a UID has 8, 14 or 20 hexadecimal digits."),
    ImportCode.NOT_OF_BITS: N_(
        "This is not a number of {bits} bits; write it in hexadecimal, and check the bit count."
    ),
    ImportCode.BAD_BITS: N_("The bit count must be a whole number from {least} to {most}."),
    ImportCode.BITS_MISSING: N_("A number over OSDP needs its bit count as well, for example 26."),
    ImportCode.BITS_OF_ANOTHER_KIND: N_(
        "Only a number over OSDP has a bit count; clear the field, or choose another kind."
    ),
    ImportCode.BAD_KIND: N_("{kind} is not a kind of badge; write felica, type_a or wiegand."),
    ImportCode.ONLY_OVER_OSDP: N_(
        "No reader of this site reads numbers of this kind: they come over OSDP. Write the IDm or UID of "
        "the card, or hold it to a reader."
    ),
    ImportCode.NOT_OVER_OSDP: N_(
        "The readers of this site send numbers over OSDP, with a bit count. Write the bit count as well, or "
        "hold the badge to a reader."
    ),
    ImportCode.NOT_A_DAY: N_("This is not a day; enter it as 2026-11-24."),
    ImportCode.NOT_A_MOMENT: N_("This is not a date with a time; enter it as 2027-05-01 18:00."),
    ImportCode.BAD_YEAR: N_("The year {year} is not allowed; write one from 2000 to 2199."),
    ImportCode.LAST_BEFORE_FIRST: N_(
        "The last day {last} is before the first day {first}; change one of them."
    ),
    ImportCode.END_BEFORE_START: N_("The end must come after the start."),
    ImportCode.NO_LEVEL: N_("There is no access level named {level}; add it first."),
    ImportCode.NO_CATEGORY: N_("The rules have no category {name}; choose one of {known}."),
    ImportCode.NUMBER_TWICE: N_("This card number is also in line {first}; remove one."),
    ImportCode.ENROLLED: N_("This card is already the badge of {person}; remove the line."),
    ImportCode.NAME_TWICE: N_("{name} is also in line {first}; the import adds two people."),
    ImportCode.NAME_EXISTS: N_("{name} already exists; this line adds another person."),
    ImportCode.LINE_DAMAGED: N_(
        "This line is incomplete or damaged; issue the card again at the station, or remove the line."
    ),
    ImportCode.LINE_QUOTED: N_(
        "A spreadsheet put this line in quotes; choose the file as `genkan issue card` wrote it."
    ),
    ImportCode.LINE_FOREIGN: N_(
        "Only signed lines from your issuing station can be imported; choose the file that `genkan issue "
        "card` wrote."
    ),
    ImportCode.LINE_UNSIGNED: N_(
        "This line is from an earlier Genkan and not signed; issue the card again at the station."
    ),
    ImportCode.LINE_CHANGED: N_(
        "This line was changed after the station had signed it; find out who had the file, and issue the "
        "card again."
    ),
    ImportCode.KEY_FOR_ANOTHER_DOOR: N_(
        "Card …{last_four}: this key is wrapped to another door ({other}); this one is {own}."
    ),
    ImportCode.KEY_BY_A_STRANGER: N_(
        "Card …{last_four}: its line is from the station {other}, which this door does not trust."
    ),
    ImportCode.CARD_NOT_ENROLLED: N_(
        "Card …{last_four} is not enrolled; enrol it, then import the file again."
    ),
    ImportCode.CARD_LOST: N_("Card …{last_four} is reported lost, so its key is skipped."),
    ImportCode.KEY_OLDER: N_("Card …{last_four} already has a newer key, so this older key is skipped."),
    ImportCode.KEY_DIFFERS: N_(
        "Card …{last_four} already has a key of this version, so this different key is skipped. If the card "
        "was issued again, remove the present key first."
    ),
}


def finding_text(words: Words, code: ImportCode, fields: Mapping[str, object] | None = None) -> str:
    return words.translate(FINDING_WORDS[code], **(fields or {}))
