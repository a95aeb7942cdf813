from controller.model.events import EventType
from controller.services.acting import Acting
from controller.services.presence import presence
from controller.services.site import Site
from tests.controller.services.floor_side import FloorSide
from tests.sample_site import NOW, SUPERVISOR, later


def test_log_is_read_on_from_where_it_was_left(site: Site) -> None:
    with FloorSide(site) as floor:
        first = floor.taps("佐藤 太郎", "in")
        assert site.presence.now().presence.seq == first
        floor.taps("鈴木 次郎", "in")
        assert site.presence.now().presence.count("floor") == 2


def test_log_that_was_replaced_is_read_again(site: Site) -> None:
    """A restored one, or one whose disk lost its end."""
    with FloorSide(site) as floor:
        floor.taps("佐藤 太郎", "in")
        floor.taps("鈴木 次郎", "in")
        assert site.presence.now().presence.count("floor") == 2
    for part in (site.config.data / "journal").glob("journal.db*"):
        part.unlink()
    with FloorSide(site) as floor:
        for direction in ("in", "out", "in"):
            floor.taps("高橋 三郎", direction)
        state = site.presence.now()
    assert state.presence.count("floor") == 1


def test_action_that_was_copied_counts_once(site: Site) -> None:
    with FloorSide(site) as floor:
        floor.taps("佐藤 太郎", "in")
        presence.empty(Acting(site, SUPERVISOR, NOW), "floor", "closing")
        assert site.presence.now().presence.count("floor") == 0
        floor.copies()
        floor.taps("佐藤 太郎", "in")
        assert site.presence.now().presence.count("floor") == 1


def test_what_one_reader_got_is_its_own(site: Site) -> None:
    with FloorSide(site) as floor:
        floor.taps("佐藤 太郎", "in")
        before = site.presence.now()
        floor.taps("佐藤 太郎", "out")
        assert site.presence.now().presence.count("floor") == 0
        assert before.presence.count("floor") == 1


def test_second_entry_within_a_minute_is_missed_where_the_log_says_that_the_door_opened(site: Site) -> None:
    with FloorSide(site) as floor:
        for name, opens in (("佐藤 太郎", True), ("鈴木 次郎", False)):
            first = floor.taps(name, "in")
            if opens:
                floor.record(
                    EventType.ACCESS_OUTCOME, NOW, door="entrance", result="opened", codes={"of": first}
                )
            floor.taps(name, "in", later(minutes=0.5))
        state = site.presence.now()
    found = state.missed.open(state.presence, NOW.utc)
    assert [one.person for one in found] == [floor.ids["佐藤 太郎"]]
