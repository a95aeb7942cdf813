"""What the rules need to know of the site."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class SitePolicy:
    """`when_clock_untrusted`: "refuse" people whose access depends on the time, or "allow" them. A day of the
    site lasts to `day_ends` of the next morning, so that a night shift is on one day.
    """

    time_zone: ZoneInfo
    when_clock_untrusted: str
    day_ends: time

    def day(self, at: datetime) -> date:
        return day_of(at, self.time_zone, self.day_ends)

    def day_began(self, at: datetime) -> datetime:
        """In UTC."""
        return day_began(at, self.time_zone, self.day_ends)

    def date(self, at: datetime) -> date:
        """The local date of the site: the last day of a badge or a qualification means this date."""
        return at.astimezone(self.time_zone).date()


def day_of(at: datetime, zone: tzinfo, day_ends: time) -> date:
    """By local time, also on the day when the clocks change."""
    offset = timedelta(hours=day_ends.hour, minutes=day_ends.minute)
    return (at.astimezone(zone).replace(tzinfo=None) - offset).date()


def day_began(at: datetime, zone: tzinfo, day_ends: time) -> datetime:
    """In UTC. If the change of clocks skips `day_ends`, the day begins with the change at the latest."""
    return min(at, datetime.combine(day_of(at, zone, day_ends), day_ends, zone)).astimezone(UTC)
