"""Anti-passback: a person must be seen leaving before entering again."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from controller.model.finding_names import PlaceName
from controller.model.message_key import N_
from controller.model.rules.setting import Remark, RuleSetting

MINUTES_A_DAY = 24 * 60


class PassbackUntil(StrEnum):
    """How long an entry without a tap out keeps the person from entering again."""

    DAY_ENDS = "day_ends"  # until the day of the site ends
    NEVER = "never"  # until the person taps out or an operator resolves the missed tap


@dataclass(frozen=True)
class AntiPassbackSetting(RuleSetting):
    """`area`: a person inside must be seen leaving first. `minutes` > 0: no second entry within that time.
    `outer_first`: nobody enters an inner area without having entered the outer one."""

    area: bool = True
    minutes: int = 0
    until: PassbackUntil = PassbackUntil.DAY_ENDS
    outer_first: bool = False

    @property
    def needs_outer(self) -> bool:
        return self.outer_first

    @property
    def minutes_apart(self) -> int:
        return self.minutes

    def problems(self) -> Iterator[Remark]:
        if not self.area and not self.minutes and not self.outer_first:
            yield Remark("", N_("Neither area nor minutes is set, so the rule has no effect; set one."))
        elif self.minutes > MINUTES_A_DAY:
            yield Remark(
                "minutes",
                N_("At most {most} minutes, which is a day; write fewer."),
                {"most": MINUTES_A_DAY},
            )

    def problems_without_area(self, door: PlaceName) -> Iterator[Remark]:
        if self.area:
            yield Remark(
                "",
                N_(
                    "The door {name} leads into no area, so the rule has no effect; make it an entry of "
                    "an area."
                ),
                {"name": door},
            )
