from collections.abc import Iterable
from dataclasses import replace

import pytest

from controller.decision.door_machine import TRANSITIONS, DoorMachine, DoorState, DoorStep
from controller.decision.exit_button import REX_SHUNT_MS, REX_STUCK_MS
from controller.model.actions import (
    DoorAction,
    RecordDoorEvent,
    ReleaseLock,
    SecureLock,
    StartTimer,
    StopTimer,
)
from controller.model.events import EventType
from controller.model.signals import (
    DoorClosed,
    DoorOpened,
    DoorSignal,
    FireEnded,
    FireStarted,
    HoldEnded,
    HoldReleased,
    MoreTimeAllowed,
    ReleaseRequested,
    RexEnded,
    RexPressed,
    TimerExpired,
)
from tests.controller.decision.playbook import ENTRANCE, Playbook

MAGLOCK = replace(ENTRANCE, rex_releases=True)
NO_CONTACT = replace(ENTRANCE, has_contact=False)

RELEASE = ReleaseLock("entrance")
SECURE = SecureLock("entrance")
STOP_TIMER = StopTimer("entrance", "release")
OPENED = DoorOpened("entrance")
CLOSED = DoorClosed("entrance")
PRESSED, LET_GO = RexPressed("entrance"), RexEnded("entrance")
TIME_IS_OVER = TimerExpired("entrance", "release")
BUTTON_TIME, STANDS_OPEN, STEADY = (
    TimerExpired("entrance", timer) for timer in ("rex_held", "held_open", "steady")
)


def granted(seq: int) -> ReleaseRequested:
    return ReleaseRequested("entrance", seq)


def timer(at_ms: int) -> StartTimer:
    return StartTimer("entrance", "release", at_ms)


def hold(number: int) -> HoldReleased:
    return HoldReleased("entrance", number)


def ends(number: int) -> HoldEnded:
    return HoldEnded("entrance", number)


def held_timer(at_ms: int) -> StartTimer:
    return StartTimer("entrance", "held_open", at_ms)


def of(seq: int, type: EventType) -> RecordDoorEvent:
    return RecordDoorEvent("entrance", type, of=seq)


def records(type: EventType) -> RecordDoorEvent:
    return RecordDoorEvent("entrance", type)


def outcome(seq: int, result: str) -> RecordDoorEvent:
    return RecordDoorEvent("entrance", EventType.ACCESS_OUTCOME, result, seq)


LOCK_RELEASED, LOCK_SECURED = records(EventType.LOCK_RELEASED), records(EventType.LOCK_SECURED)
DOOR_OPENED, DOOR_CLOSED = records(EventType.DOOR_OPENED), records(EventType.DOOR_CLOSED)
FORCED, REX = records(EventType.DOOR_FORCED_OPEN), records(EventType.REX_PRESSED)
STUCK = records(EventType.REX_STUCK)


def test_grant_passage_and_the_lock_secures_when_the_door_falls_shut() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .expect(RELEASE, LOCK_RELEASED, timer(5000))
        .left(DoorState.RELEASED)
        .hear(900, OPENED)
        .expect(DOOR_OPENED, outcome(7, "opened"))
        .left(DoorState.OPEN)
        .hear(2100, CLOSED)
        .expect(SECURE, DOOR_CLOSED, LOCK_SECURED, STOP_TIMER)
        .left(DoorState.SECURED)
        .hear(5000, TIME_IS_OVER)
        .nothing()
    )


def test_opening_alone_does_not_secure() -> None:
    """A bolt that comes out while the leaf is still moving hits the frame."""
    Playbook().hear(0, granted(7)).hear(900, OPENED).left(DoorState.OPEN)


def test_grant_nobody_used_secures_when_the_time_is_over() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(5000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED, outcome(7, "not_opened"))
        .left(DoorState.SECURED)
    )


@pytest.mark.parametrize("release_ms", range(1000, 10_001, 500))
def test_grant_without_an_opening_is_recorded_so_within_ten_seconds(release_ms: int) -> None:
    """genkan.toml accepts 1 to 10 s, so no single release lasts longer."""
    playbook = Playbook(replace(ENTRANCE, release_ms=release_ms))
    for number in range(1, 6):
        at_ms = number * 20_000
        playbook.hear(at_ms, granted(number)).expect(RELEASE, LOCK_RELEASED, timer(at_ms + release_ms))
        playbook.hear(at_ms + release_ms, TIME_IS_OVER)
        playbook.expect(SECURE, LOCK_SECURED, outcome(number, "not_opened"))


def test_door_held_open_beyond_the_time_secures_with_the_door_open() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(900, OPENED)
        .hear(5000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED)
        .left(DoorState.OPEN_SECURED)
        .hear(60_000, CLOSED)
        .expect(DOOR_CLOSED)
        .left(DoorState.SECURED)
    )


def test_second_grant_extends() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(3000, granted(8))
        .expect(timer(8000))
        .hear(5000, TIME_IS_OVER)
        .expect(timer(8000))  # overtaken: the door asks for its end again
        .left(DoorState.RELEASED)
        .hear(8000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED, outcome(7, "not_opened"), outcome(8, "not_opened"))
    )


def test_second_grant_never_shortens() -> None:
    """Signals may be handed over a little out of order; the later end holds."""
    Playbook().hear(3000, granted(7)).hear(2900, granted(8)).expect(timer(8000))


def test_each_of_several_grants_gets_its_outcome_at_the_opening() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(400, granted(8))
        .hear(900, OPENED)
        .expect(DOOR_OPENED, outcome(7, "opened"), outcome(8, "opened"))
    )


def test_grant_while_the_door_is_open_is_not_ended_by_that_closing() -> None:
    """The next person taps while the door falls shut behind the last: their release must not be cut short."""
    (
        Playbook()
        .hear(0, granted(7))
        .hear(900, OPENED)
        .hear(2000, granted(8))
        .expect(timer(7000), outcome(8, "opened"))
        .hear(2100, CLOSED)
        .expect(DOOR_CLOSED)
        .left(DoorState.RELEASED)
        .hear(3000, OPENED)
        .expect(DOOR_OPENED)
        .hear(4000, CLOSED)
        .expect(SECURE, DOOR_CLOSED, LOCK_SECURED, STOP_TIMER)
    )


def test_grant_while_the_open_door_is_secured_releases_again() -> None:
    (
        Playbook()
        .started(contact_open=True, fire=False, last_contact_open=True)
        .hear(1000, granted(7))
        .expect(RELEASE, LOCK_RELEASED, timer(6000), outcome(7, "opened"))
        .left(DoorState.OPEN)
    )


def test_order_without_a_grant_releases_and_has_no_outcome() -> None:
    (
        Playbook()
        .hear(0, ReleaseRequested("entrance"))
        .expect(RELEASE, LOCK_RELEASED, timer(5000))
        .hear(5000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED)
    )


def test_door_without_a_contact_does_not_pretend_to_know_the_outcome() -> None:
    (
        Playbook(NO_CONTACT)
        .hear(0, granted(7))
        .hear(5000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED, outcome(7, "outcome_unknown"))
    )


def test_timer_that_rings_early_is_asked_for_again() -> None:
    """Otherwise a release would have no end."""
    Playbook().hear(0, granted(7)).hear(4999, TIME_IS_OVER).expect(timer(5000)).left(DoorState.RELEASED)


def test_timer_that_rings_late_still_secures() -> None:
    Playbook().hear(0, granted(7)).hear(99_000, TIME_IS_OVER).left(DoorState.SECURED)


def test_timer_of_another_name_changes_nothing() -> None:
    playbook = Playbook().hear(0, granted(7)).hear(6000, TimerExpired("entrance", "held_open"))
    playbook.nothing().left(DoorState.RELEASED)


def test_door_opened_while_secured_is_forced_open() -> None:
    """Nobody was granted and nobody pressed exit, so this is an immediate alarm."""
    Playbook().hear(0, OPENED).expect(DOOR_OPENED, FORCED).left(DoorState.OPEN_SECURED)


def test_door_forced_right_after_a_passage_is_forced_open() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(100, OPENED)
        .hear(200, CLOSED)
        .hear(300, OPENED)
        .expect(DOOR_OPENED, FORCED)
    )


@pytest.mark.parametrize(
    ("opened_ms", "expected"),
    [(REX_SHUNT_MS - 1, (DOOR_OPENED,)), (REX_SHUNT_MS, (DOOR_OPENED, FORCED))],
)
def test_request_to_exit_shunts_the_alarm_for_ten_seconds(
    opened_ms: int, expected: tuple[DoorAction, ...]
) -> None:
    playbook = Playbook().hear(0, PRESSED).expect(REX).hear(0, LET_GO).nothing()
    playbook.hear(opened_ms, OPENED).expect(*expected)


def test_request_to_exit_held_long_shunts_for_ten_seconds_after_its_end() -> None:
    (Playbook().hear(0, PRESSED).hear(8000, LET_GO).nothing().hear(17_999, OPENED).expect(DOOR_OPENED))


def test_request_to_exit_that_only_shunts_never_releases() -> None:
    """A fail-secure door has a handle inside; 1,000 presses, no pulse."""
    playbook = Playbook()
    for press in range(1000):
        playbook.hear(press * 20_000, PRESSED).expect(REX).left(DoorState.SECURED)
        playbook.hear(press * 20_000 + 500, LET_GO).nothing()


UNUSED = TimerExpired("entrance", "rex_unused")
WATCHED = replace(ENTRANCE, rex_without_opening=5)
IN_VAIN = records(EventType.REX_WITHOUT_OPENING)


def pressed_in_vain(playbook: Playbook, at_ms: int) -> Playbook:
    """A press that no opening follows, until its time is over."""
    return playbook.hear(at_ms, PRESSED).hear(at_ms, LET_GO).hear(at_ms + REX_SHUNT_MS, UNUSED)


def test_sixth_request_to_exit_in_an_hour_that_no_opening_follows_is_reported() -> None:
    """A wire through the gap makes the detector believe that somebody leaves."""
    playbook = Playbook(WATCHED)
    for at_ms in range(0, 5 * 60_000, 60_000):
        pressed_in_vain(playbook, at_ms).nothing()
    pressed_in_vain(playbook, 300_000).expect(IN_VAIN).left(DoorState.SECURED)
    for at_ms in range(400_000, 400_000 + 5 * 60_000, 60_000):
        pressed_in_vain(playbook, at_ms).nothing()
    pressed_in_vain(playbook, 800_000).expect(IN_VAIN)


def test_requests_to_exit_that_an_opening_follows_or_that_lie_an_hour_apart_are_not_reported() -> None:
    playbook = Playbook(WATCHED)
    for at_ms in range(0, 100 * 60_000, 60_000):
        playbook.hear(at_ms, PRESSED).hear(at_ms + 300, LET_GO).hear(at_ms + 9000, OPENED)
        playbook.hear(at_ms + 12_000, CLOSED).hear(at_ms + 12_001, UNUSED).nothing()
    apart = Playbook(WATCHED)
    for at_ms in range(0, 100 * 720_001, 720_001):
        pressed_in_vain(apart, at_ms).nothing()


def recorded_presses(presses_ms: Iterable[int], opened_ms: Iterable[int] = ()) -> list[int]:
    """When the alarm comes, with a timer that rings on time."""
    machine, found = DoorMachine(WATCHED), list[int]()
    rings: int | None = None
    signals: list[tuple[int, DoorSignal]] = []
    for at_ms in presses_ms:
        signals += (at_ms, PRESSED), (at_ms, LET_GO)
    for at_ms in opened_ms:
        signals += (at_ms, OPENED), (at_ms + 2, CLOSED)
    signals.sort(key=lambda one: one[0])
    while signals or rings is not None:
        if rings is not None and (not signals or rings <= signals[0][0]):
            at_ms, signal, rings = rings, UNUSED, None
        else:
            at_ms, signal = signals.pop(0)
        for action in machine.handle(signal, at_ms):
            match action:
                case StartTimer(timer="rex_unused", at_ms=at):
                    rings = at
                case StopTimer(timer="rex_unused"):
                    rings = None
                case RecordDoorEvent(type=EventType.REX_WITHOUT_OPENING):
                    found.append(at_ms)
    return found


def test_presses_within_ten_seconds_are_one_request_to_exit() -> None:
    """Decided on: more than five requests in an hour; presses within ten seconds are one request."""
    second = 1000
    assert recorded_presses(range(0, 50 * second, second)) == []  # five requests of ten presses
    assert recorded_presses(range(0, 51 * second, second)) == [60 * second]  # a sixth
    assert recorded_presses(at * 9 * second for at in range(10)) == []  # 0 and 9, 18 and 27, …
    assert recorded_presses(at * 9 * second for at in range(11)) == [100 * second]
    assert recorded_presses(at * 10 * second for at in range(6)) == [60 * second]  # each its own


def test_request_to_exit_counts_at_its_first_press() -> None:
    hour = 3_600_000
    early = [0, 60_000, 120_000, 180_000, 240_000]
    assert recorded_presses([*early, hour - 1]) == [hour - 1 + REX_SHUNT_MS]
    assert recorded_presses([*early, hour]) == []
    assert recorded_presses([*early, hour - 5000, hour + 4000]) == [hour + 4000 + REX_SHUNT_MS]


def test_opening_follows_each_request_to_exit_of_the_ten_seconds_before_it() -> None:
    """Two people press, six seconds apart in different requests, and go out together; six times."""
    presses = [at for begun in range(0, 600_000, 60_000) for at in (begun, begun + 9000, begun + 15_000)]
    assert recorded_presses(presses, [begun + 17_000 for begun in range(0, 600_000, 60_000)]) == []
    late = [begun + 19_001 for begun in range(0, 600_000, 60_000)]
    assert recorded_presses(presses, late) == [5 * 60_000 + 19_000]


def test_button_held_for_some_seconds_is_one_request_to_exit() -> None:
    playbook = Playbook(WATCHED)
    for at_ms in range(0, 6 * 60_000, 60_000):
        playbook.hear(at_ms, PRESSED).hear(at_ms + REX_SHUNT_MS, UNUSED)
        playbook.watching(StartTimer("entrance", "rex_unused", at_ms + 2 * REX_SHUNT_MS))
        playbook.hear(at_ms + 15_000, PRESSED).hear(at_ms + 18_000, LET_GO)
        playbook.hear(at_ms + 20_000, UNUSED)
        playbook.watching(StartTimer("entrance", "rex_unused", at_ms + 28_000))
        playbook.hear(at_ms + 28_000, UNUSED)
    playbook.expect(IN_VAIN)


def test_request_to_exit_at_an_open_or_unwatched_door_is_not_counted() -> None:
    """Where there is no contact nobody can tell; a stuck button has an alarm of its own."""
    playbook = Playbook(WATCHED).hear(0, ReleaseRequested("entrance")).hear(1, OPENED)
    for at_ms in range(20_000, 20_000 + 10 * 60_000, 60_000):
        playbook.hear(at_ms, PRESSED).watching(StartTimer("entrance", "rex_held", at_ms + REX_STUCK_MS))
        playbook.hear(at_ms + 1, LET_GO)
    unwatched = Playbook(replace(NO_CONTACT, rex_without_opening=5))
    for at_ms in range(0, 10 * 60_000, 60_000):
        pressed_in_vain(unwatched, at_ms).nothing()


def test_request_to_exit_that_releases_does_so_like_a_request() -> None:
    (
        Playbook(MAGLOCK)
        .hear(0, PRESSED)
        .expect(RELEASE, REX, LOCK_RELEASED, timer(5000))
        .hear(200, LET_GO)
        .expect(timer(5200))
        .hear(2000, OPENED)
        .expect(DOOR_OPENED)
        .hear(2500, CLOSED)
        .expect(SECURE, DOOR_CLOSED, LOCK_SECURED, STOP_TIMER)
    )


def test_request_to_exit_keeps_the_release_while_held_and_its_time_longer() -> None:
    (
        Playbook(MAGLOCK)
        .hear(0, PRESSED)
        .hear(5000, TIME_IS_OVER)
        .nothing()
        .left(DoorState.RELEASED)
        .hear(8000, LET_GO)
        .expect(timer(13_000))
        .hear(13_000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED)
    )


def test_passage_while_request_to_exit_is_held_secures_when_it_is_let_go() -> None:
    """A motion detector over the door sees people go through, and for a while after."""
    (
        Playbook(MAGLOCK)
        .hear(0, PRESSED)
        .hear(1000, OPENED)
        .hear(3000, CLOSED)
        .expect(DOOR_CLOSED)
        .left(DoorState.RELEASED)
        .hear(4000, LET_GO)
        .expect(SECURE, LOCK_SECURED, STOP_TIMER)
    )


def test_request_to_exit_held_thirty_seconds_is_stuck_and_explains_no_opening() -> None:
    """A jammed exit button does not hide a forced door."""
    (
        Playbook()
        .hear(0, PRESSED)
        .watching(StartTimer("entrance", "rex_held", REX_STUCK_MS))
        .hear(29_000, OPENED)
        .expect(DOOR_OPENED)
        .hear(29_500, CLOSED)
        .hear(29_999, BUTTON_TIME)
        .watching(StartTimer("entrance", "rex_held", REX_STUCK_MS))
        .hear(REX_STUCK_MS, BUTTON_TIME)
        .expect(STUCK)
        .hear(REX_STUCK_MS + 1, OPENED)
        .expect(DOOR_OPENED, FORCED)
        .hear(40_000, CLOSED)
        .hear(50_000, LET_GO)
        .expect(records(EventType.REX_STUCK_ENDED))
        .hear(50_001, OPENED)
        .expect(DOOR_OPENED, FORCED)
    )


def test_stuck_request_to_exit_is_reported_once_and_works_again_when_let_go() -> None:
    (
        Playbook()
        .hear(0, PRESSED)
        .hear(REX_STUCK_MS, BUTTON_TIME)
        .expect(STUCK)
        .hear(REX_STUCK_MS + 1, BUTTON_TIME)
        .nothing()
        .hear(40_000, LET_GO)
        .watching(StopTimer("entrance", "rex_held"))
        .hear(41_000, PRESSED)
        .expect(REX)
        .hear(42_000, OPENED)
        .expect(DOOR_OPENED)
    )


def test_stuck_request_to_exit_keeps_the_release_where_the_lock_needs_it() -> None:
    """Behind a button that is stuck nobody could ask again: the alarm calls somebody, the way out stays."""
    (
        Playbook(MAGLOCK)
        .hear(0, PRESSED)
        .hear(5000, TIME_IS_OVER)
        .hear(REX_STUCK_MS, BUTTON_TIME)
        .expect(STUCK)
        .left(DoorState.RELEASED)
        .hear(90_000, OPENED)
        .hear(91_000, CLOSED)
        .expect(DOOR_CLOSED)
        .left(DoorState.RELEASED)
        .hear(95_000, LET_GO)
        .expect(SECURE, records(EventType.REX_STUCK_ENDED), LOCK_SECURED, STOP_TIMER)
    )


def test_fire_that_ends_while_request_to_exit_is_held_leaves_the_release() -> None:
    playbook = Playbook(MAGLOCK).hear(0, FireStarted()).hear(100, PRESSED).hear(5100, TIME_IS_OVER)
    playbook.hear(6000, FireEnded()).nothing().left(DoorState.RELEASED)


def test_door_left_open_is_warned_of_and_then_held_open_naming_the_grant() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(900, OPENED)
        .watching(held_timer(20_900))
        .hear(20_899, STANDS_OPEN)
        .watching(held_timer(20_900))
        .hear(20_900, STANDS_OPEN)
        .expect(of(7, EventType.DOOR_HELD_OPEN_WARNING))
        .watching(held_timer(30_900))
        .hear(30_900, STANDS_OPEN)
        .expect(of(7, EventType.DOOR_HELD_OPEN))
        .hear(99_000, STANDS_OPEN)
        .nothing()
    )


def test_door_closed_in_time_is_not_held_open() -> None:
    playbook = Playbook().hear(0, granted(7)).hear(900, OPENED).hear(20_000, CLOSED)
    playbook.watching(StopTimer("entrance", "held_open")).hear(20_900, STANDS_OPEN).nothing()


MORE = MoreTimeAllowed("entrance")


def test_who_needs_more_time_may_leave_the_door_open_longer_this_once() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(0, MORE)
        .nothing()
        .hear(900, OPENED)
        .watching(held_timer(50_900))
        .hear(50_900, STANDS_OPEN)
        .expect(of(7, EventType.DOOR_HELD_OPEN_WARNING))
        .watching(held_timer(60_900))
        .hear(60_900, STANDS_OPEN)
        .expect(of(7, EventType.DOOR_HELD_OPEN))
        .hear(61_000, CLOSED)
        .hear(70_000, granted(8))
        .hear(71_000, OPENED)
        .watching(held_timer(91_000))
    )


def test_more_time_for_who_comes_through_the_open_door_counts_from_then_on() -> None:
    playbook = Playbook().hear(0, granted(7)).hear(900, OPENED).hear(5000, granted(8)).hear(5001, MORE)
    playbook.hear(25_000, STANDS_OPEN).nothing().watching(held_timer(55_000))
    playbook.hear(65_000, STANDS_OPEN)
    playbook.expect(of(8, EventType.DOOR_HELD_OPEN_WARNING), of(8, EventType.DOOR_HELD_OPEN))


def test_more_time_that_nobody_used_is_gone_with_the_release() -> None:
    playbook = Playbook().hear(0, granted(7)).hear(0, MORE).hear(5000, TIME_IS_OVER)
    playbook.hear(9000, granted(8)).hear(9900, OPENED).watching(held_timer(29_900))
    Playbook().hear(0, MORE).hear(900, OPENED).watching(held_timer(20_900))


def test_more_time_outlives_a_door_that_falls_shut_behind_somebody_else() -> None:
    playbook = Playbook().hear(0, granted(7)).hear(900, OPENED).hear(1000, granted(8)).hear(1000, MORE)
    playbook.hear(1500, CLOSED).hear(2500, OPENED).watching(held_timer(52_500))


DOES_NOT_OPEN = records(EventType.DOOR_DOES_NOT_OPEN)


def test_ten_releases_in_a_row_that_nobody_goes_through_are_reported_once_until_the_door_opens() -> None:
    playbook = Playbook()
    for number in range(1, 31):
        at_ms = number * 10_000
        expected = [outcome(number, "not_opened"), *([DOES_NOT_OPEN] if number in (10, 30) else [])]
        playbook.hear(at_ms, granted(number)).hear(at_ms + 5000, TIME_IS_OVER)
        playbook.expect(SECURE, LOCK_SECURED, *expected)
        if number == 20:
            playbook.hear(at_ms + 6000, PRESSED).hear(at_ms + 6100, OPENED).hear(at_ms + 6200, CLOSED)


def test_release_without_a_grant_or_a_contact_tells_nothing_of_the_door() -> None:
    for settings, seq in ((ENTRANCE, None), (NO_CONTACT, 7)):
        playbook = Playbook(settings)
        for number in range(20):
            playbook.hear(number * 10_000, ReleaseRequested("entrance", seq))
            playbook.hear(number * 10_000 + 5000, TIME_IS_OVER)
            assert DOES_NOT_OPEN not in playbook._answer


def test_forced_door_left_open_is_held_open_as_well_and_by_nobody() -> None:
    playbook = Playbook().hear(0, OPENED).hear(30_000, STANDS_OPEN)
    playbook.expect(records(EventType.DOOR_HELD_OPEN_WARNING), records(EventType.DOOR_HELD_OPEN))


def test_next_person_through_the_open_door_begins_its_time_again() -> None:
    """A queue of people who tap one by one does not count as a door held open."""
    (
        Playbook()
        .hear(0, granted(7))
        .hear(900, OPENED)
        .hear(19_000, granted(8))
        .watching(held_timer(39_000))
        .hear(49_000, STANDS_OPEN)
        .expect(of(8, EventType.DOOR_HELD_OPEN_WARNING), of(8, EventType.DOOR_HELD_OPEN))
        .hear(50_000, granted(9))
        .watching()
    )


def test_request_to_exit_at_an_open_door_begins_no_time_again() -> None:
    """A motion detector would keep a propped door quiet for ever."""
    Playbook(MAGLOCK).hear(0, PRESSED).hear(900, OPENED).hear(19_000, PRESSED).watching()


def test_fire_suspends_the_time_a_door_may_be_open() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(900, OPENED)
        .hear(10_000, FireStarted())
        .watching(StopTimer("entrance", "held_open"))
        .hear(60_000, CLOSED)
        .hear(61_000, OPENED)
        .watching()
        .hear(90_000, FireEnded())
        .watching(held_timer(110_000))
    )


def test_door_found_open_at_the_start_is_watched_from_then_on() -> None:
    Playbook().started(contact_open=True, fire=False).watching(held_timer(20_000))
    Playbook().started(contact_open=True, fire=True).watching()


def flapped(until_ms: int = 1400) -> Playbook:
    """Eight changes in 1.4 s; the first one is a break-in like any other."""
    playbook = Playbook()
    for change in range(8):
        playbook.hear(until_ms - 1400 + change * 200, CLOSED if change % 2 else OPENED)
    return playbook


def test_contact_that_flaps_is_reported_once_and_not_believed_until_it_is_steady() -> None:
    playbook = flapped().expect(DOOR_CLOSED, records(EventType.DOOR_CONTACT_FLAPPING))
    (
        playbook.watching(StopTimer("entrance", "held_open"), StartTimer("entrance", "steady", 11_400))
        .hear(1600, OPENED)
        .nothing()
        .watching(StartTimer("entrance", "steady", 11_600))
        .left(DoorState.SECURED)
        .hear(11_400, STEADY)
        .watching(StartTimer("entrance", "steady", 11_600))
        .hear(11_600, STEADY)
        .expect(records(EventType.DOOR_CONTACT_STEADY), DOOR_OPENED, FORCED)
        .watching(held_timer(31_600))
    )


def test_contact_that_comes_to_rest_as_it_was_believed_changes_nothing() -> None:
    playbook = flapped().hear(1500, OPENED).hear(1600, CLOSED).hear(11_600, STEADY)
    playbook.expect(records(EventType.DOOR_CONTACT_STEADY)).left(DoorState.SECURED)


def test_grant_while_the_contact_flaps_releases_and_its_outcome_is_not_known() -> None:
    (
        flapped()
        .hear(2000, granted(7))
        .expect(RELEASE, LOCK_RELEASED, timer(7000))
        .hear(2500, OPENED)
        .nothing()
        .hear(7000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED, outcome(7, "outcome_unknown"))
    )


def test_door_used_as_fast_as_people_can_does_not_flap() -> None:
    playbook = Playbook().hear(0, ReleaseRequested("entrance"))
    for change in range(20):
        playbook.hear(change * 300, CLOSED if change % 2 else OPENED)
    playbook.hear(6000, OPENED).expect(DOOR_OPENED, FORCED)


def test_fire_releases_immediately_and_no_timer_or_passage_secures_while_it_lasts() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(100, FireStarted())
        .nothing()
        .hear(5000, TIME_IS_OVER)
        .expect(outcome(7, "not_opened"))
        .hear(6000, granted(8))
        .expect(timer(11_000))
        .hear(7000, OPENED)
        .expect(DOOR_OPENED, outcome(8, "opened"))
        .hear(8000, CLOSED)
        .expect(DOOR_CLOSED, STOP_TIMER)
        .left(DoorState.RELEASED)
        .hear(9000, FireEnded())
        .expect(SECURE, LOCK_SECURED)
        .left(DoorState.SECURED)
    )


def test_fire_on_a_secured_door_releases_and_records_the_lock_only() -> None:
    """A fire is one record of the site, not one for each door."""
    Playbook().hear(0, FireStarted()).expect(RELEASE, LOCK_RELEASED).hear(10, FireStarted()).nothing()


def test_door_opened_in_a_fire_is_not_forced() -> None:
    Playbook().hear(0, FireStarted()).hear(1000, OPENED).expect(DOOR_OPENED)


def test_fire_that_ends_while_a_release_runs_leaves_it_its_time() -> None:
    (
        Playbook()
        .hear(0, FireStarted())
        .hear(1000, granted(7))
        .hear(2000, FireEnded())
        .nothing()
        .left(DoorState.RELEASED)
        .hear(6000, TIME_IS_OVER)
        .expect(SECURE, LOCK_SECURED, outcome(7, "not_opened"))
    )


def test_fire_that_ends_with_the_door_open_secures_the_lock() -> None:
    (
        Playbook()
        .hear(0, FireStarted())
        .hear(1000, OPENED)
        .hear(2000, FireEnded())
        .expect(SECURE, LOCK_SECURED)
        .left(DoorState.OPEN_SECURED)
    )


def test_hold_keeps_the_lock_released_anyone_who_passes_until_it_ends() -> None:
    """The only release without an end of its own, and it has a record of its own."""
    (
        Playbook()
        .hear(0, hold(1))
        .expect(RELEASE, LOCK_RELEASED)
        .hear(1000, OPENED)
        .expect(DOOR_OPENED)
        .watching()
        .hear(2000, CLOSED)
        .expect(DOOR_CLOSED)
        .hear(3000, granted(7))
        .expect(timer(8000))
        .hear(4000, OPENED)
        .expect(DOOR_OPENED, outcome(7, "opened"))
        .hear(5000, CLOSED)
        .expect(DOOR_CLOSED, STOP_TIMER)
        .left(DoorState.RELEASED)
        .hear(9_000_000, ends(1))
        .expect(SECURE, LOCK_SECURED)
        .left(DoorState.SECURED)
        .hear(9_000_001, OPENED)
        .expect(DOOR_OPENED, FORCED)
    )


def test_hold_that_ends_with_the_door_open_secures_and_the_open_door_is_watched_from_then_on() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .hear(900, OPENED)
        .watching(held_timer(20_900))
        .hear(1000, hold(1))
        .watching(StopTimer("entrance", "held_open"))
        .hear(5000, TIME_IS_OVER)
        .nothing()
        .hear(60_000, ends(1))
        .expect(SECURE, LOCK_SECURED)
        .watching(held_timer(80_000))
        .left(DoorState.OPEN_SECURED)
        .hear(90_000, STANDS_OPEN)
        .expect(records(EventType.DOOR_HELD_OPEN_WARNING), records(EventType.DOOR_HELD_OPEN))
    )


def test_hold_that_ends_while_a_release_runs_leaves_it_its_time() -> None:
    playbook = Playbook().hear(0, hold(1)).hear(1000, granted(7)).hear(2000, ends(1)).nothing()
    playbook.left(DoorState.RELEASED).hear(6000, TIME_IS_OVER)
    playbook.expect(SECURE, LOCK_SECURED, outcome(7, "not_opened"))


def test_end_that_overtakes_its_hold_keeps_the_lock_secured() -> None:
    """The decision to end it comes from another thread than the word that it is on the disk."""
    playbook = Playbook().hear(0, ends(1)).nothing().hear(1, hold(1)).nothing().left(DoorState.SECURED)
    playbook.hear(2, hold(2)).expect(RELEASE, LOCK_RELEASED).hear(3, ends(1)).nothing()
    playbook.hear(4, ends(2)).expect(SECURE, LOCK_SECURED)


def test_fire_in_a_hold_and_a_hold_in_a_fire_each_keep_the_release() -> None:
    playbook = Playbook().hear(0, hold(1)).hear(1, FireStarted()).nothing().hear(2, ends(1)).nothing()
    playbook.left(DoorState.RELEASED).hear(3, FireEnded()).expect(SECURE, LOCK_SECURED)
    playbook.hear(4, FireStarted()).hear(5, hold(2)).nothing().hear(6, FireEnded()).nothing()
    playbook.left(DoorState.RELEASED).hear(7, ends(2)).expect(SECURE, LOCK_SECURED)


def test_request_to_exit_in_a_hold_is_recorded_and_does_not_end_it() -> None:
    playbook = Playbook(MAGLOCK).hear(0, hold(1)).hear(1000, PRESSED).expect(REX, timer(6000))
    playbook.hear(1100, OPENED).hear(1200, LET_GO).hear(1300, CLOSED).left(DoorState.RELEASED)
    playbook.hear(20_000, ends(1)).expect(SECURE, LOCK_SECURED)


def test_stop_in_a_hold_secures() -> None:
    """The next start releases again once it has recorded that the door is unlocked."""
    Playbook().hear(0, hold(1)).stopped().expect(SECURE, LOCK_SECURED, STOP_TIMER).left(DoorState.SECURED)


def test_contact_that_repeats_itself_changes_nothing() -> None:
    playbook = Playbook().hear(0, granted(7)).hear(900, OPENED).hear(950, granted(8))
    playbook.hear(1000, OPENED).nothing().hear(1100, CLOSED).expect(DOOR_CLOSED)
    playbook.hear(1200, CLOSED).nothing().left(DoorState.RELEASED)


@pytest.mark.parametrize(
    ("contact_open", "fire", "last", "expected", "state"),
    [
        (False, False, {}, (), DoorState.SECURED),
        (True, False, {}, (DOOR_OPENED,), DoorState.OPEN_SECURED),
        (True, False, {"last_contact_open": True}, (), DoorState.OPEN_SECURED),
        (False, False, {"last_contact_open": True}, (DOOR_CLOSED,), DoorState.SECURED),
        (False, False, {"last_released": True}, (LOCK_SECURED,), DoorState.SECURED),
        (False, True, {}, (RELEASE, LOCK_RELEASED), DoorState.RELEASED),
        (False, True, {"last_released": True}, (RELEASE,), DoorState.RELEASED),
        (True, True, {}, (RELEASE, LOCK_RELEASED, DOOR_OPENED), DoorState.OPEN),
    ],
)
def test_start_takes_the_door_as_it_is_and_records_what_changed_meanwhile(
    contact_open: bool,
    fire: bool,
    last: dict[str, bool],
    expected: tuple[DoorAction, ...],
    state: DoorState,
) -> None:
    Playbook().started(contact_open, fire, **last).expect(*expected).left(state)


def test_start_in_a_fire_secures_when_it_ends() -> None:
    playbook = Playbook().started(contact_open=False, fire=True)
    playbook.hear(1000, FireEnded()).expect(SECURE, LOCK_SECURED)


def test_start_without_a_contact_records_nothing_of_it() -> None:
    Playbook(NO_CONTACT).started(contact_open=False, fire=False, last_contact_open=True).nothing()


def test_stop_in_a_release_secures_and_closes_the_open_grant() -> None:
    (
        Playbook()
        .hear(0, granted(7))
        .stopped()
        .expect(SECURE, LOCK_SECURED, STOP_TIMER, outcome(7, "outcome_unknown"))
        .left(DoorState.SECURED)
    )


def test_stop_in_a_fire_keeps_the_release() -> None:
    Playbook().hear(0, FireStarted()).stopped().expect(STOP_TIMER).left(DoorState.RELEASED)


def test_table_lock_moves_exactly_where_its_state_does() -> None:
    """A new row of the table cannot release without recording, or record without releasing."""
    released = {DoorState.RELEASED, DoorState.OPEN}
    for (before, _), (after, kinds) in TRANSITIONS.items():
        moves = (after in released) - (before in released)
        assert (ReleaseLock in kinds) is (EventType.LOCK_RELEASED in kinds) is (moves == 1)
        assert (SecureLock in kinds) is (EventType.LOCK_SECURED in kinds) is (moves == -1)


def test_table_every_state_can_release_and_secure_and_follow_its_leaf() -> None:
    reached = {(before, step) for before, step in TRANSITIONS}
    assert reached == {
        (DoorState.SECURED, DoorStep.RELEASE),
        (DoorState.SECURED, DoorStep.OPEN),
        (DoorState.SECURED, DoorStep.FORCE),
        (DoorState.RELEASED, DoorStep.SECURE),
        (DoorState.RELEASED, DoorStep.OPEN),
        (DoorState.OPEN, DoorStep.SECURE),
        (DoorState.OPEN, DoorStep.CLOSE),
        (DoorState.OPEN_SECURED, DoorStep.RELEASE),
        (DoorState.OPEN_SECURED, DoorStep.CLOSE),
    }
