"""At the door: virtual card, nfcpy, bridge, decision, journal, pin, log."""

import json
import subprocess
import sys

import pytest

from tests.scenarios.demo import RELEASE_MS, SAMPLE, STRANGER, Demo, genkan, since_boot
from tests.waiting import until

pytestmark = pytest.mark.pythons


def test_sample_badge_is_granted_on_record_before_the_pin_moves_and_secured_after_release_time(house: Demo):
    """By the command the demo printed, as a newcomer would."""
    before = house.newest
    printed = next(line for line in house.printed.splitlines() if "genkan tap" in line)
    tapped = genkan(*printed.split("genkan ")[1].split())
    assert (tapped.returncode, tapped.stdout, tapped.stderr) == (0, "granted\n", "")
    secured = house.wait_for("lock_secured", after=before)[0]
    lines = house.log(after=before)
    at_the_door = [line["type"] for line in lines if line["door"] == "entrance"]
    assert at_the_door[:3] == ["access_granted", "lock_released", "lock_secured"]
    granted, released = lines[0], house.log("lock_released", after=before)[0]
    assert (granted["badge"], granted["person"], granted["access_point"]) == (
        SAMPLE[-4:],
        "Hanako Sato",
        "entrance-in",
    )
    assert (granted["door"], granted["result"], granted["reason"]) == ("entrance", "granted", None)
    up = [change for change in house.trace() if change["level"] == 1][-1]
    down = house.trace()[-1]
    assert granted["mono_ms"] <= since_boot(up["mono_ms"]) + 1
    assert (up["state"], down["state"], down["level"]) == ("released", "secured", 0)
    assert since_boot(down["mono_ms"]) >= granted["mono_ms"] + RELEASE_MS - 1
    assert released["mono_ms"] < secured["mono_ms"]
    outcome = house.wait_for("access_outcome", after=before)[0]
    assert (outcome["of"], outcome["result"]) == (granted["seq"], "not_opened")


def test_door_opened_and_closed_is_secured_at_once_and_the_grant_says_opened(house: Demo):
    before = house.newest
    assert house.tap() == "granted"
    until(lambda: house.level == 1)
    house.sim("open")
    house.wait_for("door_opened", after=before)
    assert house.level == 1
    house.sim("close")
    secured = house.wait_for("lock_secured", after=before)[0]
    closed = house.wait_for("door_closed", after=before)[0]
    assert secured["seq"] - closed["seq"] in (1, -1)
    assert secured["mono_ms"] - house.log("lock_released", after=before)[0]["mono_ms"] < RELEASE_MS
    granted = house.log("access_granted", after=before)[0]
    outcome = house.wait_for("access_outcome", after=before)[0]
    assert (outcome["of"], outcome["result"]) == (granted["seq"], "opened")
    assert not house.log("door_forced_open", after=before)


def test_second_tap_extends_the_release_and_moves_no_pin(house: Demo):
    before, changes = house.newest, len(house.trace())
    assert house.tap() == "granted"
    assert house.tap() == "granted"
    house.wait_for("access_outcome", after=before, count=2)
    first, second = house.log("access_granted", after=before)
    released, secured = house.trace()[changes:]
    assert (released["state"], secured["state"]) == ("released", "secured")
    assert since_boot(secured["mono_ms"]) >= second["mono_ms"] + RELEASE_MS - 1
    assert second["mono_ms"] > first["mono_ms"]
    assert len(house.log("lock_released", after=before)) == 1


def test_unknown_card_is_refused_and_kept_as_four_digits_only(house: Demo):
    before, changes = house.newest, len(house.trace())
    assert house.tap(STRANGER) == "denied: credential_unknown"
    refused = house.log("access_denied", after=before)[0]
    assert (refused["badge"], refused["person"], refused["credential"]) == (STRANGER[-4:], None, None)
    assert (refused["result"], refused["reason"]) == ("denied", "credential_unknown")
    assert STRANGER not in json.dumps(house.log(after=before)).upper()
    assert len(house.trace()) == changes
    assert STRANGER[-4:] not in house.command("badge", "list")


def test_any_card_on_the_way_out_is_let_go(house: Demo):
    before = house.newest
    assert house.tap(STRANGER, "entrance-out") == "granted"
    left = house.log("access_granted", after=before)[0]
    assert (left["direction"], left["access_point"]) == ("out", "entrance-out")
    assert left["warning"] == "credential_unknown"
    house.walk_through()


def test_door_opened_without_leave_is_a_break_in(house: Demo):
    """Again, if somebody has just pressed the button: then a door may be opened for a while."""

    def forced() -> bool:
        before = house.newest
        house.sim("open")
        house.wait_for("door_opened", after=before)
        assert house.level == 0
        house.sim("close")
        house.wait_for("door_closed", after=before)
        return bool(house.log("door_forced_open", after=before))

    until(forced, what="told as a break-in")


def test_button_inside_releases_and_going_out_is_no_break_in(house: Demo):
    before = house.newest
    house.sim("rex")
    house.wait_for("lock_released", after=before)
    assert house.level == 1
    house.walk_through()
    assert house.log("rex_pressed", after=before)
    assert not house.log("door_forced_open", after=before)


def test_badge_added_on_the_command_line_opens_at_once_and_refuses_once_lost(house: Demo):
    idm = "01010312000077AA"
    house.command("badge", "add", "--holder", "田中 一", "--idm", idm, "--level", "Everywhere")
    assert house.tap(idm) == "granted"
    house.walk_through()
    house.command("badge", "lost", "--idm", idm, "--reason", "left in a taxi")
    before = house.newest
    assert house.tap(idm) == "denied: credential_lost"
    refused = house.log("access_denied", after=before)[0]
    assert (refused["person"], refused["badge"]) == ("田中 一", "77AA")
    assert house.level == 0

    def lost() -> list[str]:
        actions = [line["action"] for line in house.log("operator_action")]
        return [action for action in actions if action == "badge_lost"]

    assert len(until(lost, what="the log has what the operator did")) == 1


def test_card_held_for_five_seconds_is_one_presentation(house: Demo):
    before = house.newest
    assert house.tap(hold=5) == "granted"
    house.wait_for("access_outcome", after=before)
    assert len(house.log("access_granted", after=before)) == 1


def test_log_follow_shows_the_tap_as_it_happens(house: Demo):
    words = [sys.executable, "-m", "controller.main", "log", "follow", "--json", "--data", str(house.data)]
    out = house.data.parent / "followed.txt"
    with out.open("wb") as stream, subprocess.Popen(words, stdout=stream) as follower:
        try:

            def seen() -> list[str]:
                house.tap(STRANGER)
                return [line for line in out.read_text("utf-8").splitlines() if STRANGER[-4:] in line]

            line = json.loads(until(seen)[0])
            assert (line["type"], line["badge"], line["result"]) == ("access_denied", STRANGER[-4:], "denied")
        finally:
            follower.terminate()
    assert follower.returncode == 0


def test_log_of_the_running_house_is_whole(house: Demo):
    assert house.command("log", "verify").startswith("OK: ")
