"""Door modes as time passes: each change is recorded, and an unlocked door is released once that is durable.

The end of an unlocked time waits for nothing: the lock secures immediately and the record follows. Belongs to
the decide thread.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from controller.decision.door_mode_now import HeldBack, ModeNow, door_mode_now
from controller.decision.facts import DoorFacts, Facts
from controller.model.access import StandsReleased
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.rule_book import DoorMode
from controller.runtime.carry_out import CarryOut
from controller.runtime.grants import Fate, PendingGrant
from controller.runtime.limits import USUAL, Limits

_NOT_RECORDED = ModeNow(DoorMode.CARD, HeldBack.LOG)


@dataclass(frozen=True)
class _Hold:
    """An unlocked time: `begun` is its record, and the door is released once that is durable."""

    number: int
    begun: PendingGrant

    @property
    def released(self) -> bool:
        return self.begun.fate in (Fate.RELEASED, Fate.REMEMBERED)


class DoorModes:
    def __init__(
        self,
        entries: Mapping[str, Collection[str]],
        carry_out: CarryOut,
        door_status: Callable[[str], tuple[bool, bool, StandsReleased | None]],
        limits: Limits = USUAL,
    ) -> None:
        """`entries`: the inward access points of each door. `door_status` is `Drive.door_status`."""
        self._entries = entries
        self._carry_out = carry_out
        self._door_status = door_status
        self._unlock_again_ms = limits.unlock_again_ms
        self._modes: dict[str, ModeNow] = {}
        self._holds: dict[str, _Hold] = {}
        self._recorded: dict[str, HeldBack | None] = {}  # the reason in the newest record
        self._again_ms: dict[str, int] = {}  # for each door held back by the log: when to try again
        self._count = 0
        self._facts: Facts | None = None  # of the last judgement
        self._seen: tuple[object, ...] = ()

    def doors(self) -> Mapping[str, DoorFacts]:
        """The doors at this moment, for the rules."""
        return {
            door: DoorFacts(
                self._modes[door].mode if door in self._modes else DoorMode.CARD,
                is_open=is_open,
                is_released=is_released,
                stands_released=stands_released,
            )
            for door in self._entries
            for is_open, is_released, stands_released in [self._door_status(door)]
        }

    def entries(self, door: str | None) -> Collection[str]:
        """The inward access points of a door; empty for an unknown door."""
        return self._entries.get(door, ()) if door is not None else ()

    def update(self, facts: Facts, now: Moment) -> None:
        """At every tick. Modes change with the minute, the clock's state, the rules and presence."""
        minute = now.utc.replace(second=0, microsecond=0)
        statuses = [self._door_status(door) for door in self._entries]  # an interlock depends on it
        seen = (minute, now.clock, None if facts.presence is None else facts.presence.seq, statuses)
        for door in list(self._holds):
            self._give_up(door, facts, now)
        due = any(now.mono_ms >= again for again in self._again_ms.values())
        if due or facts is not self._facts or seen != self._seen:
            for door, entries in self._entries.items():
                # Read the doors again: the previous one may just have been unlocked.
                facts_here = replace(facts, doors=self.doors())
                self._judge(door, door_mode_now(door, entries, facts_here, now), facts, now)
            self._facts, self._seen = facts, seen

    def _judge(self, door: str, mode: ModeNow, facts: Facts, now: Moment) -> None:
        if mode.mode is DoorMode.UNLOCKED and now.mono_ms < self._again_ms.get(door, now.mono_ms):
            return
        self._again_ms.pop(door, None)
        before = self._modes.get(door)
        self._modes[door] = mode
        if before is None:
            rules = facts.book.door(door)
            if mode.mode is DoorMode.CARD and not rules.scheduled:
                return  # like a door without rules: nothing to record
        elif before == mode or (before.mode is mode.mode and not self._is_news(door, mode)):
            return
        elif before.mode is DoorMode.UNLOCKED and not self._end(door):
            before = _NOT_RECORDED  # it was about to be unlocked
        event = self._changed(door, before, mode, facts, now=now)
        if mode.mode is DoorMode.UNLOCKED:
            self._begin(door, event)
        else:
            self._carry_out.record(event)

    def _give_up(self, door: str, facts: Facts, now: Moment) -> None:
        """A record that cannot be written unlocks no door: record that, and try again later."""
        begun = self._holds[door].begun
        if begun.fate is not Fate.REFUSED:
            return
        self._end(door)
        self._modes[door] = _NOT_RECORDED
        self._again_ms[door] = now.mono_ms + self._unlock_again_ms
        if begun.event.codes["cause"] == HeldBack.LOG and self._carry_out.log_fails:
            return  # recorded before, and this try left nothing in the log
        self._carry_out.record(
            self._changed(door, before=_NOT_RECORDED, mode=_NOT_RECORDED, facts=facts, now=now)
        )

    def _changed(self, door: str, before: ModeNow | None, mode: ModeNow, facts: Facts, now: Moment) -> Event:
        codes: dict[str, str | int] = {"mode": mode.mode.value, "rules": facts.book.version}
        codes["cause"] = self._cause(before, mode, facts)
        if before is not None:
            codes["before"] = before.mode.value
        if mode.held_back is not None:
            codes["held_back"] = mode.held_back.value
        self._recorded[door] = mode.held_back
        return Event(EventType.DOOR_MODE_CHANGED, now, door=door, codes=codes)

    def _cause(self, before: ModeNow | None, mode: ModeNow, facts: Facts) -> str:
        """`start`, `publish`, `schedule`, or the reason that now holds the door back or no longer does."""
        if before is None:
            return "start"
        if mode.held_back in (HeldBack.LOCKDOWN, HeldBack.CLOCK, HeldBack.INTERLOCK, HeldBack.LOG):
            return mode.held_back.value
        if self._facts is not None and facts.book.version != self._facts.book.version:
            return "publish"
        unlocked = mode.mode is DoorMode.UNLOCKED
        if before.held_back in (HeldBack.CLOCK, HeldBack.PRESENCE) or (
            before.held_back is not None and unlocked
        ):
            return before.held_back.value
        return "schedule"

    def _begin(self, door: str, event: Event) -> None:
        self._count += 1
        self._holds[door] = _Hold(self._count, self._carry_out.hold(door, self._count, event))

    def _end(self, door: str) -> bool:
        """Whether the door was released until now."""
        hold = self._holds.pop(door, None)
        if hold is None:
            return False
        hold.begun.refuse()
        self._carry_out.end_hold(door, hold.number)
        return hold.released

    def _is_news(self, door: str, mode: ModeNow) -> bool:
        """Whether to record a change of the reason alone: an interlocked door holds this one back, or the log
        is readable again.
        """
        return mode.held_back is HeldBack.INTERLOCK or self._recorded.get(door) is HeldBack.PRESENCE
