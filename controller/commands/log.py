"""`genkan log`: the entry log on the command line."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import click

from controller.commands.log_checkpoint import checkpoint
from controller.commands.log_export import export
from controller.commands.options import PathType, data_option, fail, json_option, load_config
from controller.errors import GenkanError

_LOOK_S = 0.1
ANY_PATH = PathType(looked_at=False)  # the verifier has a sentence and a status for each


def _journal_file(data: Path) -> Path:
    file = load_config(data).data / "journal" / "journal.db"
    if not file.is_file():
        fail(f"{file} does not exist yet; the door makes it at its first start, or `genkan init` does.")
    return file


def _print(line: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(line, ensure_ascii=False))
        return
    shown = ("seq", "utc", "type", "access_point", "result", "reason", "person", "badge")
    where = line["access_point"] or line["door"]
    click.echo("  ".join(str((line | {"access_point": where})[key] or "-") for key in shown))


@click.group()
def log() -> None:
    """Show, follow, export or verify the entry log."""


log.add_command(export)
log.add_command(checkpoint)


@log.command()
@data_option
@json_option
@click.option("--last", type=click.IntRange(1), help="Only the newest N lines.")
def show(data: Path, as_json: bool, last: int | None) -> None:
    """Print the log, oldest first."""
    from controller.commands.log_gaps import Gaps
    from controller.journal.lines import lines
    from controller.journal.query import JournalReader

    with JournalReader(_journal_file(data)) as journal:
        after = 0 if last is None else max(0, journal.newest_seq() - last)
        gaps = Gaps(journal, after)
        for line in lines(journal, max(0, after - 1)):  # one more: there may be a silence before the first
            if line["seq"] == after:
                gaps.heard(line)
                continue
            for said in () if as_json else gaps.before(line):
                click.echo(said)
            _print(line, as_json)


@log.command()
@data_option
@json_option
def follow(data: Path, as_json: bool) -> None:
    """Print each new line as it is written, until interrupted."""
    from controller.journal.lines import lines
    from controller.journal.query import JournalReader

    ended: list[int] = []  # an exception out of a handler would be lost in a finaliser, an Event can deadlock
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: ended.append(number))
    with JournalReader(_journal_file(data)) as journal:
        seq = journal.newest_seq()
        while not ended:
            for line in lines(journal, seq):
                _print(line, as_json)
                seq += 1
            time.sleep(_LOOK_S)


@log.command()
@click.option("--data", type=ANY_PATH, required=True, help="The data folder, with its genkan.toml.")
@json_option
@click.option(
    "--key", help="The log's first public key, or a file with it, instead of the one in the folder."
)
@click.option("--checkpoint", "kept", type=ANY_PATH, multiple=True, help="One you kept.")
@click.option("--export", "exported", type=ANY_PATH, help="Look at this export, not at the log.")
def verify(data: Path, as_json: bool, key: str | None, kept: tuple[Path, ...], exported: Path | None) -> None:
    """Say whether the log, or an export with its proof beside it, is whole and as it was signed."""
    from deploy.verify import genkan_verify

    genkan_verify.die_when_interrupted()
    try:
        if not (data / "journal" / "journal.db").is_file():  # else it needs no configuration
            _journal_file(data)
    except OSError:
        pass  # the verifier says of what it cannot read why
    except (GenkanError, click.ClickException) as error:  # status 1 would say "tampered"
        click.echo(f"genkan: {error.message if isinstance(error, click.ClickException) else error}", err=True)
        raise SystemExit(genkan_verify.CANNOT_TELL) from error
    found = genkan_verify.answer(data=data, export=exported, key=key, checkpoints=kept)
    if as_json:
        said = {"answer": genkan_verify.WORDS[found.code], "exit": found.code, "sentence": found.sentence}
        more = {"seq": found.seq, "trusted_key": found.key, "lines": found.lines}
        answer = json.dumps(said | more, ensure_ascii=False)
    else:
        answer = "\n".join([found.sentence, *found.lines])
    raise SystemExit(genkan_verify.say(answer, found.code))
