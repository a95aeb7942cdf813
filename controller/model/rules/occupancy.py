"""Occupancy: how many people may and should be inside an area."""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.model.message_key import N_
from controller.model.rules.setting import Remark, RuleSetting


@dataclass(frozen=True)
class OccupancySetting(RuleSetting):
    """`most` refuses people who enter; `least` warns when somebody leaves, and with `alarm` raises an alarm.
    0: not set."""

    most: int = 0
    least: int = 0
    alarm: bool = False

    needs_area = True

    @property
    def most_inside(self) -> int:
        return self.most

    def problems(self) -> Iterator[Remark]:
        if not self.most and not self.least:
            yield Remark("", N_("No limit is set, so the rule has no effect; set one."))
        elif 0 < self.most < self.least:
            yield Remark(
                "least",
                N_("At least {least} and at most {most} contradict each other; correct one."),
                {"least": self.least, "most": self.most},
            )
