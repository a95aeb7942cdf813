"""Japanese and English: the catalogues, and which of the two a request gets.

English is the language of the message keys, so it has no catalogue of its own.
"""

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES: Mapping[str, str] = {"ja": "日本語", "en": "English"}  # each in its own words
DEFAULT = "ja"
LOCALES = Path(__file__).parents[1] / "locales"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("genkan", LOCALES, [language])


def preferred(accept_language: str) -> str:
    """The first of our languages that the browser names, by its quality values; else Japanese."""
    best, best_quality = DEFAULT, 0.0
    for part in accept_language.split(",")[:20]:
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            quality = 0.0
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best
