"""Every command in our pages exists, with those options."""

import re
import shlex
from pathlib import Path

import click
import pytest

from controller.commands.genkan import genkan
from tests.architecture.documents.markdown import code_lines, inline_code
from tests.architecture.source_tree import DOCUMENTS, ROOT

COMMAND = re.compile(r"(?:^|bin/)genkan (.+)")


def typed(page: Path) -> list[list[str]]:
    """The words after `genkan`, up to a pipe or a placeholder for more."""
    found = []
    for code in [*code_lines(page), *inline_code(page)]:
        match = COMMAND.search(code)
        if match:
            words = shlex.split(re.split(r" [|>&] |…|;", match[1])[0])
            found.append(words)
    return found


def refuse_unknown(command: click.Command, words: list[str], name: str) -> None:
    """Walk down the groups, letting click judge the words of each level."""
    if not isinstance(command, click.Group):
        if words:  # without words the page only mentions the command
            command.make_context(name, list(words))
        return
    if not words:
        return
    flags = [word for word in words if not word.startswith("-")]
    assert flags, f"{name} {words}"
    context = command.make_context(name, list(words))
    _, chosen, rest = command.resolve_command(
        context, [*getattr(context, "_protected_args", ()), *context.args]
    )
    assert chosen is not None
    refuse_unknown(chosen, rest, f"{name} {chosen.name}")


def test_genkan_commands_in_pages_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for page in DOCUMENTS:
        monkeypatch.delenv("GENKAN_DATA", raising=False)
        for code in code_lines(page):
            if data := re.match(r"export GENKAN_DATA=(\S+)", code):
                monkeypatch.setenv("GENKAN_DATA", data[1])
        for words in typed(page):
            try:
                refuse_unknown(genkan, words, "genkan")
            except click.ClickException as error:
                wrong.append(f"{page.name}: genkan {' '.join(words)}: {error.format_message()}")
    assert wrong == []


def test_pages_name_commands_at_all() -> None:
    assert len(typed(ROOT / "docs/demo.md")) >= 4


@pytest.mark.parametrize(
    "words", [["tapp"], ["tap", "--data", "d", "--card", "0"], ["log", "shw", "--data", "d"]]
)
def test_wrong_command_would_be_seen(words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        refuse_unknown(genkan, words, "genkan")


def test_make_targets_in_pages_exist() -> None:
    rules = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert [
        f"{page.name}: make {target}"
        for page in DOCUMENTS
        for code in [*code_lines(page), *inline_code(page)]
        if (match := re.match(r"(?:sudo )?make((?: [a-z-]+)+)", code))
        for target in match[1].split()
        if target not in rules
    ] == []


def test_pages_in_both_languages_have_the_same_commands() -> None:
    for page in ("README", "docs/demo"):
        assert code_lines(ROOT / f"{page}.md") == code_lines(ROOT / f"{page}.ja.md"), page
