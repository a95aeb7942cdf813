"""Prerequisite: an entry elsewhere that comes first, such as the phone locker."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from controller.model.finding_names import PlaceName
from controller.model.message_key import N_
from controller.model.rules.setting import NameOf, Remark, RuleSetting, naming


class PrerequisiteSince(StrEnum):
    """Since when the entry elsewhere counts."""

    DAY = "day"  # since the day of the site began
    LAST_EXIT = "last_exit"  # also since the person last left the area


@dataclass(frozen=True)
class PrerequisiteSetting(RuleSetting):
    """The person must have entered at `access_point` on the same day of the site."""

    access_point: str = naming(NameOf.ACCESS_POINT)
    since: PrerequisiteSince = PrerequisiteSince.DAY

    @property
    def earlier(self) -> str:
        return self.access_point

    def problems_without_area(self, door: PlaceName) -> Iterator[Remark]:
        if self.since is PrerequisiteSince.LAST_EXIT:
            yield Remark(
                "since",
                N_(
                    "The door {name} leads into no area, so Genkan cannot detect an exit; choose once a "
                    'day (since = "day"), or make the door an entry of an area.'
                ),
                {"name": door},
            )
