"""The `genkan` program: the door goes past the command line library, everything else through it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.controller.commands.command import genkan, refused, sentence, unchanged

pytestmark = [pytest.mark.process, pytest.mark.pythons]


def test_door_that_cannot_start_says_so_without_the_command_line_library(tmp_path: Path):
    program = (
        "import atexit, sys; from controller.main import main; "
        "atexit.register(lambda: print('click' in sys.modules)); main(['door', '--config', sys.argv[1]])"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "no.toml")]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stdout) == (1, "False\n")
    assert "no.toml" in sentence(ran.stderr)


def test_door_whose_folder_is_not_as_it_should_be_says_so_in_one_line(data: Path):
    (data / "simulator").write_text("in the way")
    with unchanged(data):
        assert "simulator" in refused(genkan("door", "--config", data / "genkan.toml"))


@pytest.mark.parametrize(
    "words", [["door"], ["door", "--config"], ["door", "--config", ""], ["door", "--config", "a", "b"]]
)
def test_door_wrongly_asked_for_is_wrong_usage(words: list[str]):
    refused(genkan(*words), status=2)


def test_door_explains_itself():
    assert "genkan door" in genkan("door", "--help").text
