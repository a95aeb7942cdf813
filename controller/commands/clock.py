"""`genkan clock`: what the log trusts, and the way out of a log that has seen a time that is yet to come."""

import os
from datetime import datetime
from pathlib import Path

import click

from controller.commands.options import ShowGroup, data_option, fail, load_config, open_site
from controller.model.moment import ClockState
from controller.model.operators import MACHINE


@click.group(cls=ShowGroup)
def clock() -> None:
    """Show what the log trusts about the time, and correct it."""


@clock.command()
@data_option
@click.option("--reason", required=True, help="Why the time in the log is wrong; it is recorded.")
def correct(data: Path, reason: str) -> None:
    """Have the door trust the machine's clock again, as it is now, although the log has seen a later time."""
    from controller.journal.alive import is_door_alive
    from controller.runtime.clock import EARLIEST, wall
    from controller.services.log.requests import CorrectClock

    config = load_config(data)
    owner = (data / "journal").stat().st_uid
    if os.geteuid() not in (0, owner):
        fail("Only root may correct the clock; run this command with sudo.")
    if wall() < EARLIEST:
        fail(f"The machine's clock shows {_text(wall())}, which is wrong; set it first (`timedatectl`).")
    if not is_door_alive(config.data / "journal"):
        fail("The door is not running, and only the door can correct its log; start it first.")
    with open_site(data) as site:
        site.acting(MACHINE).send(CorrectClock(reason=reason))
    click.echo(f"The door trusts the clock again: {_text(wall())}. The log records the correction.")


@clock.command()
@data_option
def show(data: Path) -> None:
    """Show the machine's clock, the newest times in the log, and whether the door trusts the clock."""
    from controller.journal.query import JournalReader
    from controller.runtime.clock import Clock, is_kernel_synchronised

    with JournalReader(load_config(data).data / "journal" / "journal.db") as journal:
        newest, synchronised = journal.newest_times()
    now = Clock(newest, newest_synchronised=synchronised).now()
    source = "synchronised" if is_kernel_synchronised() else "not synchronised"
    click.echo(f"Clock:        {_text(now.utc)}, {source}")
    click.echo(f"Log:          {_or_none(newest)} is the newest time that it trusts")
    click.echo(f"Synchronised: {_or_none(synchronised)} is the newest time with a synchronised clock")
    if now.clock is not ClockState.UNTRUSTED:
        click.echo("The door trusts the clock.")
        return
    click.echo("The door does not trust the clock: the log has seen a later time.")
    click.echo(
        "If the clock is wrong, set it. If it is right, the log saw a wrong time: `genkan clock correct`."
    )


def _or_none(utc: datetime | None) -> str:
    return "none" if utc is None else _text(utc)


def _text(utc: datetime) -> str:
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC"
