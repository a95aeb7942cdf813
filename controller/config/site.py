"""[site]: the name, time zone, fire input and business day of the site."""

import re
import zoneinfo
from dataclasses import dataclass
from datetime import time
from typing import Any

from controller.config.table import Table, choice


@dataclass(frozen=True)
class SiteConfig:
    name: str
    time_zone: zoneinfo.ZoneInfo
    demo: bool
    fire_pin: int | None
    day_ends: time  # by the clock of `time_zone`
    when_clock_untrusted: str  # "refuse" badges bound to a schedule, or "allow" them


def read_site(table: Table) -> SiteConfig:
    site = SiteConfig(
        name=table.text("name", "Genkan"),
        time_zone=table.optional(
            "time_zone", zoneinfo.ZoneInfo("Asia/Tokyo"), _zone, 'a zone name such as "Asia/Tokyo"'
        ),
        demo=table.flag("demo", False),
        fire_pin=table.pin("fire_pin"),
        day_ends=table.optional("day_ends", time(4), _time_of_day, 'a time of day such as "04:00"'),
        when_clock_untrusted=table.optional(
            "when_clock_untrusted", "refuse", choice("refuse", "allow"), '"refuse" or "allow"'
        ),
    )
    table.done()
    return site


def _time_of_day(value: Any) -> time | None:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return None
    return time.fromisoformat(value)


def _zone(value: Any) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):
        return None
