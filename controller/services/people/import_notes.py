"""Findings of an import's check: one note for all lines with the same code and fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.model.import_codes import ImportCode

MAX_NOTES = 100
_MAX_RANGES = 20


@dataclass(slots=True)
class LineProblem:
    """One problem of one or more lines; `web/words/import_findings.py` has its sentence."""

    line: int  # the first one; the header is line 1
    code: ImportCode
    fields: Mapping[str, object]
    count: int = field(default=0, init=False)
    _ranges: list[list[int]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.add(self.line)

    def add(self, line: int) -> None:
        self.count += 1
        if self._ranges and self._ranges[-1][1] == line - 1:
            self._ranges[-1][1] = line
        elif len(self._ranges) <= _MAX_RANGES:
            self._ranges.append([line, line])

    @property
    def lines(self) -> str:
        """3, 5–9, …"""
        parts = [f"{first}" if first == last else f"{first}–{last}" for first, last in self._ranges]
        return ", ".join(parts[:_MAX_RANGES] + ["…"] * (len(parts) > _MAX_RANGES))


class Notes:
    """Counts the lines that have findings, and keeps the first hundred different findings. The findings of a
    line come together."""

    def __init__(self) -> None:
        self.count = 0
        self._line = 0  # the newest one
        self._notes: dict[tuple[ImportCode, str], LineProblem] = {}

    def add(self, line: int, code: ImportCode, fields: Mapping[str, object] | None = None) -> None:
        self.count += line != self._line
        self._line = line
        which = (code, repr(sorted((fields or {}).items())))
        note = self._notes.get(which)
        if note is None:
            if len(self._notes) < MAX_NOTES:
                self._notes[which] = LineProblem(line, code, fields or {})
            return
        note.add(line)

    @property
    def notes(self) -> tuple[LineProblem, ...]:
        return tuple(self._notes.values())
