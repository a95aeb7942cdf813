"""The example on the import page: a file that the importer takes as it is shown."""

import csv
import io

from controller.errors import N_
from controller.model.rule_book import Category
from web.words.words import Words

_TITLES = (
    N_("Name"),
    N_("Reading"),
    N_("Card number"),
    N_("Access level"),
    N_("Category"),
    N_("First day"),
    N_("Last day"),
)
_PEOPLE = {
    "ja": (("田中 花子", "タナカ ハナコ"), ("鈴木 一郎", "スズキ イチロウ")),
    "en": (("Hanako Tanaka", ""), ("Ichiro Suzuki", "")),
}
_NUMBERS = ("0123456789ABCDEF", "0123456789ABCDE0")  # of no card that is sold


def example_csv(words: Words, level: str, category: Category | None) -> str:
    """`level` and `category` are ones of this site; empty where it has none yet."""
    label = "" if category is None else words.label(category)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(words.translate(title) for title in _TITLES)
    (first, second), (number, other) = _PEOPLE[words.language], _NUMBERS
    out.writerow((*first, number, level, label, "2026-04-01", ""))
    out.writerow((*second, other, level, "", "2026-04-01", "2099-03-31"))
    return text.getvalue()
