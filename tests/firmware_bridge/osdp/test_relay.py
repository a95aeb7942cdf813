"""The relay in a reader that a lock hangs on."""

import time
from collections.abc import Callable

import osdp_sys

from firmware_bridge.messages import ConditionChanged
from firmware_bridge.osdp import frames
from firmware_bridge.osdp.relay import HOLD_TENTHS, RENEW_MS, Relay
from tests.firmware_bridge.osdp.rig import NAME, Rig


def test_relay_no_lock_hangs_on_never_gets_a_message() -> None:
    relay = Relay()
    relay.came_up()
    assert relay.command(10**9) is None


def test_release_is_a_loan_that_is_renewed_before_it_ends() -> None:
    relay = Relay()
    relay.set(True)
    command = relay.command(1000)
    assert command is not None and (command["control_code"], command["timer_count"]) == (5, HOLD_TENTHS)
    assert relay.command(1000 + RENEW_MS - 1) is None
    assert relay.command(1000 + RENEW_MS) == command
    assert RENEW_MS * 2 < HOLD_TENTHS * 100, "one renewal may get lost"


def test_secured_is_reported_once_and_again_in_each_session() -> None:
    relay = Relay()
    relay.set(True)
    relay.command(0)
    relay.set(False)
    command = relay.command(1)
    assert command is not None and command["control_code"] == 1
    assert relay.command(10**9) is None
    relay.came_up()
    assert relay.command(10**9) == command


def test_relay_pulls_while_released_and_lets_go_when_secured(rig: Rig) -> None:
    rig.watch.switch(NAME, False, rig.now())
    assert not rig.reader.relay
    rig.watch.switch(NAME, True, rig.now())
    rig.until(lambda: rig.reader.relay)
    stopped = time.monotonic()
    rig.reader._monotonic = lambda: stopped  # so the loan of the release never ends by itself
    rig.watch.switch(NAME, False, rig.now())
    rig.until(lambda: not rig.reader.relay)
    assert rig.of(ConditionChanged) == [m for m in rig.of(ConditionChanged) if "output" not in str(m)]


def test_relay_held_for_longer_is_renewed(rig: Rig) -> None:
    rig.watch.switch(NAME, True, rig.now())
    rig.until(lambda: rig.reader.relay)
    for _ in range(3):
        before = len(rig.reader.indications)
        rig.skip(RENEW_MS)
        rig.until(lambda count=before: len(rig.reader.indications) > count)
    assert rig.reader.relay


def test_relay_nobody_renews_releases_itself(rig: Rig) -> None:
    """The bridge has died, or the line was cut."""
    rig.watch.switch(NAME, True, rig.now())
    rig.until(lambda: rig.reader.relay)
    rig.reader._monotonic = lambda: time.monotonic() + HOLD_TENTHS / 10
    assert not rig.reader.relay


def test_lock_wanted_released_while_the_reader_was_away_is_reported_when_it_is_back(rig: Rig) -> None:
    panel = rig.watch._panel
    assert panel is not None
    rig.watch._restart(panel, 0)
    rig.link.went_down("test", rig.now())
    assert rig.watch.switch(NAME, True, rig.now()) == [] and not rig.reader.relay
    rig.until(lambda: rig.reader.relay)


def test_reader_without_a_relay_is_reported_and_reads_on(make_rig: Callable[..., Rig]) -> None:
    lamp = osdp_sys.CAP_READER_LED_CONTROL
    rig = make_rig(capabilities=[lamp])
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    assert rig.watch.switch(NAME, True, rig.now()) == [ConditionChanged("output", True, NAME)]
    assert rig.watch.switch(NAME, False, rig.now()) == []
    assert rig.link.is_up


def test_reader_that_refuses_its_relay_is_reported_once(rig: Rig) -> None:
    rig.watch.readers[0].unwanted.add(frames.OUTPUT)  # as its NAK would have
    assert rig.watch.switch(NAME, True, rig.now()) == [ConditionChanged("output", True, NAME)]
    assert rig.watch.switch(NAME, True, rig.now()) == []
