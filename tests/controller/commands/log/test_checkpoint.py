"""`genkan log checkpoint`: what is to be kept elsewhere, on paper or in a file."""

from pathlib import Path

from controller.commands.sign_for_door import door_part
from controller.config import load
from controller.journal.proof.note import parse_checkpoint
from controller.journal.query import JournalReader
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, sentence
from tests.controller.commands.logged import journal_of
from tests.controller.site import running_door


def sealed(data: Path) -> str:
    door_part(load(data / "genkan.toml"))()
    with JournalReader(data / "journal" / "journal.db") as reader:
        return str(reader.newest_checkpoint())


def test_newest_checkpoint_is_printed_as_it_is_stored_and_drawn_on_the_other_stream(logged: Path):
    note = sealed(logged)
    answer = genkan("log", "checkpoint", "--data", logged)
    assert (answer.status, answer.text) == (0, note)
    verdict, _, drawn = answer.err.partition("\n")
    assert verdict.startswith("This is the newest checkpoint there was. The door service is not running")
    assert drawn.strip("█▀▄ \n") == ""


def test_checkpoint_goes_to_a_file_without_the_picture(logged: Path, tmp_path: Path):
    note = sealed(logged)
    file = tmp_path / "kept.txt"
    answer = genkan("log", "checkpoint", "--data", logged, "--output", file, "--no-qr")
    assert (answer.status, answer.out, answer.err.count("\n")) == (0, b"", 1)
    assert file.read_text("utf-8") == note


def test_running_door_makes_a_fresh_one(site: Site):
    with running_door(site) as door:
        first = done(genkan("log", "checkpoint", "--data", site.config.data, "--no-qr")).text
        second = done(genkan("log", "checkpoint", "--data", site.config.data, "--no-qr")).text
        assert parse_checkpoint(second).size > parse_checkpoint(first).size
        assert len(door.log("operator_action")) == 2


def test_log_that_was_never_signed_says_so(data: Path):
    (data / "journal" / "journal.db").unlink()
    with journal_of(data):
        pass
    answer = genkan("log", "checkpoint", "--data", data)
    assert (answer.status, answer.out) == (1, b"")
    assert "no checkpoint yet" in sentence(answer.err)
