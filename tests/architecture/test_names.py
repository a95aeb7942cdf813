"""Names come from the domain, never from speech, and no class name is defined twice."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, mentions, nodes, place, sources

OURS = sources(*PACKAGES, "deploy", "tests")

# Words of speech that tell a reader nothing about the value or the action. As a whole name they are banned
# everywhere; as a part of a name, in functions, methods and classes.
SPEECH = {
    "told": "report, record, show: say which",
    "tell": "report, record, notify",
    "tells": "a boolean reads as a claim: is_reported",
    "untold": "unreported",
    "said": "the noun: result, message, decision",
    "say": "print, send, report",
    "says": "reports, or the noun",
    "look": "poll, check, read",
    "looks": "polls, or the noun",
    "looked": "checked, polled",
    "take": "accept, receive, read, claim",
    "takes": "accepts",
    "taken": "the noun: used, claimed, read",
    "put": "write, insert, enqueue, set",
    "ask": "request, query, poll",
    "asked": "the noun: request, question",
    "known": "the noun: existing, registered",
    "shown": "the noun: rows, lines, columns",
    "given": "the noun: argument, value",
    "made": "created, built: the noun",
    "unmade": "undone, missing",
    "anew": "again, new",
    "ahead": "earlier, pending",
    "stands": "is, remains",
    "saw": "observations",
    "wish": "request",
}
# Names with a meaning of speech only as a whole, or in these words.
WHOLE = {
    "over": "ended, finished",
    "key_of": "has had three meanings: name the key",
    "put_right": "correct",
}
# Names that outsiders rely on, each with the place where they see it.
TERMS = {
    "credential_known": "the rule's name in explanations, `genkan explain --json`",
    "stands_released": "a field of records in the log",
    "StandsReleased": "the values of that field",
    "TAKEN": "a state of a reader's install window in the log",
    "connection_made": "asyncio's name for the method of a protocol",
}


def defined(file: Path) -> Iterator[tuple[str, ast.AST, bool]]:
    """Yield the names that the file defines, and whether each is a function or class.

    The name of a test is a sentence, `test_<situation>_<outcome>`, and no name to call it by.
    """
    for node in nodes(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node, True
        elif isinstance(node, ast.arg):
            yield node.arg, node, False
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield (node.id if isinstance(node, ast.Name) else node.attr), node, False


@cache
def is_speech(name: str, is_definition: bool) -> bool:
    bare = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    if name in TERMS:
        return False
    if bare in SPEECH or bare in WHOLE:
        return True
    return is_definition and bool(set(bare.split("_")) & SPEECH.keys())


def speech_names(file: Path) -> list[str]:
    return [
        f"{place(file, node)} {name}"
        for name, node, is_definition in defined(file)
        if is_speech(name, is_definition)
    ]


def test_names_come_from_the_domain_and_not_from_speech() -> None:
    assert [found for file in OURS for found in speech_names(file)] == []


@pytest.mark.parametrize(
    "line",
    [
        "def _told(finding): pass",
        "class Asked: pass",
        "def look_around(): pass",
        "def f(known): pass",
        "said = 1",
        "self._untold = None",
        "def saw(request): pass",
        "class C:\n    taken: int",
        "for shown in rows: pass",
    ],
)
def test_name_from_speech_would_be_seen(line: str, tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text(line, "utf-8")
    assert len(speech_names(file)) == 1


@pytest.mark.parametrize("name", ["token", "input", "asking_price", "unknown_cards", "_intake", "overtime"])
def test_name_that_only_contains_the_letters_is_fine(name: str) -> None:
    assert not is_speech(name, is_definition=True)


def test_no_class_name_is_defined_twice() -> None:
    """One word has one meaning: two classes of one name in the tree are two meanings."""
    places: dict[str, list[str]] = defaultdict(list)
    for file in sources(*PACKAGES):
        for node in nodes(file):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(place(file, node))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_listed_terms_exist() -> None:
    names = {name for file in OURS if mentions(file, *TERMS) for name, _, _ in defined(file)}
    assert set(TERMS) <= names, "remove the names that are gone"
