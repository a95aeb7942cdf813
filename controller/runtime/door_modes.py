"""Door modes as time passes: each change is recorded, and an unlocked door is released once that is durable.

The end of an unlocked time waits for nothing: the lock secures at once and the record follows. Belongs to the
decide thread.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from controller.decision.door_mode_now import HeldBack, ModeNow, door_mode_now
from controller.decision.facts import DoorNow, Facts
from controller.model.access import StandsReleased
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.rule_book import DoorMode
from controller.runtime.carry_out import CarryOut
from controller.runtime.grants import Fate, PendingGrant

AGAIN_MS = 10_000  # after a record that did not become durable


@dataclass(frozen=True)
class _Hold:
    number: int
    begun: PendingGrant


class DoorModes:
    def __init__(
        self,
        entries: Mapping[str, Collection[str]],
        carry_out: CarryOut,
        stands: Callable[[str], tuple[bool, bool, StandsReleased | None]],
    ) -> None:
        """`entries`: by door, its access points inward. `stands` is `Drive.stands`."""
        self._entries = entries
        self._carry_out = carry_out
        self._stands = stands
        self._modes: dict[str, ModeNow] = {}
        self._holds: dict[str, _Hold] = {}
        self._count = 0
        self._facts: Facts | None = None  # by which the modes were judged last
        self._seen: tuple[object, ...] = ()

    def doors(self) -> Mapping[str, DoorNow]:
        """As they are at this moment, for the rules."""
        return {
            door: DoorNow(
                self._modes[door].mode if door in self._modes else DoorMode.CARD, *self._stands(door)
            )
            for door in self._entries
        }

    def entries(self, door: str | None) -> Collection[str]:
        """The access points inward of a door; none of one that is not there."""
        return self._entries.get(door, ()) if door is not None else ()

    def look(self, facts: Facts, now: Moment) -> None:
        """At every tick. Modes change with the minute, the clock's state, the rules and who is inside."""
        minute = now.utc.replace(second=0, microsecond=0)
        stands = [self._stands(door) for door in self._entries]  # an interlock waits for it
        seen = (minute, now.clock, None if facts.presence is None else facts.presence.seq, stands)
        if facts is not self._facts or seen != self._seen:
            for door, entries in self._entries.items():
                facts_here = replace(
                    facts, doors=self.doors()
                )  # the door before it may just have been unlocked
                self._judge(door, door_mode_now(door, entries, facts_here, now), facts, now)
            self._facts, self._seen = facts, seen
        for door, hold in self._holds.items():
            begun = hold.begun
            if begun.fate is Fate.REFUSED and now.mono_ms >= begun.event.at.mono_ms + AGAIN_MS:
                self._begin(door, replace(begun.event, at=now))

    def _judge(self, door: str, mode: ModeNow, facts: Facts, now: Moment) -> None:
        before = self._modes.get(door)
        self._modes[door] = mode
        if before is None:
            rules = facts.book.door(door)
            if mode.mode is DoorMode.CARD and not rules.scheduled:
                return  # as a door without rules: nothing to tell
        elif before == mode or (before.mode is mode.mode and mode.held_back is not HeldBack.INTERLOCK):
            return
        codes: dict[str, str | int] = {"mode": mode.mode.value, "rules": facts.book.version}
        codes["cause"] = self._cause(before, mode, facts)
        if before is not None:
            codes["before"] = before.mode.value
        if mode.held_back is not None:
            codes["held_back"] = mode.held_back.value
        event = Event(EventType.DOOR_MODE_CHANGED, now, door=door, codes=codes)
        self._end(door)
        if mode.mode is DoorMode.UNLOCKED:
            self._begin(door, event)
        else:
            self._carry_out.record(event)

    def _cause(self, before: ModeNow | None, mode: ModeNow, facts: Facts) -> str:
        """`start`, `publish`, `schedule`, or what has come or gone that holds a door back."""
        if before is None:
            return "start"
        if mode.held_back in (HeldBack.LOCKDOWN, HeldBack.CLOCK, HeldBack.INTERLOCK):
            return mode.held_back.value
        if self._facts is not None and facts.book.version != self._facts.book.version:
            return "publish"
        unlocked = mode.mode is DoorMode.UNLOCKED
        if before.held_back is HeldBack.CLOCK or (before.held_back is not None and unlocked):
            return before.held_back.value
        return "schedule"

    def _begin(self, door: str, event: Event) -> None:
        self._count += 1
        self._holds[door] = _Hold(self._count, self._carry_out.hold(door, self._count, event))

    def _end(self, door: str) -> None:
        hold = self._holds.pop(door, None)
        if hold is not None:
            hold.begun.refuse()
            self._carry_out.end_hold(door, hold.number)
