"""The registry, and its copy while it cannot be read: who answers, what is recorded, when it counts again."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from controller.errors import GenkanError
from controller.model.events import Event, EventType
from controller.registry.database import Registry
from controller.registry.lookup import Lookup
from controller.runtime.last_good import LastGood
from controller.runtime.registry_source import RegistrySource
from controller.services.site import Site
from tests.controller.registry.samples import card_hash, fill
from tests.controller.site import admit, running_door
from tests.sample_site import NOW, later
from tests.waiting import until


class Source:
    """A registry with one badge, its copy once `copies` has run, and what the source reports."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry.open(folder / "registry.db")
        fill(self.registry, range(1))
        open_lookup = partial(Lookup, self.registry.file)
        self.last_good = LastGood(open_lookup, folder / "copy" / "registry.db", lambda: NOW, bool)
        self.records: list[Event] = []
        self.states: list[tuple[str, datetime | None]] = []
        self.source = RegistrySource(open_lookup, self.last_good, self.records.append, self.state)
        self.aside = folder / "aside.db"

    def state(self, state: str, copied: datetime | None) -> None:
        self.states.append((state, copied))

    def copies(self) -> None:
        assert self.last_good.poll(NOW)

    def goes_away(self) -> None:
        self.registry.close()
        self.registry.file.rename(self.aside)
        self.source.reopen(later(seconds=5))

    def answers_from_copy(self) -> bool:
        record, reader = self.source.find(card_hash(0), "entrance-in", NOW)
        assert record is not None
        return self.source.is_copy(reader)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Source]:
    rig = Source(tmp_path)
    rig.source.reopen(NOW)
    yield rig
    rig.source.close()
    rig.registry.close()


def test_registry_answers_while_it_can_be_read(rig: Source) -> None:
    rig.copies()
    assert not rig.answers_from_copy()
    assert rig.source.registry_id == rig.registry.id()
    assert (rig.records, rig.states) == ([], [])


def test_copy_answers_from_the_failure_on_and_it_is_recorded_once(rig: Source) -> None:
    rig.copies()
    rig.goes_away()
    assert rig.answers_from_copy() and rig.answers_from_copy()
    rig.source.reopen_if_needed(later(seconds=6))
    (event,) = rig.records
    assert (event.type, event.codes) == (EventType.REGISTRY_UNREADABLE, {"copy_age_ms": 5000})
    assert rig.states == [("last_good", NOW.utc)]
    assert rig.source.registry_id is None


def test_registry_that_can_be_read_again_answers_again(rig: Source) -> None:
    rig.copies()
    rig.goes_away()
    rig.aside.rename(rig.registry.file)
    openings = rig.source.openings
    rig.source.reopen_if_needed(later(seconds=7))
    assert rig.source.openings == openings + 1
    assert not rig.answers_from_copy()
    assert [event.type for event in rig.records] == [
        EventType.REGISTRY_UNREADABLE,
        EventType.REGISTRY_READABLE,
    ]
    assert rig.states[-1] == ("ok", None)


def test_without_a_copy_nothing_answers(rig: Source) -> None:
    rig.goes_away()
    with pytest.raises(GenkanError):
        rig.answers_from_copy()
    (event,) = rig.records
    assert (event.codes, rig.states) == ({}, [("last_good", None)])


def test_registry_that_another_file_has_replaced_is_opened_again(rig: Source, tmp_path: Path) -> None:
    rig.source.reopen_if_needed(NOW)
    assert rig.source.openings == 1
    Registry.open(tmp_path / "other.db").close()
    (tmp_path / "other.db").rename(rig.registry.file)
    rig.source.reopen_if_needed(NOW)
    assert rig.source.openings == 2 and rig.records == []


def test_look_up_that_failed_must_succeed_before_the_registry_counts_as_readable(rig: Source) -> None:
    """Otherwise a damaged page would make it readable and unreadable in turn, with a record each time."""
    rig.copies()
    lookup = rig.source.lookup
    assert lookup is not None

    def damaged(card: bytes, access_point: str) -> None:
        raise GenkanError("the page is damaged")

    lookup.find = damaged  # type: ignore[method-assign, assignment]
    assert rig.answers_from_copy()
    rig.source._open_lookup = lambda: lookup
    rig.source.reopen(later(seconds=1))
    assert rig.source.lookup is None
    assert [event.type for event in rig.records] == [EventType.REGISTRY_UNREADABLE]


def test_registry_that_cannot_be_opened_refuses_inward_until_it_can(site: Site) -> None:
    admit(site)
    registry = site.config.data / "registry" / "registry.db"
    aside = registry.with_name("aside.db")
    with running_door(site, before_start=lambda: registry.rename(aside)) as door:
        door.wait_for("registry_unreadable")
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "registry_unavailable"
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        aside.rename(registry)
        door.wait_for("registry_readable")
        door.present("entrance-in")
        door.wait_for("access_granted", count=2)
