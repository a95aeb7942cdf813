"""Consecutive releases without an opening: the lock or the door contact is wrong. Pure.

People who are admitted open the door. If ten in a row do not, by the contact, there are two causes. Either
the lock holds although it should be released, or the contact always reports closed and would miss a break-in.
"""

FAR_TOO_MANY = 10


class Unopened:
    def __init__(self) -> None:
        self._count = 0

    def opened(self) -> None:
        self._count = 0

    def not_opened(self) -> bool:
        """Count one more. True if it must raise the alarm, which it does once until the door opens again."""
        self._count += 1
        return self._count == FAR_TOO_MANY
