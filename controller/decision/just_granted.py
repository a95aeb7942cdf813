"""Doors that were granted a moment ago and may not have been released yet."""

from dataclasses import replace

from controller.decision.facts import Facts
from controller.model.moment import Moment

ON_ITS_WAY_MS = 2000  # a record that takes longer refuses the person


class JustGranted:
    """Without it two taps within the time a record takes could open both doors of an interlock."""

    def __init__(self) -> None:
        self._at_ms: dict[str, int] = {}

    def note(self, door: str, now: Moment) -> None:
        self._at_ms[door] = now.mono_ms

    def seen_in(self, facts: Facts, now: Moment) -> Facts:
        """`facts` with these doors as released."""
        lately = [door for door, at_ms in self._at_ms.items() if now.mono_ms - at_ms < ON_ITS_WAY_MS]
        if len(lately) < len(self._at_ms):
            self._at_ms = {door: self._at_ms[door] for door in lately}
        if not lately:
            return facts
        released = {door: replace(facts.door(door), is_released=True) for door in lately}
        return replace(facts, doors={**facts.doors, **released})
