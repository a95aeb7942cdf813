"""Interlock: one door waits until others are closed."""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.model.finding_names import PlaceName
from controller.model.message_key import N_
from controller.model.rules.setting import NameOf, Remark, RuleSetting, naming


@dataclass(frozen=True)
class InterlockSetting(RuleSetting):
    """None of `doors` may be open or released."""

    doors: tuple[str, ...] = naming(NameOf.DOOR)

    needs_presence = False

    def problems(self) -> Iterator[Remark]:
        if not self.doors:
            yield Remark("doors", N_("The rule names no door, so it has no effect; name one."))

    def problems_at(self, door: PlaceName) -> Iterator[Remark]:
        if door in self.doors:
            yield Remark(
                "doors",
                N_("The door {name} would be interlocked with itself and never open; name the other door."),
                {"name": door},
            )
