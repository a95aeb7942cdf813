from controller.model.events import EventType
from controller.services.acting import Acting
from controller.services.doors import now as doors
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW, VIEWER, later


def door_now(site: Site) -> doors.DoorStatus:
    return doors.doors_status(Acting(site, VIEWER, NOW)).doors[0]


def test_nothing_is_claimed_before_the_door_service_ever_ran(site: Site):
    state = doors.doors_status(Acting(site, VIEWER, NOW))
    assert not state.running and not state.fire
    door = state.doors[0]
    assert (door.name, door.label_ja) == ("entrance", "入口")
    assert (door.released, door.opened, door.forced, door.since) == (None, None, False, None)
    assert [(r.name, r.direction.value, r.online) for r in door.readers] == [
        ("entrance-in", "in", None),
        ("entrance-out", "out", None),
    ]


def test_door_that_recorded_nothing_since_its_start_is_secured_and_closed(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED)
        now = door_now(site)
        assert (now.released, now.opened, now.since) == (False, False, None)


def test_state_follows_the_newest_records(site: Site):
    problem = {"problem": "port_busy", "path": "tty:USB0"}
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED)
        door.record(EventType.READER_ONLINE, door="entrance", reader="entrance-in", details={"device": "x"})
        door.record(EventType.READER_OFFLINE, reader="entrance-out", details=problem)
        door.record(EventType.LOCK_RELEASED, door="entrance")
        door.record(EventType.DOOR_OPENED, at=later(seconds=2), door="entrance")
        now = door_now(site)
        assert (now.released, now.opened, now.forced, now.since) == (True, True, False, later(seconds=2).utc)
        assert [(r.online, r.problem, r.problem_fields) for r in now.readers] == [
            (True, None, {}),
            (False, "port_busy", {"path": "tty:USB0"}),
        ]
        door.record(EventType.DOOR_CLOSED, door="entrance")
        door.record(EventType.LOCK_SECURED, door="entrance")
        now = door_now(site)
        assert (now.released, now.opened) == (False, False)
        assert doors.doors_status(Acting(site, VIEWER, NOW)).running
    assert not doors.doors_status(Acting(site, VIEWER, NOW)).running


def test_forced_door_is_forced_until_it_closes(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.DOOR_OPENED, door="entrance")
        door.record(EventType.DOOR_FORCED_OPEN, door="entrance")
        assert door_now(site).forced
        door.record(EventType.DOOR_CLOSED, door="entrance")
        assert not door_now(site).forced
        door.record(EventType.DOOR_OPENED, door="entrance")
        assert not door_now(site).forced


def test_door_held_open_is_so_until_it_closes(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.DOOR_OPENED, door="entrance")
        door.record(EventType.DOOR_HELD_OPEN_WARNING, door="entrance")
        assert not door_now(site).held
        door.record(EventType.DOOR_HELD_OPEN, door="entrance")
        assert door_now(site).held
        door.record(EventType.DOOR_CLOSED, door="entrance")
        door.record(EventType.DOOR_OPENED, door="entrance")
        assert not door_now(site).held


def test_fire_lasts_until_it_ends(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.FIRE_STARTED)
        assert doors.doors_status(Acting(site, VIEWER, NOW)).fire
        door.record(EventType.FIRE_ENDED)
        assert not doors.doors_status(Acting(site, VIEWER, NOW)).fire


def test_reader_of_an_earlier_run_is_not_known(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.READER_ONLINE, reader="entrance-in")
        door.record(EventType.SERVICE_STARTED)
        assert [r.online for r in door_now(site).readers] == [None, None]
