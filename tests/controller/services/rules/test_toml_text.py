"""Reading TOML returns what was written, with any texts."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.services.rules.toml_text import to_toml

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts
values = scalars | st.lists(scalars, max_size=3)
tables = st.recursive(
    st.dictionaries(texts, values, max_size=3),
    lambda inner: st.dictionaries(
        texts, values | inner | st.lists(inner, min_size=1, max_size=2), max_size=3
    ),
    max_leaves=12,
)


@given(tables)
def test_written_table_reads_as_it_was(table: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(table)) == table


def test_tables_are_under_their_whole_names() -> None:
    plain = {"doors": {"entrance": {"mode": "card", "scheduled": [{"mode": "locked"}], "rules": {}}}}
    assert to_toml(plain) == (
        '[doors.entrance]\nmode = "card"\n\n[[doors.entrance.scheduled]]\nmode = "locked"\n\n'
        "[doors.entrance.rules]\n"
    )


def test_value_without_a_form_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError):
        to_toml({"a": None})
