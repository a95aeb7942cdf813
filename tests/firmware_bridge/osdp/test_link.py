from firmware_bridge.messages import DeviceOffline, DeviceOnline
from firmware_bridge.osdp.link import FORGED, GRACE_MS, SILENT, Link


def tries(link: Link, start: int, end: int, is_there: bool = False) -> list[int]:
    """When it was tried anew, each try failing at once."""
    found = []
    for now in range(start, end):
        if link.is_due(now):
            found.append(now - start)
            link.went_down(SILENT, now, is_there)
    return found


def test_reader_gone_is_tried_at_once_then_at_least_every_two_seconds() -> None:
    link = Link("a", 0)
    link.came_up()
    link.went_down(SILENT, 1000)
    assert tries(link, 1000, 12_000) == [0, 50, 250, 750, 1750, 3750, 5750, 7750, 9750]


def test_reader_that_answers_something_is_tried_more_often() -> None:
    link = Link("a", 0)
    link.went_down(SILENT, 0, True)
    assert tries(link, 0, 1000, True) == [0, 50, 250, 450, 650, 850]


def test_short_gap_is_nobodys_business() -> None:
    link = Link("a", 0)
    link.came_up()
    assert link.news(5, "reader") == DeviceOnline("reader", "a")
    link.told()
    link.went_down(SILENT, 1000)
    assert link.news(1000 + GRACE_MS - 1, "reader") is None
    link.came_up()
    assert link.news(1000 + GRACE_MS, "reader") is None


def test_longer_gap_is_told_once_and_again_when_the_reason_changes() -> None:
    link = Link("a", 0)
    link.went_down(SILENT, 0)
    assert link.news(GRACE_MS, "reader") == DeviceOffline(f"Reader a {SILENT}.", "a")
    link.told()
    assert link.news(GRACE_MS + 500, "reader") is None
    link.went_down("does not know its key; x", 3000)
    assert link.news(3000, "reader") == DeviceOffline("Reader a does not know its key; x.", "a")


def test_what_could_not_be_told_is_told_later() -> None:
    link = Link("a", 0)
    link.came_up()
    assert link.news(1, "reader") is not None and link.news(2, "reader") is not None


def test_five_forgeries_a_minute_are_told_at_once_and_the_reader_rests() -> None:
    link = Link("a", 0)
    for now in (0, 10_000, 20_000, 30_000):
        link.came_up()
        link.told()
        link.forged(now)
        assert link.news(now, "reader") is None
    link.came_up()
    link.told()
    link.forged(40_000)
    assert link.news(40_000, "reader") == DeviceOffline(f"Reader a {FORGED}.", "a")
    assert not link.is_due(41_999) and link.is_due(42_000)


def test_five_forgeries_a_day_are_noise() -> None:
    link = Link("a", 0)
    for hour in range(5):
        link.came_up()
        link.told()
        link.forged(hour * 3_600_000)
    assert link.news(4 * 3_600_000 + 10, "reader") is None
