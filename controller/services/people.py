"""People (cardholders): find, add, change, suspend, resume."""

from collections.abc import Collection
from dataclasses import dataclass

from controller.model.credentials import CardholderStatus
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.badges import Badge
from controller.services.house import House


@dataclass(frozen=True, slots=True)
class LevelName:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    kana: str  # reading of the name, "" when not given; people are sorted by it
    status: CardholderStatus
    levels: tuple[LevelName, ...]
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    people: tuple[Person, ...]
    next: str | None  # give it as `after` for the following page; None: this was the last


def search(
    house: House, operator: Operator, now: Moment, text: str = "", after: str | None = None, limit: int = 50
) -> PeoplePage:
    """In order of reading; `text` is a part of name or reading, or the last four digits of a badge."""
    raise NotImplementedError


def get(house: House, operator: Operator, now: Moment, person_id: str) -> Person:
    raise NotImplementedError


def add(
    house: House, operator: Operator, now: Moment, name: str, kana: str = "", levels: Collection[str] = ()
) -> Person:
    """`levels` are level ids."""
    raise NotImplementedError


def edit(
    house: House,
    operator: Operator,
    now: Moment,
    person_id: str,
    name: str,
    kana: str = "",
    levels: Collection[str] = (),
) -> Person:
    """Replaces name, reading and levels; nothing is recorded when nothing differs."""
    raise NotImplementedError


def suspend(house: House, operator: Operator, now: Moment, person_id: str, reason: str = "") -> Person:
    raise NotImplementedError


def resume(house: House, operator: Operator, now: Moment, person_id: str, reason: str = "") -> Person:
    raise NotImplementedError
