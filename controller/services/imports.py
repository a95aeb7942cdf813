"""Import of badges from CSV: checked completely, held aside, then published by one row. All or nothing.

Columns: name, idm, and optionally level, valid_from, valid_until (days; a Japanese header is understood).
UTF-8 or CP932. Each line makes one new person with one badge: two lines, or a line and somebody already here,
with one name are taken for two people, and said so in `warnings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House

MAX_ROWS = 100_000
MAX_BYTES = 20_000_000
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class LineProblem:
    """`key` is a gettext message with `{named}` fields; `line` counts the header as 1."""

    line: int
    key: str
    fields: Mapping[str, object]

    @property
    def text(self) -> str:
        return self.key.format(**self.fields)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`import_id` is set when there are no problems: give it to `publish` within an hour."""

    rows: int
    problems: tuple[LineProblem, ...]  # the first 100
    problem_count: int
    warnings: tuple[LineProblem, ...]  # the first 100
    warning_count: int
    import_id: str | None


def check(house: House, operator: Operator, now: Moment, content: bytes) -> ImportReport:
    """The dry run: nothing becomes visible. Replaces an earlier checked import that was not published.

    A file too large, not a CSV at all or without the needed columns raises BadInput("file", …).
    """
    raise NotImplementedError


def publish(house: House, operator: Operator, now: Moment, import_id: str) -> int:
    """Make the checked import visible, all at once; returns the number of badges."""
    raise NotImplementedError


def discard(house: House, operator: Operator, now: Moment, import_id: str) -> None:
    raise NotImplementedError
