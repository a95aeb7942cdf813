"""Options that choose records of the log: a span of time, a person, a door, a result."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.commands.options import Decorator, TimeText, fail, open_site
from controller.commands.person.named import person_named, person_option
from controller.errors import BadInput
from controller.model.events import Section

if TYPE_CHECKING:
    from controller.config import Config
    from controller.journal.log_filter import LogFilter
    from controller.journal.query import JournalReader
    from controller.services.validity import Limit


class MonthType(click.ParamType[date]):
    name = "YEAR-MONTH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from web.words.months import parse_month

        month = parse_month(value)
        if month is None or not 2000 <= month.year <= 2999:
            self.fail(f"{value!r} is not a month; write it like 2026-11.", param, ctx)
        return month


@dataclass(frozen=True)
class LogChoice:
    """The options as typed; an absent option excludes no record."""

    begin: str | None = None
    end: str | None = None
    person: str | None = None
    door: str | None = None
    result: str | None = None

    @property
    def leaves_records_out(self) -> bool:
        """Return whether the choice may skip records between two chosen ones."""
        return not (self.person is None and self.door is None and self.result is None)

    def filter(self, data: Path, config: "Config", journal: "JournalReader") -> "LogFilter":
        """Return the filter. Fail with one sentence for an unknown person or door."""
        from controller.journal.log_filter import LogFilter
        from controller.services import validity

        zone = config.site.time_zone
        try:
            first = validity.limit("--from", self.begin or "", zone)
            last = _whole(validity.limit("--to", self.end or "", zone), self.end or "")
            start, end = validity.moments(first, last, zone, ("--from", "--to"))
        except BadInput as error:
            raise click.UsageError(f"{error.field}: {error}") from error
        if self.door not in (None, *config.doors) and not journal.after(LogFilter(door=self.door), 0, 1):
            names = ", ".join(config.doors) or "none yet"
            fail(f"There is no door {self.door!r}, in genkan.toml or in the log; there is {names}.")
        return LogFilter(
            person=None if self.person is None else _reference(data, journal, self.person),
            door=self.door,
            sections=None if self.result is None else frozenset({Section(self.result)}),
            day_start=start,
            day_end=end,
        )


def choice_options(times: bool = True) -> Decorator:
    """Return a decorator that passes `choice`, a LogChoice, to the command. `times` adds --from and --to."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_choice(**values: Any) -> Any:
            chosen = {field.name: values.pop(field.name, None) for field in fields(LogChoice)}
            return command(choice=LogChoice(**chosen), **values)

        decorated: Callable[..., Any] = with_choice
        for option in reversed(_TIMES + _OPTIONS if times else _OPTIONS):
            decorated = option(decorated)
        return decorated

    return decorate


_TIMES: tuple[Decorator, ...] = (
    click.option(
        "--from",
        "begin",
        type=TimeText(),
        help='Only records since then: "2026-12-01", or to the minute "2026-12-01 09:00".',
    ),
    click.option(
        "--to",
        "end",
        type=TimeText(),
        help='Only records up to then: "2026-12-31", that day included, or "2026-12-31 18:00", that minute '
        "included.",
    ),
)
_OPTIONS: tuple[Decorator, ...] = (
    person_option(required=False, help="Only this person, by name or reference."),
    click.option("--door", metavar="NAME", help="Only this door."),
    click.option(
        "--result",
        type=click.Choice([section.value for section in Section]),
        help="Only entries (granted), refusals (denied), taps that wait for a second person "
        "(waiting), doors and locks, operators' actions, or the system.",
    ),
)


def month_filter(config: "Config", journal: "JournalReader", month: date) -> tuple[datetime, datetime]:
    """Return the first moment of a month and of the next; fail if the log has no record of it."""
    from controller.journal.log_filter import LogFilter
    from web.words.months import month_bounds

    start, end = month_bounds(month, config.site.time_zone)
    if not journal.after(LogFilter(day_start=start, day_end=end), 0, 1):
        fail(f"The log holds no record of {month:%Y-%m}; give a month in which the door ran.")
    return start, end


def _whole(last: "Limit", text: str) -> "Limit":
    """The end of a minute, or of a second where seconds were typed: the end is exclusive in the filter."""
    if not isinstance(last, datetime):
        return last
    seconds = re.search(r":\d{2}:(\d{2})$", text.strip())
    return last + (timedelta(minutes=1) if seconds is None else timedelta(seconds=int(seconds[1]) + 1))


def _reference(data: Path, journal: "JournalReader", text: str) -> str:
    """Return the reference for a name or reference; the log keeps a reference longer than the registry."""
    from controller.journal.log_filter import LogFilter

    if journal.after(LogFilter(person=text), 0, 1):
        return text
    with open_site(data) as site:
        return person_named(site, text).id
