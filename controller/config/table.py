"""One table of genkan.toml: reads keys, checks values, refuses unknown keys."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from controller.errors import ConfigError
from controller.model.config_codes import ConfigCode

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_PINS = range(2, 28)  # BCM numbers on the 40-pin header; 0 and 1 belong to the HAT EEPROM


class Table:
    """One TOML table; `done` refuses every key that was not read."""

    def __init__(self, file: Path, section: str, values: Any) -> None:
        self.file, self.section = file, section
        if not isinstance(values, dict):
            raise ConfigError(
                f"{file}: [{section}] must be a table of keys; write it as [{section}].",
                ConfigCode.NOT_A_TABLE,
                where=f"[{section}]",
            )
        self.values: dict[str, Any] = values
        self.read_keys: list[str] = []

    def fail(
        self, key: str, problem: str, code: ConfigCode = ConfigCode.CONFLICT, **fields: str | int
    ) -> ConfigError:
        where = f"[{self.section}] {key}" if self.section else key
        return ConfigError(f"{self.file} {where}: {problem}", code, where=where, **fields)

    def optional(self, key: str, default: T, check: Callable[[Any], T | None], allowed: str) -> T:
        self.read_keys.append(key)
        if key not in self.values:
            return default
        value = check(self.values[key])
        if value is None:
            found = repr(self.values[key])
            problem = f"{found} is not allowed; write {allowed}."
            raise self.fail(key, problem, ConfigCode.BAD_VALUE, value=found)
        return value

    def required(self, key: str, check: Callable[[Any], T | None], allowed: str) -> T:
        value = self.optional(key, None, check, allowed)
        if value is None:
            unknown = [found for found in self.values if found not in self.read_keys]
            if near := _near(key, unknown, 1, 0.75):
                raise self.fail(near[0], f"unknown key (did you mean {key}?)", ConfigCode.UNKNOWN_KEY)
            raise self.fail(key, f"is missing; write {allowed}.", ConfigCode.MISSING_KEY)
        return value

    def text(self, key: str, default: str) -> str:
        return self.optional(key, default, short_text, "a text of 1 to 100 characters")

    def flag(self, key: str, default: bool) -> bool:
        return self.optional(key, default, lambda v: v if isinstance(v, bool) else None, "true or false")

    def pin(self, key: str) -> int | None:
        return self.optional(key, None, pin_number, "a BCM pin number from 2 to 27")

    def done(self) -> None:
        if "active_low" in self.values:
            raise self.fail(
                "active_low",
                "is refused, because the pin library claims such a pin at the wrong level first and "
                "the relay would pulse; wire an active-high driver and remove the key.",
            )
        for key in self.values:
            if key not in self.read_keys:
                near = _near(key, self.read_keys, 1)
                hint = (
                    f"did you mean {near[0]}?"
                    if near
                    else f"known here: {', '.join(sorted(self.read_keys))}."
                )
                problem = f"unknown key ({hint})" if near else f"unknown key; {hint}"
                raise self.fail(key, problem, ConfigCode.UNKNOWN_KEY)


def named_tables(top: Table, section: str) -> dict[str, Any]:
    tables = Table(top.file, section, top.optional(section, {}, anything, "a table")).values
    for name in tables:
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"{top.file} [{section}.{name}]: the name must be 1 to 32 of a-z, 0-9 and hyphens; "
                "put other scripts into label_ja and label_en.",
                ConfigCode.BAD_NAME,
                where=f"[{section}.{name}]",
            )
    return tables


def _near(word: str, candidates: Iterable[str], count: int = 1, cutoff: float = 0.6) -> list[str]:
    import difflib  # imported only after a mistake

    return difflib.get_close_matches(word, candidates, count, cutoff)


def anything(value: Any) -> Any:
    return value


def short_text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable() else None


def pin_number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _PINS else None


def choice(*allowed: str) -> Callable[[Any], str | None]:
    return lambda value: value if value in allowed else None


def number(low: float, high: float) -> Callable[[Any], float | None]:
    def check(value: Any) -> float | None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if number and low <= value <= high else None

    return check
