import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadInput
from controller.services import typed_texts


@given(st.text(st.characters(), max_size=150))
def test_any_text_is_kept_in_nfc_on_one_line_or_refused_in_one_sentence(text: str):
    try:
        kept = typed_texts.name_text("name", text)
    except BadInput as error:
        assert "\n" not in str(error)
        str(error).encode()
    else:
        assert unicodedata.is_normalized("NFC", kept) and 1 <= len(kept) <= 100
        assert kept.isprintable() or all(
            unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in kept
        )
        assert kept.encode() and len(kept.splitlines()) == 1


@pytest.mark.parametrize(
    "name", ["", " ", "\u3000", "\u200b\u200d", "\u2028", "a\u2028b", "a\x85b", "a\x00b"]
)
def test_name_nobody_could_read_is_refused(name: str):
    with pytest.raises(BadInput):
        typed_texts.name_text("name", name)


@pytest.mark.parametrize("code", ["FFFD", "202A", "202C", "202E", "2066", "2069"])
def test_character_that_stands_for_none_or_turns_the_line_is_refused(code: str):
    for kept in (typed_texts.optional_text, typed_texts.name_text):
        with pytest.raises(BadInput, match=rf"U\+{code} is not allowed"):
            kept("name", f"a{chr(int(code, 16))}b")
    with pytest.raises(BadInput, match=rf"U\+{code} is not allowed"):
        typed_texts.reason_text(f"a{chr(int(code, 16))}b")


def test_names_written_from_right_to_left_are_kept():
    assert typed_texts.name_text("name", "דנה\u200f 2") == "דנה\u200f 2"


def test_name_of_a_hundred_counts_composed_characters():
    assert typed_texts.name_text("name", "か\u3099" * 100) == "が" * 100
    with pytest.raises(BadInput, match="101 characters"):
        typed_texts.name_text("name", "が" * 101)


def test_reason_joins_lines_and_may_be_required():
    assert typed_texts.reason_text(" a\r\n  b\t c ") == "a b c"
    assert typed_texts.reason_text("") == ""
    with pytest.raises(BadInput):
        typed_texts.reason_text(" \n ", required=True)
    with pytest.raises(BadInput):
        typed_texts.reason_text("x" * 501)


def test_sign_in_name_is_folded():
    assert typed_texts.sign_in_name("name", " Ｋanri.2@example_x-y ") == "kanri.2@example_x-y"
