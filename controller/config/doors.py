"""[doors.*] and [access_points.*]: locks, inputs and times of a door, and its two sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from controller.config.site import SiteConfig
from controller.config.table import Table, choice, number, pin_number, short_text
from controller.errors import ConfigError
from controller.model.access import Direction
from controller.model.config_codes import ConfigCode

# At power-on the Pi pulls 0 to 8 up and sends its console on 14; a relay there would pulse at boot.
_LOCK_PIN_WORDS = "9 to 13 or 16 to 27, which stay low while the Pi boots"
_LOCK_PINS = (*range(9, 14), *range(16, 28))
_HELD_OPEN = ("held_open_warning", "held_open_alarm", "held_open_more_time")


@dataclass(frozen=True)
class DoorConfig:
    name: str
    label_en: str
    label_ja: str
    lock: str  # "fail_secure" (released by power) or "fail_safe" (secured by power)
    lock_pin: int | None  # None: the relay in `lock_reader` drives the lock
    release_time: timedelta
    door_contact_pin: int | None
    rex_pin: int | None
    rex_releases: bool
    held_open_warning: timedelta  # a door open this long gives a warning …
    held_open_alarm: timedelta  # … and this long, an alarm; always the longer of the two
    held_open_more_time: timedelta  # added to both for a person who needs more time
    rex_without_opening: (
        int  # requests to exit per hour that may stay without an opening before the alarm; 0: no alarm
    )
    when_journal_fails: str  # "refuse" entries, or "remember" them for a while
    lock_reader: str | None = None  # an OSDP reader of this door, chosen instead of `lock_pin`


@dataclass(frozen=True)
class AccessPointConfig:
    name: str
    label_en: str
    label_ja: str
    door: str
    direction: Direction


def read_door(table: Table, name: str) -> DoorConfig:
    lock = table.optional(
        "lock", "fail_secure", choice("fail_secure", "fail_safe"), '"fail_secure" or "fail_safe"'
    )
    door = DoorConfig(
        name=name,
        label_en=table.text("label_en", name),
        label_ja=table.text("label_ja", name),
        lock=lock,
        lock_pin=None
        if "lock_reader" in table.values
        else table.required("lock_pin", _lock_pin, _LOCK_PIN_WORDS),
        lock_reader=table.optional(
            "lock_reader", None, short_text, "the name of an OSDP reader of this door"
        ),
        release_time=timedelta(
            seconds=table.optional("release_time", 5.0, number(1, 10), "seconds from 1 to 10")
        ),
        door_contact_pin=table.pin("door_contact_pin"),
        rex_pin=table.pin("rex_pin"),
        rex_releases=table.flag("rex_releases", lock == "fail_safe"),
        held_open_warning=_held_open(table, "held_open_warning", 20.0),
        held_open_alarm=_held_open(table, "held_open_alarm", 30.0),
        held_open_more_time=_held_open(table, "held_open_more_time", 30.0),
        rex_without_opening=table.optional(
            "rex_without_opening", 5, _hourly, "a whole number from 0 to 1000; 0 switches the alarm off"
        ),
        when_journal_fails=table.optional(
            "when_journal_fails", "refuse", choice("refuse", "remember"), '"refuse" or "remember"'
        ),
    )
    if door.lock_reader is not None:
        _refuse_at_reader(table, door)
    table.done()
    if door.rex_releases and door.rex_pin is None and "rex_releases" in table.values:
        raise table.fail("rex_releases", "needs rex_pin, the input the request-to-exit button is wired to.")
    held_open = [key for key in _HELD_OPEN if key in table.values]
    if held_open and door.door_contact_pin is None:
        raise table.fail(held_open[0], "needs door_contact_pin, the input the door contact is wired to.")
    if "rex_without_opening" in table.values and (door.rex_pin is None or door.door_contact_pin is None):
        raise table.fail(
            "rex_without_opening",
            "needs rex_pin and door_contact_pin, the inputs button and contact are wired to.",
        )
    if door.held_open_warning >= door.held_open_alarm:
        raise table.fail(
            held_open[0],
            f"the warning ({door.held_open_warning.total_seconds():g} s) must come before the alarm "
            f"({door.held_open_alarm.total_seconds():g} s); set held_open_warning and held_open_alarm.",
        )
    return door


def _refuse_at_reader(table: Table, door: DoorConfig) -> None:
    """The way out, and a lock that must stay released, must not depend on a reader's cable."""
    if "lock_pin" in table.values:
        raise table.fail("lock_reader", "goes instead of lock_pin; write one of the two.")
    if door.lock == "fail_safe":
        raise table.fail(
            "lock_reader",
            "a fail_safe lock would fall open with every fault of the reader's cable; wire it to lock_pin.",
        )
    if door.rex_releases:
        raise table.fail(
            "lock_reader",
            "rex_releases would make the way out depend on the reader's cable; wire the lock to lock_pin, or "
            "fit a handle that opens from inside and remove rex_releases.",
        )


def _held_open(table: Table, key: str, default: float) -> timedelta:
    return timedelta(seconds=table.optional(key, default, number(3, 3600), "seconds from 3 to 3600"))


def _lock_pin(value: Any) -> int | None:
    return pin if (pin := pin_number(value)) in _LOCK_PINS else None


def _hourly(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000 else None


def read_access_point(table: Table, name: str, doors: Mapping[str, DoorConfig]) -> AccessPointConfig:
    point = AccessPointConfig(
        name=name,
        label_en=table.text("label_en", name),
        label_ja=table.text("label_ja", name),
        door=table.required(
            "door", choice(*doors), f"one of the doors: {', '.join(doors) or 'none is defined'}"
        ),
        direction=Direction(table.required("direction", choice("in", "out"), '"in" or "out"')),
    )
    table.done()
    return point


def refuse_shared_pins(file: Path, site: SiteConfig, doors: Mapping[str, DoorConfig]) -> None:
    """One pin, one purpose."""
    pins: dict[int, str] = {} if site.fire_pin is None else {site.fire_pin: "[site] fire_pin"}
    for door in doors.values():
        for key in ("lock_pin", "door_contact_pin", "rex_pin"):
            pin: int | None = getattr(door, key)
            if pin is None:
                continue
            here = f"[doors.{door.name}] {key}"
            if pin in pins:
                raise ConfigError(
                    f"{file} {here}: pin {pin} is already used by {pins[pin]}; give each its own.",
                    ConfigCode.USED_TWICE,
                    where=here,
                    other=pins[pin],
                )
            pins[pin] = here
