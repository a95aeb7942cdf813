"""Access levels: sets of access rules, each an access point and a schedule."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House


@dataclass(frozen=True, slots=True)
class LevelRule:
    access_point: str
    schedule_id: str
    schedule_name: str


@dataclass(frozen=True, slots=True)
class Level:
    id: str
    name: str
    rules: tuple[LevelRule, ...]
    people: int  # how many hold it


def all_levels(house: House, operator: Operator, now: Moment) -> tuple[Level, ...]:
    raise NotImplementedError


def get(house: House, operator: Operator, now: Moment, level_id: str) -> Level:
    raise NotImplementedError


def add(house: House, operator: Operator, now: Moment, name: str, rules: Sequence[tuple[str, str]]) -> Level:
    """`rules` are pairs of access point name and schedule id."""
    raise NotImplementedError


def edit(
    house: House,
    operator: Operator,
    now: Moment,
    level_id: str,
    name: str,
    rules: Sequence[tuple[str, str]],
) -> Level:
    """Replaces name and rules."""
    raise NotImplementedError


def remove(house: House, operator: Operator, now: Moment, level_id: str) -> None:
    """Refused while somebody holds it."""
    raise NotImplementedError
