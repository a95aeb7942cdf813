"""Minimum assurance: what the card must have proved."""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.model.message_key import N_
from controller.model.rules.setting import Remark, RuleSetting


@dataclass(frozen=True)
class AssuranceSetting(RuleSetting):
    """`least`: 0 the number alone, 1 a password in the clear, 2 a key of its own, 3 mutual AES."""

    least: int

    needs_presence = False

    def problems(self) -> Iterator[Remark]:
        if not 1 <= self.least <= 3:
            yield Remark("least", N_("The minimum assurance must be 1, 2 or 3; every card has 0."))
