"""At the door: virtual card, nfcpy, bridge, decision, journal, pin, log."""

import json
import subprocess
import sys

import pytest

from tests.scenarios.demo import RELEASE_MS, SAMPLE, STRANGER, Demo, genkan, since_boot
from tests.waiting import until

pytestmark = pytest.mark.pythons


def test_sample_badge_is_granted_on_record_before_the_pin_moves_and_secured_after_release_time(site: Demo):
    """By the command the demo printed, as a newcomer would."""
    before = site.newest
    printed = next(line for line in site.printed.splitlines() if "genkan tap" in line)
    tapped = genkan(*printed.split("genkan ")[1].split())
    assert (tapped.returncode, tapped.stdout, tapped.stderr) == (0, "granted\n", "")
    secured = site.wait_for("lock_secured", after=before)[0]
    lines = site.log(after=before)
    at_the_door = [line["type"] for line in lines if line["door"] == "entrance"]
    assert at_the_door[:3] == ["access_granted", "lock_released", "lock_secured"]
    granted, released = lines[0], site.log("lock_released", after=before)[0]
    assert (granted["badge"], granted["person"], granted["access_point"]) == (
        SAMPLE[-4:],
        "Hanako Sato",
        "entrance-in",
    )
    assert (granted["door"], granted["result"], granted["reason"]) == ("entrance", "granted", None)
    up = [change for change in site.trace() if change["level"] == 1][-1]
    down = site.trace()[-1]
    assert granted["mono_ms"] <= since_boot(up["mono_ms"]) + 1
    assert (up["state"], down["state"], down["level"]) == ("released", "secured", 0)
    assert since_boot(down["mono_ms"]) >= granted["mono_ms"] + RELEASE_MS - 1
    assert released["mono_ms"] < secured["mono_ms"]
    outcome = site.wait_for("access_outcome", after=before)[0]
    assert (outcome["of"], outcome["result"]) == (granted["seq"], "not_opened")


def test_door_opened_and_closed_is_secured_immediately_and_the_grant_says_opened(site: Demo):
    before = site.newest
    assert site.tap() == "granted"
    until(lambda: site.level == 1)
    site.sim("open")
    site.wait_for("door_opened", after=before)
    assert site.level == 1
    site.sim("close")
    secured = site.wait_for("lock_secured", after=before)[0]
    closed = site.wait_for("door_closed", after=before)[0]
    assert secured["seq"] - closed["seq"] in (1, -1)
    assert secured["mono_ms"] - site.log("lock_released", after=before)[0]["mono_ms"] < RELEASE_MS
    granted = site.log("access_granted", after=before)[0]
    outcome = site.wait_for("access_outcome", after=before)[0]
    assert (outcome["of"], outcome["result"]) == (granted["seq"], "opened")
    assert not site.log("door_forced_open", after=before)


def test_second_tap_extends_the_release_and_moves_no_pin(site: Demo):
    before, changes = site.newest, len(site.trace())
    assert site.tap() == "granted"
    assert site.tap() == "granted"
    site.wait_for("access_outcome", after=before, count=2)
    first, second = site.log("access_granted", after=before)
    released, secured = site.trace()[changes:]
    assert (released["state"], secured["state"]) == ("released", "secured")
    assert since_boot(secured["mono_ms"]) >= second["mono_ms"] + RELEASE_MS - 1
    assert second["mono_ms"] > first["mono_ms"]
    assert len(site.log("lock_released", after=before)) == 1


def test_unknown_card_is_refused_and_kept_as_four_digits_only(site: Demo):
    before, changes = site.newest, len(site.trace())
    assert site.tap(STRANGER) == "denied: credential_unknown"
    refused = site.log("access_denied", after=before)[0]
    assert (refused["badge"], refused["person"], refused["credential"]) == (STRANGER[-4:], None, None)
    assert (refused["result"], refused["reason"]) == ("denied", "credential_unknown")
    assert STRANGER not in json.dumps(site.log(after=before)).upper()
    assert len(site.trace()) == changes
    assert STRANGER[-4:] not in site.command("badge", "list")


def test_any_card_on_the_way_out_is_let_go(site: Demo):
    before = site.newest
    assert site.tap(STRANGER, "entrance-out") == "granted"
    left = site.log("access_granted", after=before)[0]
    assert (left["direction"], left["access_point"]) == ("out", "entrance-out")
    assert left["warning"] == "credential_unknown"
    site.walk_through()


def test_door_opened_without_leave_is_a_break_in(site: Demo):
    """Again, if somebody has just pressed the button: then a door may be opened for a while."""

    def forced() -> bool:
        before = site.newest
        site.sim("open")
        site.wait_for("door_opened", after=before)
        assert site.level == 0
        site.sim("close")
        site.wait_for("door_closed", after=before)
        return bool(site.log("door_forced_open", after=before))

    until(forced, what="told as a break-in")


def test_button_inside_releases_and_going_out_is_not_a_break_in(site: Demo):
    before = site.newest
    site.sim("rex")
    site.wait_for("lock_released", after=before)
    assert site.level == 1
    site.walk_through()
    assert site.log("rex_pressed", after=before)
    assert not site.log("door_forced_open", after=before)


def test_badge_added_on_the_command_line_opens_immediately_and_refuses_once_lost(site: Demo):
    idm = "01010312000077AA"
    site.command("badge", "add", "--holder", "田中 一", "--idm", idm, "--level", "Everywhere")
    assert site.tap(idm) == "granted"
    site.walk_through()
    site.command("badge", "lost", "--idm", idm, "--reason", "left in a taxi")
    before = site.newest
    assert site.tap(idm) == "denied: credential_lost"
    refused = site.log("access_denied", after=before)[0]
    assert (refused["person"], refused["badge"]) == ("田中 一", "77AA")
    assert site.level == 0

    def lost() -> list[str]:
        actions = [line["action"] for line in site.log("operator_action")]
        return [action for action in actions if action == "badge_lost"]

    assert len(until(lost, what="the log has what the operator did")) == 1


def test_card_held_for_five_seconds_is_one_presentation(site: Demo):
    before = site.newest
    assert site.tap(hold=5) == "granted"
    site.wait_for("access_outcome", after=before)
    assert len(site.log("access_granted", after=before)) == 1


def test_log_follow_shows_the_tap_as_it_happens(site: Demo):
    words = [sys.executable, "-m", "controller.main", "log", "follow", "--json", "--data", str(site.data)]
    out = site.data.parent / "followed.txt"
    with out.open("wb") as stream, subprocess.Popen(words, stdout=stream) as follower:
        try:

            def seen() -> list[str]:
                site.tap(STRANGER)
                return [line for line in out.read_text("utf-8").splitlines() if STRANGER[-4:] in line]

            line = json.loads(until(seen)[0])
            assert (line["type"], line["badge"], line["result"]) == ("access_denied", STRANGER[-4:], "denied")
        finally:
            follower.terminate()
    assert follower.returncode == 0


def test_log_of_the_running_site_is_whole(site: Demo):
    assert site.command("log", "verify").startswith("OK: ")
