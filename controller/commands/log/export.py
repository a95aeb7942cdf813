"""`genkan log export`: the log, or a part of it, as a file with a proof."""

import signal
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.counted import counted
from controller.commands.log.filter_options import LogChoice, MonthType, choice_options, month_filter
from controller.commands.options import PathType, data_option, open_site

if TYPE_CHECKING:
    from controller.journal.log_filter import LogFilter
    from controller.services.log.export import LogExport, ProvedExport
    from controller.services.site import Site


@click.command()
@data_option
@click.option(
    "--output", type=PathType(dir_okay=False), help="The file to write; its proof goes to FILE.proof."
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    help="Default: by the ending of --output, else csv.",
)
@click.option(
    "--language",
    type=click.Choice(["ja", "en"]),
    default="ja",
    show_default=True,
    help="Language of the CSV.",
)
@click.option("--month", type=MonthType(), help="Only this month, such as 2026-11.")
@choice_options()
def export(
    data: Path,
    output: Path | None,
    kind: str | None,
    language: str,
    month: date | None,
    choice: LogChoice,
) -> None:
    """Write every row of the log, and its proof to FILE.proof; without --output, CSV without proof.

    CSV is for spreadsheets (UTF-8 with BOM), JSON Lines has each record as the door signed it.
    """
    if month is not None and (choice.begin or choice.end):
        raise click.UsageError("give --month, or --from and --to.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no incomplete file remains
    kind = kind or ("jsonl" if output is not None and output.suffix == ".jsonl" else "csv")
    with open_site(data) as site:
        filter = _filter(site, month, choice)
        if output is None or str(output) == "-" or _is_stream(output):
            rows = _table(site, filter, language) if kind == "csv" else _proved(site, filter, kind, language)
            with click.open_file(str(output or "-"), "wb") as target:
                for piece in rows.lines:
                    target.write(piece)
            click.echo(f"{counted(rows.count, 'row')} exported.", err=True)
        else:
            _write(_proved(site, filter, kind, language), output)


def _filter(site: "Site", month: date | None, choice: LogChoice) -> "LogFilter":
    filter = choice.filter(site.config.data, site.config, site.journal)
    if month is None:
        return filter
    start, end = month_filter(site.config, site.journal, month)
    return replace(filter, day_start=start, day_end=end)


def _table(site: "Site", filter: "LogFilter", language: str) -> "LogExport":
    from controller.model.operators import MACHINE
    from controller.services.log.export import csv
    from web.words.export_words import export_text
    from web.words.words import Words

    text = export_text(Words.of_site(site.config, language), site.config)
    return csv(site.acting(MACHINE), filter, text)


def _proved(site: "Site", filter: "LogFilter", kind: str, language: str) -> "ProvedExport":
    from controller.commands.sign_for_door import door_part
    from controller.model.operators import MACHINE
    from controller.services.log.export import proved_csv, proved_json_lines
    from controller.services.log.signing import Signer, patience
    from web.words.export_words import export_text
    from web.words.words import Words

    acting, signer = site.acting(MACHINE), Signer(patience, door_part(site.config))
    if kind == "jsonl":
        return proved_json_lines(acting, filter, signer)
    text = export_text(Words.of_site(site.config, language), site.config)
    return proved_csv(acting, filter, text, signer)


def _write(exported: "ProvedExport", output: Path) -> None:
    from controller.commands.partial_file import move_into_place, partial_file, write
    from controller.commands.qr import print_qr
    from controller.services.log.signing import NoProof

    target = output.resolve()  # keeps a symbolic link
    beside_it = target.with_name(target.name + ".proof")
    with partial_file(target) as part, partial_file(beside_it) as proof_part:
        write(part, exported.lines)
        try:
            proof = exported.proof()
            write(proof_part, proof.lines)
        except NoProof as problem:
            beside_it.unlink(missing_ok=True)  # an earlier proof would report the new file as tampered with
            move_into_place(part, target)
            click.echo(f"{counted(exported.count, 'row')} exported, without proof. {problem}", err=True)
            return
        beside_it.unlink(missing_ok=True)
        move_into_place(part, target)
        move_into_place(proof_part, beside_it)
    click.echo(
        f"{counted(exported.count, 'row')} exported; the proof is in {beside_it}. "
        "It ends in this checkpoint:",
        err=True,
    )
    click.echo(f"\n{proof.note}", err=True)
    print_qr(proof.note)


def _is_stream(output: Path) -> bool:
    """Return whether `output` is a pipe or device such as /dev/stdout, which no rename can replace."""
    return output.exists() and not output.is_file()
