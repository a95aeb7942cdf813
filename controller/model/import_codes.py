"""What can be wrong with a line of an imported file, as a code with fields; the words are in `web/words`."""

from collections.abc import Mapping
from enum import StrEnum


class ImportCode(StrEnum):
    # A line of a table of badges
    BROKEN_QUOTE = "broken_quote"
    TOO_MANY_CELLS = "too_many_cells"
    NAME_EMPTY = "name_empty"
    BAD_CHARACTER = "bad_character"  # U+`code`
    TEXT_TOO_LONG = "text_too_long"
    NOT_A_CARD_NUMBER = "not_a_card_number"
    RANDOM_NUMBER = "random_number"  # as phones send
    NOT_FELICA = "not_felica"
    NOT_TYPE_A = "not_type_a"
    NOT_OF_BITS = "not_of_bits"
    BAD_BITS = "bad_bits"
    BITS_MISSING = "bits_missing"
    BITS_OF_ANOTHER_KIND = "bits_of_another_kind"
    BAD_KIND = "bad_kind"
    ONLY_OVER_OSDP = "only_over_osdp"  # and no reader of the site is an OSDP reader
    NOT_OVER_OSDP = "not_over_osdp"  # and every reader of the site is an OSDP reader
    NOT_A_DAY = "not_a_day"
    NOT_A_MOMENT = "not_a_moment"
    BAD_YEAR = "bad_year"
    LAST_BEFORE_FIRST = "last_before_first"
    END_BEFORE_START = "end_before_start"
    NO_LEVEL = "no_level"
    NO_CATEGORY = "no_category"  # `known`: the categories of the rules
    NUMBER_TWICE = "number_twice"  # `first`: the line that has it, too
    ENROLLED = "enrolled"  # already the badge of `person`
    NAME_TWICE = "name_twice"  # a warning; `first`: the line that has it, too
    NAME_EXISTS = "name_exists"  # a warning

    # A line of an issuing station's file
    LINE_DAMAGED = "line_damaged"
    LINE_QUOTED = "line_quoted"  # by a spreadsheet
    LINE_FOREIGN = "line_foreign"
    LINE_UNSIGNED = "line_unsigned"
    LINE_CHANGED = "line_changed"
    KEY_FOR_ANOTHER_DOOR = "key_for_another_door"  # `other`; `own` is this one
    KEY_BY_A_STRANGER = "key_by_a_stranger"  # the station `other`
    CARD_NOT_ENROLLED = "card_not_enrolled"
    CARD_LOST = "card_lost"
    KEY_OLDER = "key_older"
    KEY_DIFFERS = "key_differs"


_FIELDS: Mapping[ImportCode, frozenset[str]] = {
    ImportCode.NAME_EMPTY: frozenset({"most"}),
    ImportCode.BAD_CHARACTER: frozenset({"code"}),
    ImportCode.TEXT_TOO_LONG: frozenset({"length", "most"}),
    ImportCode.NOT_OF_BITS: frozenset({"bits"}),
    ImportCode.BAD_BITS: frozenset({"least", "most"}),
    ImportCode.BAD_KIND: frozenset({"kind"}),
    ImportCode.BAD_YEAR: frozenset({"year"}),
    ImportCode.LAST_BEFORE_FIRST: frozenset({"last", "first"}),
    ImportCode.NO_LEVEL: frozenset({"level"}),
    ImportCode.NO_CATEGORY: frozenset({"name", "known"}),
    ImportCode.NUMBER_TWICE: frozenset({"first"}),
    ImportCode.ENROLLED: frozenset({"person"}),
    ImportCode.NAME_TWICE: frozenset({"name", "first"}),
    ImportCode.NAME_EXISTS: frozenset({"name"}),
    ImportCode.KEY_FOR_ANOTHER_DOOR: frozenset({"last_four", "other", "own"}),
    ImportCode.KEY_BY_A_STRANGER: frozenset({"last_four", "other"}),
    ImportCode.CARD_NOT_ENROLLED: frozenset({"last_four"}),
    ImportCode.CARD_LOST: frozenset({"last_four"}),
    ImportCode.KEY_OLDER: frozenset({"last_four"}),
    ImportCode.KEY_DIFFERS: frozenset({"last_four"}),
}


def field_names(code: ImportCode) -> frozenset[str]:
    """The fields that a finding of `code` has."""
    return _FIELDS.get(code, frozenset())
