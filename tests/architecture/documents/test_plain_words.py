"""Comments, docstrings, documents and messages use plain English: no words of the list outside quotations.

Messages are those of pages, and each text in a program: errors, log lines, help.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.architecture.source_tree import DOCUMENTS, ROOT, nodes, place, sources

# Each pattern with the words to use instead.
BANNED = {
    r"(un)?told|tells? of|(is|are|was|were) said": "report, record, show, raise an alarm",
    r"looks?( whether| at| for)?|looked|looking": "check, poll, read",
    r"stands?|stood": "is, appears",
    r"whoever|whichever|whatever": "anyone who, any; or name the person",
    r"anew": "again, new",
    r"(is|are|was|were) no": "is not a, must be a",
    r"(un)?made|put right|given|taken": "create, delete, correct, grant, read",
    r"for good|at once|the same holds for": "permanently, immediately, also applies to",
    r"waits? to be acknowledged": "is unacknowledged",
    r"lets? (\w+ )?(in|by)|walks? in": "admit, grant",
    r"houses?": "the word of the glossary: site, area, snapshot",
}
BAN = re.compile(rf"\b({'|'.join(f'(?:{pattern})' for pattern in BANNED)})\b".replace(" ", r"\s+"), re.I)
# Uses that are plain English: "There is no door", "is no longer open", "stands for", "looks like", "made of",
# "look up"; and "given by", of the verifier's sentence about a grant.
ALLOWED = re.compile(
    r"\b(?:there\s+(?:is|are|was|were)\s+no|(?:is|are|was|were)\s+no\s+longer|stands?\s+for|looks?\s+like|made\s+of|given\s+by|"
    r"look(?:s|ed|ing)?(?:\s+\w+){0,3}?[\s-]+up)\b",
    re.I,
)
QUOTATIONS = re.compile(
    r"``[^`]+``|`[^`]*`|\"[^\"\n]*\"|“[^”]*”|「[^」]*」|(?<!\*)\*(?!\*)[^*\n]+\*(?!\*)", re.S
)
FENCES = re.compile(r"^( *)```.*?^\1```", re.M | re.S)
PAGE_COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|^\s*//[^\n]*", re.M | re.S)
# Files that must contain the words, with the reason.
EXCUSED = {
    "tests/architecture/documents/test_plain_words.py": "the list itself",
}
WORD_LISTS = {ROOT / "controller/services/operators/passwords.py"}  # words that are no text
# A string after one of these is a docstring.
STARTS = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
FOLDERS = ("controller", "firmware_bridge", "web", "deploy", "tests")
OTHERS = [
    ROOT / "Makefile",
    ROOT / "pyproject.toml",
    *sorted(
        file
        for kind in ("templates/**/*.html", "static/*.js", "static/*.css")
        for file in ROOT.glob(f"web/{kind}")
    ),
    *sorted(
        file for suffix in ("toml", "service", "rules", "conf") for file in ROOT.glob(f"deploy/*.{suffix}")
    ),
]


def python_texts(file: Path) -> Iterator[tuple[int, str]]:
    """Yield docstrings and blocks of comments with their first line."""
    before = tokenize.NEWLINE
    block: list[str] = []
    line = 0
    with file.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                if block and token.start[0] != line + len(block):
                    yield line, "\n".join(block)
                    block = []
                if not block:
                    line = token.start[0]
                block.append(token.string.removeprefix("#"))
            elif token.type == tokenize.STRING and before in STARTS:
                yield token.start[0], token.string.strip("\"'rb")
            if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING):
                before = token.type
    if block:
        yield line, "\n".join(block)


def comments(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the comments of a configuration file, which begin with `#` or `//`."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        match = re.search(r"(?:^|\s)(?:#|//)\s?(.*)", line)
        if match:
            yield number, match[1]


def page_comments(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the comments of a template, a script or a style sheet."""
    text = file.read_text("utf-8")
    for match in PAGE_COMMENT.finditer(text):
        yield 1 + text.count("\n", 0, match.start()), match[0]


def document(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the text of a page without its code blocks."""
    text = file.read_text("utf-8")
    if file.name == "GLOSSARY.md":  # its last column lists the words to avoid
        text = re.sub(r"\|[^|\n]*\|$", "|", text, flags=re.M)
    yield 1, FENCES.sub(lambda block: re.sub(r"[^\n]", "", block[0]), text)


def blanked(match: "re.Match[str]") -> str:
    return re.sub(r"[^\n]", " ", match[0])


def unquoted(text: str) -> str:
    """Blank out quotations and allowed uses, and keep the line breaks."""
    return ALLOWED.sub(blanked, QUOTATIONS.sub(blanked, text))


def texts(file: Path) -> Iterator[tuple[int, str]]:
    if file.suffix == ".py":
        yield from python_texts(file)
    elif file.suffix == ".md":
        yield from document(file)
    elif file.suffix in (".html", ".js", ".css"):
        yield from page_comments(file)
    else:
        yield from comments(file)


def banned_words(file: Path) -> Iterator[str]:
    for first, text in texts(file):
        plain = unquoted(text)
        for match in BAN.finditer(plain):
            line = first + plain.count("\n", 0, match.start())
            yield f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}:{line}: {match[0]}"


def files() -> list[Path]:
    ours = [*sources(*FOLDERS), *DOCUMENTS, *OTHERS]
    return [file for file in ours if str(file.relative_to(ROOT)) not in EXCUSED]


def banned_messages(file: Path) -> Iterator[str]:
    """Yield the banned words of texts with a space: errors, log lines and help."""
    for node in nodes(file):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            for match in BAN.finditer(unquoted(node.value)):
                yield f"{place(file, node)}: {match[0]}"


def test_comments_docstrings_and_documents_are_plain_english() -> None:
    found = [word for file in files() for word in banned_words(file)]
    assert not found, "\n".join([f"{len(found)} banned words; use instead: {BANNED}", *found])


def test_errors_log_lines_and_help_are_plain_english() -> None:
    programs = [file for file in files() if file.suffix == ".py" and not file.is_relative_to(ROOT / "tests")]
    found = [word for file in programs if file not in WORD_LISTS for word in banned_messages(file)]
    assert not found, "\n".join([f"{len(found)} banned words; use instead: {BANNED}", *found])


def test_banned_word_in_an_error_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text("raise ValueError(f'{name} is no number')\nlog.info('The door was told.')", "utf-8")
    assert len(list(banned_messages(file))) == 2


def test_messages_of_pages_are_plain_english() -> None:
    with (ROOT / "web/locales/ja/LC_MESSAGES/genkan.po").open("rb") as file:
        keys = [message.id for message in read_po(file, locale="ja")]
    sentences = [one for key in keys for one in ((key,) if isinstance(key, str) else key)]
    found = [one for one in sentences if BAN.search(unquoted(one))]
    assert not found, "\n".join([f"use instead: {BANNED}", *found])


@pytest.mark.parametrize(
    "text",
    [
        "# The clock is told to the door.",
        '"""Whoever enters is recorded."""',
        "# it happens at\n# once",
        "# it stands in the log",
        "x = 1  # made anew",
        'def f():\n    """This is no number."""',
    ],
)
def test_banned_word_would_be_seen(text: str, tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text(text, "utf-8")
    assert list(banned_words(file))


@pytest.mark.parametrize(
    "text",
    [
        "# There is no door.",
        "# RFC stands for Request for Comments.",
        '# the message "told" is quoted, and so is `made`',
        'error = "This is no number."',
        "# The door is no longer open.",
    ],
)
def test_quotation_or_plain_use_is_fine(text: str, tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text(text, "utf-8")
    assert list(banned_words(file)) == []
