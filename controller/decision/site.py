"""What the rules need to know of the house."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class SitePolicy:
    """`when_clock_untrusted`: "refuse" whoever's access depends on the time, or "allow" them."""

    time_zone: ZoneInfo
    when_clock_untrusted: str

    def day(self, at: datetime) -> date:
        """The date on the wall of the site."""
        return at.astimezone(self.time_zone).date()
