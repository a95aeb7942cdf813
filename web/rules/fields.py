"""The fields of a rule's form."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is typed or chosen in a field."""

    NUMBER = "number"
    TICK = "tick"
    PROOF = "proof"
    ACCESS_POINT = "access_point"
    CATEGORIES = "categories"
    QUALIFICATIONS = "qualifications"
    DOORS = "doors"
    UNTIL = "until"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class RuleField:
    name: str  # as in the setting
    label: str
    kind: Kind
