"""Replaces the real lgpio in a child process: lines with a pull-down resistor on each, and a diary.

Every call that can touch a line is printed with the level the line has afterwards: what a relay would have
seen. LGPIO_BROKEN makes opening the chip fail as on a machine without one.
"""

import json
import os
import sys

SET_PULL_NONE, SET_PULL_UP, SET_PULL_DOWN = 128, 32, 64
RISING_EDGE, FALLING_EDGE, BOTH_EDGES = 1, 2, 3
_OUT, _UP, _DOWN = 2, 32, 64
_lines: dict[int, dict[str, int]] = {}


class error(Exception):
    pass


def _note(call: str, gpio: int, **arguments: int) -> None:
    line = _lines[gpio]
    level = line["level"] if line["out"] else int(line["flags"] == SET_PULL_UP)
    print(json.dumps({"call": call, "gpio": gpio, **arguments, "out": line["out"], "seen": level}))
    sys.stdout.flush()


def gpiochip_open(chip: int) -> int:
    if os.environ.get("LGPIO_BROKEN"):
        raise error("can not open gpiochip")
    return 1


def gpiochip_close(handle: int) -> int:
    return 0


def gpio_claim_input(handle: int, gpio: int, lFlags: int = 0) -> int:
    _lines[gpio] = {"out": 0, "level": 0, "flags": lFlags}
    _note("gpio_claim_input", gpio)
    return 0


def gpio_claim_output(handle: int, gpio: int, level: int = 0, lFlags: int = 0) -> int:
    _lines[gpio] = {"out": 1, "level": level, "flags": lFlags}
    _note("gpio_claim_output", gpio, level=level)
    return 0


def gpio_free(handle: int, gpio: int) -> int:
    _lines[gpio] = {"out": 0, "level": 0, "flags": 0}
    _note("gpio_free", gpio)
    return 0


def gpio_write(handle: int, gpio: int, level: int) -> int:
    _lines[gpio]["level"] = int(level)
    _note("gpio_write", gpio, level=int(level))
    return 0


def gpio_read(handle: int, gpio: int) -> int:
    line = _lines[gpio]
    return line["level"] if line["out"] else int(line["flags"] == SET_PULL_UP)


def gpio_get_mode(handle: int, gpio: int) -> int:
    line = _lines[gpio]
    return _OUT if line["out"] else {SET_PULL_UP: _UP, SET_PULL_DOWN: _DOWN}.get(line["flags"], 0)
