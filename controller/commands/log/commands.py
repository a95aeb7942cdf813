"""`genkan log`: the entry log on the command line."""

import json
import signal
import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.commands.log.checkpoint import checkpoint
from controller.commands.log.export import export
from controller.commands.log.filter_options import LogChoice, choice_options
from controller.commands.log.other_fields import addition
from controller.commands.options import (
    PathType,
    data_folder_option,
    data_option,
    fail,
    json_option,
    load_config,
    time_text,
    utc_option,
)
from controller.errors import GenkanError

if TYPE_CHECKING:
    from controller.config import Config
    from controller.journal.log_filter import LogFilter
    from controller.journal.query import JournalReader

_POLL_S = 0.1
ANY_PATH = PathType(
    must_be_readable=False
)  # the verifier reports an unreadable path with its own sentence and exit status


def _journal_file(config: "Config") -> Path:
    file = config.data / "journal" / "journal.db"
    if not file.exists():
        fail(f"{file} does not exist yet; the door creates it at its first start, or `genkan init` does.")
    return file


def _print(line: dict[str, Any], as_json: bool, zone: tzinfo) -> None:
    if as_json:
        click.echo(json.dumps(line, ensure_ascii=False))
        return
    names = ("seq", "time", "type", "access_point", "result", "reason", "person", "badge")
    utc = datetime.fromisoformat(line["resolved_utc"] or line["utc"])
    more = {"time": time_text(utc, zone), "access_point": line["access_point"] or line["door"]}
    columns = [str((line | more)[key] or "-") for key in names]
    click.echo("  ".join([*columns, addition(line)]))


@click.group()
def log() -> None:
    """Show, follow, export or verify the entry log."""


log.add_command(export)
log.add_command(checkpoint)


@log.command()
@data_option
@choice_options()
@click.option("--last", type=click.IntRange(1), help="Only the newest N of these lines.")
@utc_option
@json_option
def show(data: Path, choice: LogChoice, last: int | None, as_utc: bool, as_json: bool) -> None:
    """Print the log, oldest first, in the site's local time.

    Each line has number, time, type, place, result, reason, person, badge, and the record's other fields,
    such as a door's mode before and now, or an operator's action.
    """
    from controller.commands.log.gaps import Gaps
    from controller.journal.export.lines import line, lines
    from controller.journal.query import JournalReader

    config = load_config(data)
    zone = UTC if as_utc else config.site.time_zone
    with JournalReader(_journal_file(config)) as journal:
        filter = choice.filter(data, config, journal)
        after = _before_first(journal, filter, last)
        gaps = None if as_json or choice.leaves_records_out else Gaps(journal, after)
        if gaps is not None and (earlier := journal.entry(after)) is not None:
            gaps.silence_before(line(earlier))  # a silence may come before the first line
        for one in lines(journal, after, filter):
            for text in () if gaps is None else gaps.before(one):
                click.echo(text)
            _print(one, as_json, zone)


def _before_first(journal: "JournalReader", filter: "LogFilter", last: int | None) -> int:
    """The number before the first line to print."""
    if last is not None:
        newest = journal.page(filter, limit=last)
        return newest[-1].seq - 1 if newest else journal.newest_seq()
    first = journal.after(filter, 0, 1)
    return first[0].seq - 1 if first else journal.newest_seq()


@log.command()
@data_option
@choice_options(times=False)
@utc_option
@json_option
def follow(data: Path, choice: LogChoice, as_utc: bool, as_json: bool) -> None:
    """Print each new line when the door records it, until interrupted."""
    from controller.journal.export.lines import lines
    from controller.journal.query import JournalReader

    ended: list[int] = []  # in a handler, an exception can be lost in a finaliser and an Event can deadlock
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: ended.append(number))
    config = load_config(data)
    zone = UTC if as_utc else config.site.time_zone
    with JournalReader(_journal_file(config)) as journal:
        filter = choice.filter(data, config, journal)
        seq = journal.newest_seq()
        while not ended:
            newest = journal.newest_seq()
            for line in lines(journal, seq, filter):
                _print(line, as_json, zone)
                newest = max(newest, int(str(line["seq"])))
            seq = newest
            time.sleep(_POLL_S)


def _grant_number(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    from argparse import ArgumentTypeError

    from deploy.verify.genkan_verify import grant_number

    try:
        return None if text is None else grant_number(text)
    except ArgumentTypeError as error:
        raise click.BadParameter(f"{error}.") from error


@log.command()
@data_folder_option(ANY_PATH)
@json_option
@click.option(
    "--key", help="The log's first public key, or a file with it; default: the key in the data folder."
)
@click.option("--checkpoint", "kept", type=ANY_PATH, multiple=True, help="A checkpoint that you kept.")
@click.option("--export", "exported", type=ANY_PATH, help="Verify this export instead of the log.")
@click.option(
    "--grant",
    metavar="NUMBER",
    callback=_grant_number,
    help="Show also which record gave this grant's right to enter, and who gave it.",
)
def verify(
    data: Path,
    as_json: bool,
    key: str | None,
    kept: tuple[Path, ...],
    exported: Path | None,
    grant: int | None,
) -> None:
    """Verify that the log, or an export with its proof beside it, is complete and unchanged."""
    from deploy.verify import genkan_verify

    if exported is not None and grant is not None:
        raise click.UsageError("--grant needs the whole log, so it cannot go with --export.")

    genkan_verify.die_when_interrupted()
    try:
        if not (data / "journal" / "journal.db").exists():
            _journal_file(load_config(data))  # the configuration is needed only to find the log
    except OSError:
        pass  # the verifier reports why it cannot read the file
    except (GenkanError, click.ClickException) as error:  # status 1 would mean "tampered"
        click.echo(f"genkan: {error.message if isinstance(error, click.ClickException) else error}", err=True)
        raise SystemExit(genkan_verify.CANNOT_TELL) from error
    found = genkan_verify.answer(data=data, export=exported, key=key, checkpoints=kept, grant=grant)
    if as_json:
        summary = {"answer": genkan_verify.WORDS[found.code], "exit": found.code, "sentence": found.sentence}
        more = {"seq": found.seq, "trusted_key": found.key, "lines": found.lines}
        answer = json.dumps(summary | more, ensure_ascii=False)
    else:
        answer = "\n".join([found.sentence, *found.lines])
    raise SystemExit(genkan_verify.print_answer(answer, found.code))
