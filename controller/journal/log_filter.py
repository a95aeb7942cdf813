"""The filter that selects a part of the log."""

from dataclasses import dataclass
from datetime import datetime

from controller.model.events import Section

Code = int | str | tuple[str, ...]


@dataclass(frozen=True)
class LogFilter:
    """Absent fields filter nothing. `person` is the cardholder's reference. With `admits_no_record` no record
    passes, because the typed name matches no person, or several.

    `day_start` (inclusive) and `day_end` (exclusive) are aware moments; the caller knows when its day begins.
    """

    person: str | None = None
    door: str | None = None
    sections: frozenset[Section] | None = None
    day_start: datetime | None = None
    day_end: datetime | None = None
    admits_no_record: bool = False

    def codes(self) -> dict[str, Code]:
        """The set fields, as references and codes, without names."""
        sections = tuple(section.value for section in sorted(self.sections or ()))
        codes: dict[str, Code | None] = {
            "person": self.person,
            "door": self.door,
            "sections": sections or None,
            "from": _text(self.day_start),
            "until": _text(self.day_end),
        }
        return {key: value for key, value in codes.items() if value is not None}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
