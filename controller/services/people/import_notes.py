"""Findings of an import's check: one note for all lines with the same code and fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.model.import_codes import ImportCode

MAX_NOTES = 100
_MAX_RANGES = 20


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One problem of one or more lines; `web/words/import_findings.py` has its sentence."""

    line: int  # the first one; the header is line 1
    code: ImportCode
    fields: Mapping[str, object]
    count: int = 1
    ranges: tuple[tuple[int, int], ...] = ()  # of `count` lines, the first and last of each; one line: empty

    @property
    def lines(self) -> str:
        """3, 5–9, …"""
        ranges = self.ranges or ((self.line, self.line),)
        parts = [f"{first}" if first == last else f"{first}–{last}" for first, last in ranges]
        return ", ".join(parts[:_MAX_RANGES] + ["…"] * (len(parts) > _MAX_RANGES))


class Notes:
    """Counts the lines that have findings, and keeps the first hundred different findings. The findings of a
    line come together."""

    def __init__(self) -> None:
        self.count = 0
        self._line = 0  # the newest one
        self._fields: dict[tuple[ImportCode, str], Mapping[str, object]] = {}
        self._counts: dict[tuple[ImportCode, str], int] = {}
        self._ranges: dict[tuple[ImportCode, str], list[tuple[int, int]]] = {}

    def add(self, line: int, code: ImportCode, fields: Mapping[str, object] | None = None) -> None:
        self.count += line != self._line
        self._line = line
        which = (code, repr(sorted((fields or {}).items())))
        if which not in self._fields:
            if len(self._fields) == MAX_NOTES:
                return
            self._fields[which] = fields or {}
        self._counts[which] = self._counts.get(which, 0) + 1
        ranges = self._ranges.setdefault(which, [])
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1] = (ranges[-1][0], line)
        elif len(ranges) <= _MAX_RANGES:
            ranges.append((line, line))

    @property
    def notes(self) -> tuple[LineProblem, ...]:
        return tuple(
            LineProblem(
                line=self._ranges[which][0][0],
                code=which[0],
                fields=fields,
                count=self._counts[which],
                ranges=tuple(self._ranges[which]),
            )
            for which, fields in self._fields.items()
        )
