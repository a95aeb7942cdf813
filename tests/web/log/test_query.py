"""The filter in the address: read, checked, and written again without losing anything."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.model.events import Section
from web.log.query import RESULTS, log_query

TOKYO = ZoneInfo("Asia/Tokyo")


def test_nothing_chosen_shows_entries_and_refusals() -> None:
    query = log_query("", "", "", "")
    assert query.filter(TOKYO).sections == {Section.GRANTED, Section.DENIED, Section.WAITING}
    assert not query.is_narrowed
    assert query.address("/log") == "/log"


def test_everything_leaves_out_no_section() -> None:
    assert log_query("", "", "all", "").filter(TOKYO).sections is None
    listed = {section for _, sections in RESULTS.values() for section in sections or ()}
    assert listed == set(Section)


def test_day_is_a_day_of_the_site() -> None:
    wanted = log_query("", "", "", "2026-11-25").filter(TOKYO)
    assert wanted.day_start == datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert wanted.day_end == datetime(2026, 11, 25, 15, tzinfo=UTC)


def test_address_holds_every_choice_and_escapes_it() -> None:
    query = log_query("a&b", "入口", "denied", "2026-11-24")
    address = query.address("/log", before=7)
    assert address == "/log?person=a%26b&door=%E5%85%A5%E5%8F%A3&result=denied&day=2026-11-24&before=7"


def test_text_that_is_not_a_filter_is_an_error_and_shows_no_row() -> None:
    query = log_query("", "", "'; DROP", "soon")
    assert query.result == ""
    assert query.filter(TOKYO).admits_no_record
    assert set(query.errors) == {"day", "result"}
