"""Fold names for comparison: width, case, spaces, and hiragana versus katakana make no difference.

The registry stores the folded texts of each person, so a search over 100,000 people folds only one text.
"""

import unicodedata

_UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf")  # spaces, including ideographic ones, and zero-width characters
_DOTS = "・"  # between the parts of a foreign name; NFKC turns the half-width one into it
_HIRAGANA = {katakana: katakana - 0x60 for katakana in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}


def folded(text: str) -> str:
    """Fold one text; "" if nothing comparable remains."""
    wide = unicodedata.normalize("NFKC", text)
    seen = "".join(character for character in wide if unicodedata.category(character) not in _UNSEEN)
    # Only now か and a separate ゛ compose: the first NFKC puts a space between them.
    composed = unicodedata.normalize("NFKC", seen.casefold()).translate(_HIRAGANA)
    return composed.replace(_DOTS, "") or composed


def search_text(name: str, kana: str) -> str:
    return f"{folded(name)}\n{folded(kana)}"


def sort_key(name: str, kana: str) -> str:
    """The folded reading, or the folded name without a reading."""
    return folded(kana or name)
