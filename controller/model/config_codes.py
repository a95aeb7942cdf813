"""What can be wrong with genkan.toml, as a code for the log and the pages; the words are in `web/words`.

Codes and field names are kept in the log permanently: add to them, never rename one.
"""

from collections.abc import Mapping
from enum import StrEnum


class ConfigCode(StrEnum):
    UNREADABLE = "unreadable"  # `error`: the errno, such as ENOENT
    NOT_TOML = "not_toml"  # at `line`
    TOO_DEEP = "too_deep"  # TOML nested more deeply than we read
    NOT_A_TABLE = "not_a_table"
    BAD_NAME = "bad_name"  # of a section, which is its door, access point or reader
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_VALUE = "bad_value"  # `value` as in the file
    USED_TWICE = "used_twice"  # a pin or device that `other` has already
    CONFLICT = "conflict"  # fits no other values of the file


_FIELDS: Mapping[ConfigCode, frozenset[str]] = {
    ConfigCode.UNREADABLE: frozenset({"error"}),
    ConfigCode.NOT_TOML: frozenset({"line"}),
    ConfigCode.TOO_DEEP: frozenset(),
    ConfigCode.BAD_VALUE: frozenset({"where", "value"}),
    ConfigCode.USED_TWICE: frozenset({"where", "other"}),
}


def field_names(code: ConfigCode) -> frozenset[str]:
    """The fields that a problem of `code` has. `where` is section and key: [doors.entrance] lock_pin."""
    return _FIELDS.get(code, frozenset({"where"}))
