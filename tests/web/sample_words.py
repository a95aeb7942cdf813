"""Words of a site in Tokyo whose day ends at four, by a rule book."""

from collections.abc import Callable
from datetime import time
from zoneinfo import ZoneInfo

from controller.model.rule_book import Category, RuleBook
from web.words.words import Words

PLACES = ("entrance", "entrance-in", "entrance-out", "locker", "locker-in", "archive", "archive-in")


def sample_words(book: RuleBook, language: str = "en", called: Callable[[str], str] = str) -> Words:
    """`called` gives the label of a place by its name."""
    labels = {name: Category(name, called(name), called(name)) for name in PLACES}
    return Words(language, labels, zone=ZoneInfo("Asia/Tokyo"), day_ends=time(4), book=book)
