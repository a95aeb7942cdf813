"""A device driver with a script for each poll: values to return, exceptions to raise."""

from collections.abc import Iterable, Iterator
from typing import Any

import nfc.clf


class ScriptedDevice:
    """Each poll uses one value of `felica` and `type_a`; after the last value, there is no card."""

    def __init__(self, felica: Iterable[Any] = (), type_a: Iterable[Any] = ()) -> None:
        self._felica, self._type_a = iter(felica), iter(type_a)
        self.closed = False
        self.commands: list[str] = []
        self.lit: list[bool] = []

    def __str__(self) -> str:
        return "scripted reader"

    def sense_ttf(self, target: Any) -> Any:
        return self._next(target.brty, self._felica)

    def sense_tta(self, target: Any) -> Any:
        return self._next(target.brty, self._type_a)

    def mute(self) -> None:
        self.commands.append("off")

    def close(self) -> None:
        self.closed = True

    def turn_on_led_and_buzzer(self) -> None:
        self.lit.append(True)

    def turn_off_led_and_buzzer(self) -> None:
        self.lit.append(False)

    def _next(self, bitrate: str, script: Iterator[Any]) -> Any:
        self.commands.append(bitrate)
        step = next(script, None)
        if isinstance(step, BaseException):
            raise step
        return step


def felica(idm: str, pmm: str = "00F0000000000000") -> Any:
    return nfc.clf.RemoteTarget("212F", sensf_res=bytearray.fromhex("01" + idm + pmm))


def type_a(uid: str) -> Any:
    return nfc.clf.RemoteTarget(
        "106A", sens_res=bytearray(b"\x04\x00"), sel_res=bytearray(b"\x00"), sdd_res=bytearray.fromhex(uid)
    )
