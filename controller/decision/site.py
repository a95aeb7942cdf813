"""What the rules need to know of the house."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class SitePolicy:
    """`when_clock_untrusted`: "refuse" whoever's access depends on the time, or "allow" them."""

    time_zone: ZoneInfo
    when_clock_untrusted: str
