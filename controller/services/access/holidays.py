"""Dates of holidays and special days: the country's, and those of the rule book.

The functions import the holidays library themselves: it takes a tenth of a second and a hundred modules.
"""

from datetime import date
from functools import lru_cache

from controller.errors import N_
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.model.rule_book import Holidays
from controller.registry import actions, definitions, rule_books
from controller.registry import holidays as rows
from controller.registry.database import Connection
from controller.services.site import Site

HOLIDAY, WORKDAY = "holiday", "workday"
UNKNOWN = N_("The holidays of {name} are not known; write another country's two letters, or none.")
YEARS = 10  # after this one
_RENEW_BELOW = 8  # the registrar adds years at its start if fewer than these are known


def day_types(holidays: Holidays, year: int) -> dict[date, str]:
    """Day types from the year before `year` (its last night ends in `year`) to YEARS after; own days of any
    year.
    """
    days = dict.fromkeys(public_holidays(holidays.country, range(year - 1, year + YEARS + 1)), HOLIDAY)
    days.update(holidays.days)
    return {day: day_type for day, day_type in days.items() if day_type != WORKDAY}


def public_holidays(country: str, years: range, language: str = "") -> dict[date, str]:
    """Dates and names, in the language if the library has it; none without a country."""
    return dict(_computed(country, years, language)) if country else {}


@lru_cache(maxsize=4)
def _computed(country: str, years: range, language: str) -> tuple[tuple[date, str], ...]:
    """Cached, because eleven years take the library 10 ms at each publication of rules."""
    import holidays as library

    found = library.country_holidays(country, years=years, language=language or None)
    return tuple(sorted(found.items()))


def is_supported(country: str) -> bool:
    """Return whether the library has the country. An empty text, for no country, counts as supported.

    The library's own list_supported_countries() imports the modules of all countries, half a second of work.
    """
    from holidays.registry import EntityLoader

    return not country or country in EntityLoader.get_country_codes()


def publish_day_types(db: Connection, holidays: Holidays, year: int) -> None:
    """Store the dates that the door uses from now on, within the write that publishes the rules."""
    rows.replace_day_types(db, day_types(holidays, year))


def local_year(site: Site, now: Moment) -> int:
    return now.utc.astimezone(site.config.site.time_zone).year


def renew(site: Site, now: Moment) -> None:
    """Add holidays of further years if few are left; published dates stay unchanged."""
    year = local_year(site, now)
    with site.registry.read() as db:
        if _last(db) >= year + _RENEW_BELOW:
            return
    with site.registry.write() as db:
        last = _last(db)
        holidays = rule_books.newest_book(db).holidays
        further = {day: type_ for day, type_ in day_types(holidays, year).items() if day.year > last}
        rows.add_day_types(db, further)
        actions.record(
            db,
            MACHINE,
            now.utc,
            action=ActionType.HOLIDAYS_ADDED,
            object_type="rules",
            object_id=str(rule_books.newest_version(db)),
            before={"until": last},
            after={"until": year + YEARS},
        )


def _last(db: Connection) -> int:
    """The last year with known holidays; date.max.year if the site has no country."""
    own = rule_books.newest_book(db).holidays.days
    return max((day.year for day in definitions.day_types(db) if day not in own), default=date.max.year)
