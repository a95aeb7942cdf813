"""`genkan alarms`: list and acknowledge alarms from the command line."""

import json
from datetime import UTC
from pathlib import Path

import click

from controller.commands.options import ListGroup, data_option, json_option, open_site, time_text, utc_option
from controller.model.operators import MACHINE


@click.group(cls=ListGroup)
def alarms() -> None:
    """List and acknowledge alarms."""


@alarms.command("list")
@data_option
@utc_option
@json_option
def list_(data: Path, as_utc: bool, as_json: bool) -> None:
    """Print unacknowledged alarms, newest first: number, time, kind, place, count."""
    from controller.services.doors import alarms as service

    with open_site(data) as site:
        for alarm in service.open_alarms(site.acting(MACHINE)):
            newest, passage = alarm.newest, alarm.passage
            line = {
                "seq": newest.seq,
                "utc": newest.utc.isoformat(),
                "first_utc": alarm.first_utc.isoformat(),
                "type": newest.type,
                "door": newest.door,
                "reader": newest.reader,
                "count": len(alarm.seqs),
                "passage": None if passage is None else passage.seq,
                "person": None if passage is None else (passage.details or {}).get("name"),
            }
            if as_json:
                click.echo(json.dumps(line, ensure_ascii=False))
                continue
            place = newest.reader or newest.door or "-"
            time = time_text(newest.utc, UTC if as_utc else site.config.site.time_zone)
            columns = (newest.seq, time, newest.type, place, len(alarm.seqs), line["person"] or "-")
            click.echo("\t".join(map(str, columns)))


@alarms.command()
@data_option
@click.argument("number", type=click.IntRange(1, 2**62))
@click.option("--note", required=True, help="What you found and did; the log records it.")
def acknowledge(data: Path, number: int, note: str) -> None:
    """Acknowledge alarm NUMBER and the older unacknowledged alarms of the same kind and place."""
    from controller.services.doors.requests import AcknowledgeAlarm

    with open_site(data) as site:
        done = site.acting(MACHINE).send(AcknowledgeAlarm(alarm_seq=number, note=note))
    click.echo("Acknowledged." if done == 1 else f"Acknowledged: {done} alarms of one kind and place.")
