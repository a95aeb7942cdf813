from datetime import date

from controller.registry import definitions, holidays
from controller.registry.database import Registry

NEW_YEAR, SHORT = date(2027, 1, 1), date(2027, 1, 4)


def test_days_put_replace_those_before_and_days_added_do_not(registry: Registry) -> None:
    with registry.write() as db:
        holidays.replace_day_types(db, {NEW_YEAR: "holiday"})
        holidays.replace_day_types(db, {SHORT: "short-day"})
        assert definitions.day_types(db) == {SHORT: "short-day"}
        holidays.add_day_types(db, {NEW_YEAR: "holiday", SHORT: "holiday"})
        assert definitions.day_types(db) == {NEW_YEAR: "holiday", SHORT: "short-day"}
