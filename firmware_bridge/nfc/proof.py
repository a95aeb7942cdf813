"""What came of asking a card for more than its number."""

from enum import Enum


class Proof(Enum):
    PROVED = "proved"
    WRONG = "wrong"  # it answered, and not as the card with that key would
    SILENT = "silent"  # it left, or fell silent
