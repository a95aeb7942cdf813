"""Random histories at a door that restarts, loses its handle and misses events: live equals the log."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decision.presence import Fact, Presence
from controller.journal.facts import facts_after
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from tests.controller.decision.test_presence_histories import histories
from tests.controller.runtime.test_presence import Desk
from tests.waiting import until


def event_of(fact: Fact) -> Event:
    codes = {name: value for name, value in (fact.codes or {}).items() if isinstance(value, str | int)}
    return Event(
        EventType(fact.type),
        Moment(fact.utc, fact.mono_ms, fact.boot, ClockState.TRUSTED),
        door=fact.door,
        access_point=fact.access_point,
        direction=fact.direction,
        result=fact.result,
        person=fact.person,
        codes=codes,
    )


def rebuilt(folder: Path) -> Presence:
    presence = Presence()
    with JournalReader(folder / "journal.db") as reader, reader.snapshot() as connection:
        for fact in facts_after(connection, 0)[0]:
            presence.apply(fact)
    return presence


@settings(max_examples=40, deadline=None)
@given(histories(), st.data())
def test_live_presence_is_the_one_the_log_gives(log: list[Fact], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            desk.presence.enable()
            while log:
                batch = [event_of(log.pop(0)) for _ in range(min(len(log), data.draw(st.integers(1, 4))))]
                match data.draw(st.sampled_from(("told", "told", "untold", "reopened", "restarted"))):
                    case "told":
                        desk.journal.append(batch)
                    case "untold":  # durable, with an error before the report
                        desk.journal.appended = lambda first, events: None
                        desk.journal.append(batch)
                        desk.journal.appended = desk.presence.appended
                        desk.journal.reopen()
                    case "reopened":
                        desk.journal.reopen()
                        desk.journal.append(batch)
                    case "restarted":
                        desk.journal.append(batch)
                        desk.stop()
                        desk.start()
                        desk.presence.enable()
                expected = vars(rebuilt(Path(folder)))
                until(lambda expected=expected: vars(desk.now()) == expected)  # type: ignore[misc]
        finally:
            desk.stop()
            desk.journal.close()
