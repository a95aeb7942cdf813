"""`genkan clock`: a door whose log has seen a time that is yet to come."""

from pathlib import Path

from controller.config import load
from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState
from controller.runtime.clock import Clock
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, refused
from tests.controller.site import admit, running_door
from tests.sample_site import moved


def see_a_later_time(data: Path) -> None:
    """As a door does that starts with its clock ahead and without a time source."""
    config = load(data / "genkan.toml")
    with Journal.open(data / "journal" / "journal.db", config.version) as journal:
        journal.append([Event(EventType.SERVICE_STARTED, moved(Clock().now(), days=1500))])


def test_clock_shows_what_the_log_trusts(data: Path) -> None:
    assert "The door trusts the clock." in done(genkan("clock", "--data", data)).text
    see_a_later_time(data)
    lines = done(genkan("clock", "show", "--data", data)).text
    assert "does not trust the clock" in lines and "genkan clock correct" in lines


def test_check_says_that_the_clock_is_behind_the_log(data: Path) -> None:
    see_a_later_time(data)
    answer = genkan("check", "--data", data)
    assert answer.status == 1
    (line,) = [line for line in answer.lines if line[6:].startswith("clock: ")]
    assert line.startswith("FAIL") and "the log has seen" in line and "genkan clock correct" in line


def test_correcting_needs_a_running_door(data: Path) -> None:
    assert "The door is not running" in refused(genkan("clock", "correct", "--reason", "x", "--data", data))


def test_root_corrects_a_log_that_was_ahead_and_the_log_says_who_and_why(site: Site) -> None:
    admit(site)
    data = site.config.data
    see_a_later_time(data)
    with running_door(site) as door:
        alarm = door.wait_for("clock_set_back")[0]
        assert alarm["clock"] == "untrusted"
        assert '"clock_set_back"' in done(genkan("alarms", "list", "--json", "--data", data)).text
        done(genkan("clock", "correct", "--reason", "wrong at the first start", "--data", data))
        corrected = door.wait_for("clock_corrected")[0]
        assert corrected["clock"] != "untrusted"
        action = [line for line in door.log("operator_action") if line["action"] == "clock_corrected"][-1]
        assert action["operator"] == "command line"
        assert "wrong at the first start" in done(genkan("log", "show", "--json", "--data", data)).text
        assert door.service.clock.now().clock is not ClockState.UNTRUSTED
    with running_door(site) as door:
        started = door.wait_for("service_started", count=3)[-1]
        assert started["clock"] != "untrusted", "the correction outlives a restart"
