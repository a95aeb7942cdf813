"""The log page's filter in the address: read, checked, and written again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from controller.errors import N_, BadInput, OperatorError
from controller.model.events import Section
from controller.services.log.entry_log import LogFilter
from web.words.times import day_bounds, parse_day

# The choices of "Result" on the page; the first is the default.
RESULTS: Mapping[str, tuple[str, frozenset[Section] | None]] = {
    "": (N_("Entries and refusals"), frozenset({Section.GRANTED, Section.DENIED, Section.WAITING})),
    "granted": (N_("Granted only"), frozenset({Section.GRANTED})),
    "denied": (N_("Refused only"), frozenset({Section.DENIED})),
    "waiting": (N_("Waiting for a second person"), frozenset({Section.WAITING})),
    "door": (N_("Doors and locks"), frozenset({Section.DOOR})),
    "operator": (N_("What operators did"), frozenset({Section.OPERATOR})),
    "system": (N_("System"), frozenset({Section.SYSTEM})),
    "all": (N_("Everything"), None),
}
FIELDS = ("person", "name", "door", "result", "day")


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Texts as typed. With an error in `errors` no row is shown: a wrong filter never shows all rows.

    `admits_no_record`: the `name` does not mean one person, so that no row is shown.
    """

    person: str = ""
    name: str = ""
    door: str = ""
    result: str = ""
    day: str = ""
    errors: Mapping[str, OperatorError] = field(default_factory=dict)
    admits_no_record: bool = False

    @property
    def shows_no_row(self) -> bool:
        """Whether no row is shown, printed or exported: the filter has an error, or names no one person."""
        return self.admits_no_record or bool(self.errors)

    def filter(self, zone: ZoneInfo) -> LogFilter:
        start = end = None
        if (day := self.chosen_day) is not None:
            start, end = day_bounds(day, zone)
        return LogFilter(
            person=self.person or None,
            door=self.door or None,
            sections=RESULTS[self.result][1],
            day_start=start,
            day_end=end,
            admits_no_record=self.shows_no_row,
        )

    @property
    def chosen_day(self) -> date | None:
        return None if "day" in self.errors else parse_day(self.day)

    def address(self, path: str, **more: int | str) -> str:
        chosen = {name: getattr(self, name) for name in FIELDS}
        query = urlencode({name: value for name, value in (chosen | more).items() if value != ""})
        return f"{path}?{query}" if query else path

    def of(self, person: str) -> "LogQuery":
        """The same for the person with this reference."""
        return replace(self, person=person, name="", admits_no_record=False)

    @property
    def leaves_nothing_out(self) -> bool:
        """Whether neighbouring rows are neighbouring records."""
        return self.result == "all" and not (self.person or self.name or self.door)

    @property
    def is_narrowed_beyond_day(self) -> bool:
        return bool(self.person or self.name or self.door or self.result)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.person or self.name or self.door or self.result or self.day)


def log_query(person: str, door: str, result: str, day: str, name: str = "") -> LogQuery:
    errors: dict[str, OperatorError] = {}
    try:
        parse_day(day)
    except ValueError:
        errors["day"] = BadInput("day", N_("Enter the day as year-month-day, for example 2026-11-24."))
    if result not in RESULTS:
        errors["result"] = BadInput("result", N_("There is no such result; choose one from the list."))
        result = ""
    return LogQuery(
        person=person.strip()[:100],
        name=name.strip()[:100],
        door=door.strip()[:100],
        result=result,
        day=day.strip()[:20],
        errors=errors,
    )
