"""A complete site with its journal on a failing disk: its file operations go through tests/faults."""

import errno
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from controller.config import load
from controller.journal.state import ServiceState, read
from tests.controller.commands.command import genkan
from tests.faults import shim
from tests.faults.shim import Control, Kind
from tests.firmware_bridge.nfc.field import held
from tests.scenarios.demo import USUAL_PROGRAM, Demo, Line
from tests.waiting import LONG, until
from tests.web.client import Client

ALL = Kind.WRITES | Kind.SYNCS
DEAD = ALL | Kind.NAMES | Kind.OPENS
DOOR = "[doors.entrance]"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shim.compiler() is None:
        pytest.skip("gcc is missing (Debian: apt-get install gcc libc6-dev)")
    return shim.build(tmp_path_factory.mktemp("shim"))


class SiteRig:
    def __init__(self, folder: Path, library: Path, when_journal_fails: str) -> None:
        data = folder / "data"
        self.control = Control(folder / "control")
        self.demo = Demo(
            data,
            {DOOR: f'{DOOR}\nwhen_journal_fails = "{when_journal_fails}"'},
            shim.environment(library, data / "journal", self.control.file),
            program=USUAL_PROGRAM,
        )
        self.demo.wait_for("reader_online", count=2)
        self.door = self.demo.service("door")
        self._has_failed = False

    def fail(self, operations: Kind = ALL) -> None:
        """Every such operation fails until the disk is healed."""
        self._has_failed = True
        self.control.fail(1, errno.EIO, operations, lasting=True)

    def without_an_outage(self) -> None:
        """A door process without an outage so far: a second one within a minute is not reported again."""
        if self._has_failed:
            before = self.demo.newest
            self.demo.kill(self.door)
            self.demo.door_answers_again(before)
            self.door, self._has_failed = self.demo.service("door"), False

    @property
    def state(self) -> ServiceState:
        return read(self.demo.data / "journal") or ServiceState()

    def releases(self, reader: str = "entrance-in") -> bool:
        """A tap moves the lock: by its pin, since the log may know nothing of it."""
        before = len(self.demo.trace())
        with held(self.demo.card(reader)):
            until(lambda: self.level_after(before) == 1, what="the lock is released")
        self.passes()
        return True

    def passes(self) -> None:
        """Through the released door, which secures it before its time; until it is secured."""
        self.demo.sim("open")
        open_for = time.monotonic() + 0.5  # longer than 400 ms is never missed
        until(lambda: time.monotonic() > open_for)
        self.demo.sim("close")
        until(lambda: self.demo.level == 0, what="the lock is secured again")

    def refuses(self, seconds: float = 2) -> bool:
        """A tap moves no lock until `seconds` after it: longer than the door waits for the disk."""
        before = len(self.demo.trace())
        assert self.demo.card("entrance-in").present(1, LONG), "the reader reads the card"
        try:
            until(lambda: self.level_after(before) == 1, seconds)
        except AssertionError:
            return True
        return False

    def level_after(self, changes: int) -> int:
        levels = [
            change["level"] for change in self.demo.trace()[changes:] if change["name"] == "entrance.lock"
        ]
        return max(levels, default=0)

    def outcome_of(self, granted: Line) -> str | None:
        found = [line["result"] for line in self.demo.log("access_outcome") if line["of"] == granted["seq"]]
        assert len(found) <= 1
        return found[0] if found else None

    def wait_for_outcome(self, granted: Line, result: str) -> None:
        until(lambda: self.outcome_of(granted) == result, what=f"{granted['seq']} is {result}")

    def wait_for_rest(self) -> None:
        """Nothing of an earlier tap is still to be recorded: what comes next is what the disk does next."""

        def rests() -> bool:
            lines = self.demo.log("access_granted", "access_outcome", "lock_released", "lock_secured")
            inward = [line for line in lines if line["direction"] == "in"]
            granted = {line["seq"] for line in inward if line["type"] == "access_granted"}
            followed = {line["of"] for line in lines if line["type"] == "access_outcome"}
            locks = [line["type"] for line in lines if line["door"] and line["type"].startswith("lock")]
            return granted <= followed and locks[-1:] != ["lock_released"]

        until(rests, what="the log is at rest")

    def assert_log_is_whole(self) -> None:
        newest = self.demo.newest  # meanwhile more may be written
        log = [line["seq"] for line in self.demo.log()]
        assert log == list(range(1, len(log) + 1)) and len(log) >= newest
        assert self.demo.command("log", "verify").startswith("OK: ")
        assert self.demo.service("door") == self.door, "the door process was restarted"

    def start_again_on_a_dead_disk(self) -> int:
        """The door process is killed, and what is started in its place can open nothing of the journal.

        Return the newest number before. The log must be at rest: the new door process would first record that
        the lock is secured, if the killed one had not yet.
        """
        self.wait_for_rest()
        before = self.demo.newest
        self.fail(DEAD)
        self.demo.kill(self.door)
        killed = self.door
        self.door = until(lambda: self.demo.service("door") not in (0, killed) and self.demo.service("door"))
        until(self.lets_out_by_button, what="the exit button works")
        return before

    def lets_out_by_button(self) -> bool:
        before = len(self.demo.trace())
        genkan("sim", "rex", "--data", self.demo.data)  # fails as long as the new door is not there
        try:
            until(lambda: self.level_after(before) == 1, 2)
        except AssertionError:
            return False
        self.passes()
        return True

    def stop(self) -> None:
        self.control.heal()
        self.control.slow(0)
        self.demo.stop()


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[SiteRig]:
    site = SiteRig(tmp_path_factory.mktemp("refusing"), library, "refuse")
    yield site
    site.stop()


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[SiteRig]:
    site = SiteRig(tmp_path_factory.mktemp("remembering"), library, "remember")
    yield site
    site.stop()


def test_door_that_refuses_admits_nobody_unrecorded_and_everybody_out(refusing: SiteRig) -> None:
    refusing.without_an_outage()
    demo, before = refusing.demo, refusing.demo.newest
    refusing.fail()
    assert refusing.refuses()
    until(lambda: refusing.state.journal == "failing")
    assert refusing.state.journal_cause == "eio"
    assert refusing.releases("entrance-out")
    assert refusing.refuses()
    refusing.control.heal()
    recovered = demo.wait_for("journal_recovered", after=before)[0]
    assert demo.wait_for("journal_failed", after=before)[0]["cause"] == "eio"
    assert '"journal_failed"' in demo.command("alarms", "list", "--json"), "it stays until somebody looks"
    denied = demo.wait_for("access_denied", after=before, count=2)
    assert {line["reason"] for line in denied} == {"journal_unavailable"}
    assert (recovered["remembered"], recovered["dropped"]) == (0, 0)
    assert [line["direction"] for line in demo.log("access_granted", after=before)] == ["out"]
    until(lambda: refusing.state.journal == "ok")
    assert refusing.releases()
    refusing.assert_log_is_whole()


def test_every_page_says_that_the_log_fails_for_as_long_as_it_does(refusing: SiteRig) -> None:
    demo, client = refusing.demo, Client(refusing.demo.port)
    passwords = {"password": "the badge opens the door", "password_again": "the badge opens the door"}
    client.post("/set-up", {"code": demo.set_up_code, "name": "anna", "display_name": "Anna"} | passwords)

    def is_reported(path: str = "/doors") -> bool:
        page = client.get(path)
        assert page.status == 200
        return 'role="alert"' in page.text and "ログを書き込めません" in page.text

    assert not is_reported()
    refusing.fail()
    assert refusing.refuses()
    until(is_reported, what="the page tells of the failing disk")
    assert all(map(is_reported, ("/people", "/log", "/log/proof")))
    refusing.control.heal()
    until(lambda: not is_reported(), what="the page tells of it no longer")
    assert refusing.state.journal == "ok"
    assert refusing.releases()
    refusing.assert_log_is_whole()


def test_door_that_remembers_admits_people_and_the_log_has_each_of_them_afterwards(
    remembering: SiteRig,
) -> None:
    remembering.without_an_outage()
    demo, before = remembering.demo, remembering.demo.newest
    remembering.fail()
    assert [remembering.releases() for _ in range(3)] == [True] * 3
    until(lambda: remembering.state.journal == "remembering" and remembering.state.remembered == 3)
    assert remembering.releases("entrance-out")
    remembering.control.heal()
    recovered = demo.wait_for("journal_recovered", after=before)[0]
    granted = [line for line in demo.log("access_granted", after=before) if line["direction"] == "in"]
    assert [line["volatile"] for line in granted] == [1, 1, 1]
    assert recovered["remembered"] == 3
    failed = demo.log("journal_failed", after=before)[0]
    assert failed["utc"] < granted[1]["utc"] < granted[2]["utc"] < recovered["utc"]
    until(lambda: None not in [remembering.outcome_of(line) for line in granted], what="each is followed up")
    until(lambda: (remembering.state.journal, remembering.state.remembered) == ("ok", 0))
    assert remembering.releases()
    assert "volatile" not in demo.log("access_granted", after=recovered["seq"])[-1]
    remembering.assert_log_is_whole()


def test_door_started_on_a_dead_disk_lets_everybody_out_and_reports_it_when_the_disk_is_back(
    refusing: SiteRig,
) -> None:
    demo, before = refusing.demo, refusing.start_again_on_a_dead_disk()
    assert refusing.releases("entrance-out")
    assert refusing.refuses()
    assert "journal failing (eio)" in demo.output.read_text("utf-8")
    refusing.control.heal()
    recovered = demo.wait_for("journal_recovered", after=before)[0]
    since = demo.log(after=before)
    types = [line["type"] for line in since]
    assert types[:2] == ["service_started", "journal_failed"]
    assert {"rex_pressed", "access_denied"} <= set(types)
    assert [line["direction"] for line in since if line["type"] == "access_granted"] == ["out"]
    assert recovered["dropped"] == 0
    assert refusing.releases()
    refusing.assert_log_is_whole()


def test_door_started_on_a_dead_disk_remembers_where_that_is_its_policy(remembering: SiteRig) -> None:
    demo, before = remembering.demo, remembering.start_again_on_a_dead_disk()
    assert remembering.releases()
    remembering.control.heal()
    recovered = demo.wait_for("journal_recovered", after=before)[0]
    assert recovered["remembered"] == 1
    granted = [line for line in demo.log("access_granted", after=before) if line["direction"] == "in"]
    assert [line["volatile"] for line in granted] == [1]
    until(lambda: remembering.outcome_of(granted[0]), what="it is followed up")
    remembering.assert_log_is_whole()


@pytest.mark.parametrize("delay_ms", [50, 500])
def test_sync_that_is_slow_keeps_nobody_out(refusing: SiteRig, delay_ms: int) -> None:
    refusing.control.slow(delay_ms)
    before = len(refusing.demo.trace())
    assert refusing.demo.tap() == "granted"
    until(lambda: refusing.level_after(before) == 1)
    refusing.passes()
    refusing.control.slow(0)
    refusing.assert_log_is_whole()


@pytest.mark.parametrize("delay_ms", [3000, 10_000])
def test_sync_that_stalls_refuses_and_closes_the_grant_as_not_released(
    refusing: SiteRig, remembering: SiteRig, delay_ms: int
) -> None:
    """A disk that is merely slow does not fail: the door remembers nobody for it."""
    sites, before = (refusing, remembering), {}
    for site in sites:
        site.wait_for_rest()
        before[site] = site.demo.newest
        site.control.slow(delay_ms)
    with ThreadPoolExecutor() as threads:
        assert all(threads.map(lambda site: site.refuses(4), sites))
    for site in sites:
        site.control.slow(0)
        denied = site.demo.wait_for("access_denied", after=before[site])[0]
        assert denied["reason"] == "journal_unavailable"
        granted = site.demo.wait_for("access_granted", after=before[site])[0]
        site.wait_for_outcome(granted, "not_released")
        assert "volatile" not in granted
        site.assert_log_is_whole()


def test_policy_of_each_door_is_what_genkan_toml_says(remembering: SiteRig) -> None:
    config = load(remembering.demo.data / "genkan.toml")
    assert config.doors["entrance"].when_journal_fails == "remember"
