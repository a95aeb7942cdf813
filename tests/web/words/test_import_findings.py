"""Findings of an import as sentences, in both languages."""

import ast
import string

import pytest

from controller.model.import_codes import ImportCode, field_names
from tests.architecture.source_tree import calls, place, sources
from web.words.import_findings import FINDING_WORDS, finding_text
from web.words.words import Words


def test_every_code_has_words_and_no_other_has() -> None:
    assert set(FINDING_WORDS) == set(ImportCode)


@pytest.mark.parametrize("code", ImportCode)
def test_finding_is_a_sentence_with_its_fields_in_both_languages(code: ImportCode) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(FINDING_WORDS[code]) if name}
    assert names == field_names(code)
    fields = {name: f"[{name}]" for name in names}
    english, japanese = (finding_text(Words(language), code, fields) for language in ("en", "ja"))
    assert english == FINDING_WORDS[code].format(**fields)
    assert japanese != english and all(value in japanese for value in fields.values())


def test_form_that_refuses_the_same_value_has_the_same_sentence() -> None:
    """A value is typed into a form or written into a file; both messages name the same mistake."""
    compared = set()
    for file in sources("controller/services"):
        for call in calls(file):
            match call:
                case ast.Call(
                    func=ast.Name(id="BadInput"),
                    args=[_, ast.Call(args=[ast.Constant(value=sentence)]), ast.Attribute(attr=name)],
                ):
                    assert FINDING_WORDS[ImportCode[name]] == sentence, place(file, call)
                    compared.add(name)
    assert len(compared) >= 15
