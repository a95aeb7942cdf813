"""The site's calendar: public holidays and its own days. A change publishes a new version of the rules.

A draft of the rules, if there is one, gets the same change and continues from the new version.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from controller.errors import N_, BadInput, NotFound
from controller.model.rule_book import Holidays
from controller.registry import definitions
from controller.registry import rule_books as book_rows
from controller.registry import rule_draft as drafts
from controller.services import typed_texts
from controller.services.access import holidays
from controller.services.access.holidays import HOLIDAY, WORKDAY
from controller.services.access.windows import DAY_TYPE
from controller.services.acting import Acting
from controller.services.rights import Right
from controller.services.rules import books as rule_books

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Day:
    """`name` is that of the public holiday, or "". `is_own`: an operator set the day's type."""

    date: date
    name: str
    day_type: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """`version` is that of the rules, 0 while none are published: then no day is a holiday at the door.
    `is_at_the_door`: the door uses exactly these days."""

    country: str
    version: int
    days: tuple[Day, ...]
    is_at_the_door: bool


def calendar(acting: Acting, language: str = "") -> Calendar:
    """The public holidays of this year and the next, and every day that operators set."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        book = book_rows.newest_book(db)
        published = definitions.day_types(db)
    year = holidays.local_year(acting.site, acting.moment)
    names = holidays.public_holidays(book.holidays.country, range(year, year + 2), language)
    own = book.holidays.days
    listed = [
        Day(day, names.get(day, ""), own.get(day, HOLIDAY), day in own) for day in sorted({*names, *own})
    ]
    expected = {day.date: day.day_type for day in listed if day.day_type != WORKDAY}
    current = {day: type_ for day, type_ in published.items() if day in own or year <= day.year <= year + 1}
    return Calendar(book.holidays.country, book.version, tuple(listed), expected == current)


def special_types(acting: Acting) -> tuple[str, ...]:
    """The day types that a schedule may have hours for, holidays first."""
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        own = book_rows.newest_book(db).holidays.days
    return (HOLIDAY, *sorted({*own.values()} - {HOLIDAY, WORKDAY}))


def set_country(acting: Acting, country: str, note: str = "") -> int:
    """Set the country, update the dates at the door, and return the number of the new rules version."""
    code = country.strip().upper()
    if not holidays.is_supported(code):
        raise BadInput("country", holidays.UNKNOWN, name=code[:20])
    return _publish(acting, note or f"{code or '–'}", lambda old: replace(old, country=code))


def set_day(acting: Acting, day: date, day_type: str, note: str = "") -> int:
    """`day_type` is "holiday", "workday" or a name that the site chose."""
    name = day_type_name(day_type)

    def changed(old: Holidays) -> Holidays:
        public = holidays.public_holidays(old.country, range(day.year, day.year + 1))
        if name == WORKDAY and day not in public:
            raise BadInput("day", N_("{day} is not a public holiday, so it is already a workday."), day=day)
        if len(old.days) >= _MOST:
            raise BadInput("day", N_("There are already {most} days of your own; remove some."), most=_MOST)
        return _with(old, {**old.days, day: name})

    return _publish(acting, note or f"{day}: {name}", changed)


def day_type_name(text: str) -> str:
    name = text.strip().lower()
    if not DAY_TYPE.fullmatch(name):
        raise BadInput(
            "day_type", N_("Enter the day type as 1 to 32 of a-z, 0-9 and hyphens, such as short-day.")
        )
    return name


def remove_day(acting: Acting, day: date, note: str = "") -> int:
    """Remove the site's own setting: the country's calendar decides again."""

    def changed(old: Holidays) -> Holidays:
        if day not in old.days:
            raise NotFound(N_("{day} is not a day of your own; choose one from the list."), day=day)
        return _with(old, {one: type_ for one, type_ in old.days.items() if one != day})

    return _publish(acting, note or f"{day}: –", changed)


def _with(old: Holidays, days: Mapping[date, str]) -> Holidays:
    return replace(old, days=days)


def _publish(acting: Acting, note: str, change: Callable[[Holidays], Holidays]) -> int:
    acting.require(Right.PUBLISH_RULES)
    why = typed_texts.reason_text(note)
    with acting.site.registry.write() as db:
        newest = book_rows.newest_book(db)
        changed = replace(newest, holidays=change(newest.holidays))
        version = rule_books.publish_book(acting, db, changed, why, heed_warnings=False)
        draft = drafts.draft(db)
        if draft is not None:  # otherwise publishing the draft would silently undo this change
            book = replace(draft.book, holidays=changed.holidays)
            based_on = version if draft.based_on == newest.version else draft.based_on
            drafts.remove_draft(db)  # a draft's starting version is never changed in place
            drafts.save_draft(db, replace(draft, book=book, based_on=based_on))
        return version
