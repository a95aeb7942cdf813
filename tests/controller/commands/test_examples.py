"""Each command's help ends with examples, and each example is one that the command takes."""

import shlex
from pathlib import Path

import click
import pytest

from controller.commands.examples import EXAMPLES
from controller.commands.genkan import genkan
from controller.commands.manual import leaf_commands
from tests.controller.commands.command import done
from tests.controller.commands.command import genkan as run

COMMANDS = {" ".join(path[1:]): command for path, command in leaf_commands(genkan, ("genkan",))}


def parsed(line: str) -> None:
    """Let click read the words of an example, without carrying it out."""
    words = shlex.split(line.partition(" > ")[0])[1:]
    command: click.Command = genkan
    ctx = click.Context(genkan, info_name="genkan")
    while isinstance(command, click.Group):
        found = command.get_command(ctx, words.pop(0))
        assert found is not None, line
        command = found
    command.make_context(command.name, words, parent=ctx)


def test_every_command_has_examples_that_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENKAN_DATA", str(tmp_path))
    for name in ("staff.csv", "keys.jsonl", "rules.toml", "door.txt", "kept.txt", "log.jsonl"):
        (tmp_path / name).touch()
    wrong = [name for name in COMMANDS if name not in EXAMPLES]
    for name, lines in EXAMPLES.items():
        for line in lines:
            try:
                assert line.startswith(f"genkan {name}")
                parsed(line)
            except (click.ClickException, AssertionError) as error:
                wrong.append(f"{line}: {error}")
    assert not wrong, "\n".join(wrong)


def test_help_ends_with_the_examples():
    output = done(run("log", "show", "--help")).text
    assert "Examples:" in output
    assert output.rstrip().endswith("genkan log show --result denied --door entrance --json")
