"""Which records `genkan log` shows: by time, person, door and result."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.commands.options import open_site_to_write
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.people import people
from tests.controller.commands.command import genkan, refused
from tests.controller.commands.log.test_commands import log_lines
from tests.controller.commands.logged import grant, journal_of
from tests.sample_site import NOW


def test_part_of_the_log_is_chosen_by_person_door_result_and_time(logged: Path):
    everything = log_lines(logged)
    granted = [line for line in everything if line["type"] == "access_granted"]
    assert log_lines(logged, "--result", "granted") == granted
    assert log_lines(logged, "--result", "granted", "--last", "1") == granted[-1:]
    assert log_lines(logged, "--person", "p1") == granted  # one reference under any name
    assert log_lines(logged, "--door", "entrance") == [
        line for line in everything if line["door"] == "entrance"
    ]
    assert log_lines(logged, "--from", "2026-11-24", "--to", "2026-11-24") == everything
    assert log_lines(logged, "--from", "2026-11-25") == log_lines(logged, "--to", "2026-11-23") == []
    assert log_lines(logged, "--from", "2026-11-24 15:00", "--to", "2026-11-24 15:01") == [
        line for line in everything if line["utc"].startswith("2026-11-24T06:00")
    ]


def test_end_without_seconds_includes_its_minute_and_one_with_seconds_its_second(logged: Path):
    """The records are of 15:00:00 of the site's time."""
    everything = log_lines(logged, "--from", "2026-11-24 15:00", "--to", "2026-11-24 15:00")
    assert everything == log_lines(logged, "--from", "2026-11-24 15:00", "--to", "2026-11-24 15:01") != []
    assert log_lines(logged, "--to", "2026-11-24 15:00:00") == log_lines(logged, "--to", "2026-11-24 15:00")
    assert log_lines(logged, "--to", "2026-11-24 14:59") == []


@pytest.mark.parametrize("typed", ["さとう はなこ", "サトウハナコ", "ｻﾄｳ　ﾊﾅｺ", "佐藤花子"])
def test_person_is_found_by_name_or_reading_regardless_of_the_kana_and_spaces(logged: Path, typed: str):
    with open_site_to_write(logged) as site:
        person = people.add(Acting(site, MACHINE, NOW), "佐藤 花子", "サトウ ハナコ")
        people.add(Acting(site, MACHINE, NOW), "佐藤 花", "サトウ ハナ")
    with journal_of(logged) as journal:
        journal.append([replace(grant("佐藤 花子"), person=person.id)])
    assert [line["person_ref"] for line in log_lines(logged, "--person", typed)] == [person.id]


@pytest.mark.parametrize(
    ("option", "value", "named", "status"),
    [
        ("--from", "2026-13-45", "--from: This is not a day", 2),
        ("--to", "soon", "--to: This is not a day", 2),
        ("--door", "nowhere", "There is no door 'nowhere'", 1),
        ("--person", "誰も", "Nobody is called '誰も'", 1),
        ("--result", "perhaps", "--result", 2),
    ],
)
def test_choice_that_cannot_be_is_one_sentence_and_shows_nothing(
    logged: Path, option: str, value: str, named: str, status: int
):
    assert named in refused(genkan("log", "show", "--data", logged, option, value), status)


def test_span_that_ends_before_it_begins_is_wrong_usage(logged: Path):
    span = ("--from", "2026-12-02", "--to", "2026-12-01")
    assert "--to: " in refused(genkan("log", "show", "--data", logged, *span), 2)
