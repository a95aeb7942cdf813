"""The command line does the door's part while no door runs, where it may."""

import itertools
from pathlib import Path

import pytest

from controller.commands.sign_for_door import door_part
from controller.config import load
from controller.errors import AlreadyRunning
from controller.journal.proof.note import parse_checkpoint
from controller.journal.query import JournalReader
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.site import Site
from tests.controller.commands.logged import journal_of
from tests.sample_site import NOW


def test_every_waiting_action_is_copied_and_covered(data: Path):
    config = load(data / "genkan.toml")
    with Site.open(config, lambda: NOW) as site:
        for _ in range(250):
            with site.registry.write() as db:
                Acting(site, MACHINE, NOW).record(db, ActionType.LOG_EXPORTED)
    door_part(config)()
    with JournalReader(data / "journal" / "journal.db") as reader:
        newest = reader.newest_seq()
        assert newest >= 250
        assert parse_checkpoint(str(reader.newest_checkpoint())).size == newest
        with reader.snapshot() as connection:
            sizes = [0, *(row[0] for row in connection.execute("SELECT size FROM checkpoints ORDER BY size"))]
    assert max(after - before for before, after in itertools.pairwise(sizes)) <= 100


def test_running_door_is_not_replaced(data: Path):
    with journal_of(data), pytest.raises(AlreadyRunning):
        door_part(load(data / "genkan.toml"))()
