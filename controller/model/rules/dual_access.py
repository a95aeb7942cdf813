"""Dual access: two people present their badges in turn."""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.model.message_key import N_
from controller.model.rules.setting import Remark, RuleSetting

LONGEST_WAIT = 600  # seconds between the two taps


@dataclass(frozen=True)
class DualAccessSetting(RuleSetting):
    """Two people who may enter, within `seconds`; not asked while `unless_inside` or more people are inside
    (0: always asked)."""

    seconds: int = 15
    unless_inside: int = 0

    @property
    def second_within(self) -> int:
        return self.seconds

    def problems(self) -> Iterator[Remark]:
        if not 1 <= self.seconds <= LONGEST_WAIT:
            yield Remark(
                "seconds",
                N_("The time must be 1 to {most} seconds; correct it."),
                {"most": LONGEST_WAIT},
            )
