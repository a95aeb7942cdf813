"""What the file of a rule holds: the fields of its form, and its words for codes."""

from dataclasses import dataclass
from enum import Enum, StrEnum

# Pairs, because members of different enums can be equal as texts.
CodeWords = tuple[tuple[Enum, str], ...]


class Kind(StrEnum):
    """What is typed or chosen in a field."""

    NUMBER = "number"
    TICK = "tick"
    PROOF = "proof"
    ACCESS_POINT = "access_point"
    CATEGORIES = "categories"
    QUALIFICATIONS = "qualifications"
    DOORS = "doors"
    CHOICE = "choice"  # a member of the enum that is the setting's type


@dataclass(frozen=True, slots=True)
class RuleField:
    name: str  # as in the setting
    label: str
    kind: Kind
