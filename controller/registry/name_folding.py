"""How names are compared: width, case, spaces, hiragana against katakana make no difference.

The registry keeps the folded texts beside each person, so a search over 100,000 people folds one text only.
"""

import unicodedata

_UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf")  # spaces, also ideographic ones, and characters without a width
_DOTS = "・"  # between the parts of a foreign name; NFKC turns the half-width one into it
_HIRAGANA = {katakana: katakana - 0x60 for katakana in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}


def folded(text: str) -> str:
    """ "" for a text without anything to compare."""
    wide = unicodedata.normalize("NFKC", text)
    seen = "".join(character for character in wide if unicodedata.category(character) not in _UNSEEN)
    # か and a separate ゛ are composed only now: NFKC puts a space between them.
    composed = unicodedata.normalize("NFKC", seen.casefold()).translate(_HIRAGANA)
    return composed.replace(_DOTS, "") or composed


def search_text(name: str, kana: str) -> str:
    return f"{folded(name)}\n{folded(kana)}"


def sort_key(name: str, kana: str) -> str:
    """By reading where there is one."""
    return folded(kana or name)
