"""`genkan person level`: grant for a time, change, remove; bad input changes nothing."""

from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.services.access import level_times, levels
from controller.services.people import people
from controller.services.site import Site
from tests.controller.commands.command import Answer, done, genkan, refused, unchanged

NAME = "期間 花子"


def level(data: Path, *more: str, name: str = "Everywhere") -> Answer:
    return genkan("person", "level", "--data", data, "--holder", NAME, "--level", name, *more)


@pytest.fixture
def data(site: Site) -> Path:
    """With the person, who holds nothing, and the level."""
    levels.add(site.acting(MACHINE), "Everywhere", [("entrance-in", "always")])
    done(genkan("badge", "add", "--data", site.config.data, "--holder", NAME, "--idm", "0101000000000A31"))
    return site.config.data


def test_level_is_granted_for_a_time_changed_and_removed(site: Site, data: Path) -> None:
    answer = done(level(data, "--from", "2126-12-01 09:00", "--until", "2127-03-31"))
    assert answer.text == f"{NAME} holds Everywhere from 2126-12-01 09:00 until 2127-03-31.\n"
    assert _held(site) == ["Everywhere (2126-12-01 09:00 – 2127-04-01 00:00)"]
    assert "without limit" in done(level(data)).text
    assert _held(site) == ["Everywhere"]
    assert "no longer holds" in done(level(data, "--remove")).text
    assert _held(site) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--until", "2020-01-01"), "already passed"),
        (("--from", "2027-03-01 09:00", "--until", "2027-03-01 09:00"), "after the start"),
        (("--until", "25:00"), "not a day"),
        (("--until", "2027-03-01 25:00"), "not a date with a time"),
    ],
)
def test_time_that_means_nothing_is_refused_and_nothing_changes(
    data: Path, more: tuple[str, ...], why: str
) -> None:
    with unchanged(data):
        assert why in refused(level(data, *more))


@pytest.mark.parametrize("option", ["--from", "--until"])
@pytest.mark.parametrize("empty", ["", " "])
def test_time_left_empty_is_not_mistaken_for_none(data: Path, option: str, empty: str) -> None:
    with unchanged(data):
        assert "This is not a time" in refused(level(data, option, empty), 2)
        add = ("badge", "add", "--data", data, "--holder", "空 花子", "--idm", "0101000000000A42")
        assert "This is not a time" in refused(genkan(*add, option, empty), 2)


def test_unknown_level_or_person_is_named_with_what_there_is(data: Path) -> None:
    with unchanged(data):
        assert "choose one of: " in refused(level(data, name="Nowhere"))
        assert "Everywhere" in refused(level(data, name="Nowhere"))
        arguments = ("--holder", "誰も", "--level", "Everywhere")
        assert "Nobody is called" in refused(genkan("person", "level", "--data", data, *arguments))
        refused(level(data, "--remove", "--until", "2027-03-01"), 2)


def _held(site: Site) -> list[object]:
    (found,) = people.named(site.acting(MACHINE), NAME)
    return list(level_times.level_texts(site, list(found.levels)))
