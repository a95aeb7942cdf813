"""The result of a rehearsal, and the callback that reports its progress or stops it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.errors import GenkanError
from controller.model.reasons import DenyReason

Watch = Callable[[int], bool]
"""Called repeatedly with the percentage done; returns True to stop the rehearsal."""


class RehearsalStopped(GenkanError):
    """An operator stopped the rehearsal before its end."""


@dataclass(frozen=True, slots=True)
class Change:
    """`before`: as recorded, `after`: by the edited rules; None: granted.

    `follows`: the result differs only because an earlier change changed who is inside.
    """

    seq: int
    utc: datetime
    person: str
    name: str
    access_point: str
    before: DenyReason | None
    after: DenyReason | None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class RehearsalResult:
    """`without_badge`: taps of badges that nobody has any more.

    `not_attempted`: taps that would not have happened, because the person was inside already or had been
    refused before. `observed`: what the edited rules would only record. `in_force`: the version in force now.
    """

    since: datetime
    in_force: int
    taps: int
    without_badge: int
    not_attempted: int
    changes: tuple[Change, ...]
    observed: Mapping[DenyReason, int]
    schedules: tuple[str, ...] = ()  # from the file, those that differ from the present ones
    levels: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[tuple[DenyReason | None, DenyReason | None], int]:
        """The number of changes by (before, after), most frequent first."""
        return dict(Counter((change.before, change.after) for change in self.changes).most_common())
