"""What part of the log a command is about: a month, a person, a door; each must exist."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from controller.commands.options import fail

if TYPE_CHECKING:
    from controller.journal.log_filter import LogFilter
    from controller.services.house import House
    from controller.services.people import Person


class Month(click.ParamType[date]):
    name = "YEAR-MONTH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from web.months import parse_month

        month = parse_month(value)
        if month is None or not 2000 <= month.year <= 2999:
            self.fail(f"{value!r} is no month; write it like 2026-11.", param, ctx)
        return month


def chosen(house: "House", month: date | None, person: str | None, door: str | None) -> "LogFilter":
    from controller.journal.log_filter import LogFilter
    from web.months import month_bounds

    start, end = (None, None) if month is None else month_bounds(month, house.config.site.time_zone)
    if month is not None and not _any(house, LogFilter(day_start=start, day_end=end)):
        fail(f"The log holds no record of {month:%Y-%m}; give a month in which the door ran.")
    if door is not None and door not in house.config.doors and not _any(house, LogFilter(door=door)):
        known = ", ".join(house.config.doors) or "none yet"
        fail(f"There is no door {door!r}, in genkan.toml or in the log; there is {known}.")
    reference = None if person is None else _reference(house, person)
    return LogFilter(person=reference, door=door, day_start=start, day_end=end)


def _reference(house: "House", person: str) -> str:
    """A name, or a person's reference, which stands in the log longer than the name does."""
    from controller.journal.log_filter import LogFilter

    found = [one.id for one in _people(house, person) if one.name == person]
    if len(found) > 1:
        fail(f"{len(found)} people are called {person!r}; give a reference instead: {', '.join(found)}.")
    if found:
        return found[0]
    if not _any(house, LogFilter(person=person)):
        fail(f"Nobody is called {person!r}; write the name as the people page shows it.")
    return person


def _people(house: "House", text: str) -> "Iterator[Person]":
    from controller.model.operators import MACHINE
    from controller.services import people

    after = None
    while True:
        page = people.search(house, MACHINE, house.now(), text, after)
        yield from page.people
        after = page.next
        if after is None:
            return


def _any(house: "House", filter: "LogFilter") -> bool:
    return bool(house.journal.after(filter, 0, 1))
