"""The log that cannot be read for who is inside, with time as an argument."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.journal.failures import FailureCause
from controller.journal.rights import RightsInForce
from controller.model.events import ALARM_TYPES, Event, EventType
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.runtime.definitions import DefinitionsInForce
from controller.runtime.live_facts import LiveFacts
from controller.runtime.presence_reader import PresenceReader
from controller.runtime.presence_watch import PresenceWatch
from controller.services.doors import alarms
from controller.services.site import Site
from tests.controller.decision.samples import TOKYO
from tests.controller.runtime.test_live_facts import publish
from tests.controller.runtime.test_presence import Desk
from tests.controller.site import admit, running_door
from tests.waiting import until

UNREAD_MS = 30_000
AT = Moment(datetime(2027, 3, 1, 9, 0, tzinfo=UTC), 10_000, "b" * 32, ClockState.TRUSTED)


def after(ms: int) -> Moment:
    return replace(AT, mono_ms=AT.mono_ms + ms, utc=AT.utc + timedelta(milliseconds=ms))


class Watch:
    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.watch = PresenceWatch(lambda **changes: self.changes.update(changes))

    def poll(self, ms: int, is_reading: bool = True, pages: int = 0) -> Event | None:
        return self.watch.poll(is_reading, pages, FailureCause.EIO, after(ms))


def test_thirty_seconds_without_a_page_are_an_alarm_reported_once_and_to_every_page() -> None:
    watch = Watch()
    assert watch.poll(0) is watch.poll(UNREAD_MS - 1) is None and watch.changes == {}
    event = watch.poll(UNREAD_MS)
    assert event is not None and event.type is EventType.PRESENCE_UNKNOWN and event.type in ALARM_TYPES
    assert event.codes == {"cause": "eio"} and not event.details
    assert watch.changes == {"presence": "unknown", "presence_since": AT.utc}
    assert watch.poll(UNREAD_MS + 50) is watch.poll(10 * UNREAD_MS) is None


def test_alarm_ends_when_all_has_been_read_and_says_how_long_it_lasted() -> None:
    watch = Watch()
    watch.poll(0)
    watch.poll(UNREAD_MS)
    assert watch.poll(UNREAD_MS + 100, pages=1) is None, "only a part of it"
    event = watch.poll(UNREAD_MS + 200, is_reading=False, pages=2)
    assert event is not None and event.type is EventType.PRESENCE_KNOWN
    assert event.codes == {"failed_ms": UNREAD_MS + 200}
    assert watch.changes == {"presence": "ok", "presence_since": None}
    assert watch.poll(UNREAD_MS + 300, is_reading=False, pages=2) is None


def test_long_log_that_is_read_page_by_page_is_not_an_alarm() -> None:
    watch = Watch()
    for page in range(100):
        assert watch.poll(page * (UNREAD_MS - 1), pages=page) is None
    assert watch.poll(100 * UNREAD_MS, is_reading=False, pages=100) is None


def test_page_that_does_not_come_in_the_midst_of_reading_is_an_alarm() -> None:
    watch = Watch()
    watch.poll(0, pages=0)
    watch.poll(20_000, pages=7)
    assert watch.poll(UNREAD_MS, pages=7) is None
    assert watch.poll(20_000 + UNREAD_MS, pages=7) is not None


@pytest.fixture
def hidden(tmp_path: Path) -> Iterator[Desk]:
    """A journal at a path where the reader does not find it yet."""
    desk = Desk(tmp_path)
    desk.stop()
    (tmp_path / "journal.db").rename(tmp_path / "away.db")
    desk.start()
    yield desk
    desk.stop()
    desk.journal.close()


def test_floor_tells_why_the_journal_cannot_be_read_and_when_it_can(hidden: Desk, tmp_path: Path) -> None:
    definitions = DefinitionsInForce(RightsInForce(tmp_path / "journal.db"), True)
    floor = LiveFacts(TOKYO, {}, hidden.presence, Watch().watch, definitions=definitions)
    assert floor.presence_alarm(after(0)) is None, "nobody has asked for it"
    hidden.presence.enable()
    until(lambda: hidden.reader.problem)
    assert floor.presence_alarm(after(0)) is None
    event = floor.presence_alarm(after(UNREAD_MS))
    assert event is not None and event.codes == {"cause": "cannot_open"} and not event.details
    (tmp_path / "away.db").rename(tmp_path / "journal.db")
    hidden.now()
    event = floor.presence_alarm(after(UNREAD_MS + 1))
    assert event is not None and event.type is EventType.PRESENCE_KNOWN


def test_door_that_cannot_read_its_log_alarms_admits_and_knows_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = site.config.data / "elsewhere"
    monkeypatch.setattr(
        "controller.assembly.service.PresenceReader", lambda file: PresenceReader(elsewhere / file.name)
    )
    admit(site)
    publish(site)
    with running_door(site) as door:
        until(lambda: door.service.state.now.presence == "unknown")
        door.present("entrance-in")
        (granted,) = door.wait_for("access_granted")
        assert granted["presence_unknown"] == 1
        elsewhere.symlink_to(site.config.data / "journal")
        until(lambda: door.service.state.now.presence == "ok")
        door.wait_for("presence_known")
        (alarm,) = alarms.open_alarms(site.acting(MACHINE))
        assert alarm.newest.type == EventType.PRESENCE_UNKNOWN
