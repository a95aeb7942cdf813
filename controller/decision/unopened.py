"""Releases in a row that nobody seems to have gone through: lock or door contact is not what it says. Pure.

People who are let in open the door. When ten in a row do not, by the contact, either the lock holds though it
was told to release, or the contact says closed whatever the leaf does, and then no break-in would be seen.
"""

FAR_TOO_MANY = 10


class Unopened:
    def __init__(self) -> None:
        self._count = 0

    def opened(self) -> None:
        self._count = 0

    def not_opened(self) -> bool:
        """One more; True when it is to be told, once until the door has opened again."""
        self._count += 1
        return self._count == FAR_TOO_MANY
