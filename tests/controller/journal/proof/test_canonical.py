"""Canonical JSON against a slow reference written from RFC 8785, and the RFC's own example."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.journal.proof.canonical import canonical, details_hash, leaf_hash

texts = st.text(st.characters(codec="utf-8"), max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(texts, inner, max_size=5)


values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | objects(inner), max_leaves=12)


def reference(value: Any) -> str:
    """Sections 3.2.2 and 3.2.3, letter by letter."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(map(escaped, value)) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(reference, value)) + "]"
    keys = sorted(value, key=lambda key: list(key.encode("utf-16-be")))
    return "{" + ",".join(f"{reference(key)}:{reference(value[key])}" for key in keys) + "}"


def escaped(letter: str) -> str:
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    if letter in short:
        return short[letter]
    return f"\\u{ord(letter):04x}" if letter < " " else letter


@given(objects(values))
def test_any_object_matches_the_reference(value: dict[str, Any]) -> None:
    assert canonical(value) == reference(value)


@given(objects(values))
def test_written_text_reads_back_and_is_stable(value: dict[str, Any]) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_keys_beyond_the_basic_plane_sort_as_in_the_rfc() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 1)))) == ordered
    assert list(json.loads(canonical({"a": dict.fromkeys(keys, 1)}))["a"]) == ordered


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), b"x", float("nan"), object(), [1.0], {"b": 0.5}])
def test_value_the_rfc_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="canonical JSON"):
        canonical({"a": value})


def test_key_that_is_not_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        canonical({1: "a"})  # type: ignore[dict-item]


def test_leaf_hash_is_that_of_rfc_6962() -> None:
    empty_leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"").hex() == empty_leaf


def test_details_hash_depends_on_the_salt() -> None:
    assert details_hash(b"1", b"{}") != details_hash(b"2", b"{}")
