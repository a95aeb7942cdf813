"""Limits reports: so many immediately, then one per period. Pure: time is an argument."""


class Allowance:
    """`at_once` reports are free; each comes back after `every`, in the unit of the times passed in."""

    def __init__(self, at_once: float, every: float) -> None:
        self._most, self._every = (at_once - 1) * every, every
        self._paid_until: float | None = None

    def allows(self, now: float) -> bool:
        return self._paid_until is None or self._paid_until - now <= self._most

    def spend(self, now: float) -> None:
        self._paid_until = (now if self._paid_until is None else max(self._paid_until, now)) + self._every
