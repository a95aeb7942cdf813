"""A data folder whose log holds entries, written as the door writes them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from controller.journal.append import Journal
from controller.model.events import Event, EventType
from tests.sample_site import NOW

NAMES = ("山田 花子", "=HYPERLINK(1)", "＝1+1", "@x", "-2", 'Maria "Mia" Rossi, née Õ', "😀")


def grant(name: str) -> Event:
    return Event(
        EventType.ACCESS_GRANTED,
        NOW,
        door="entrance",
        access_point="entrance-in",
        result="granted",
        person="p1",
        details={"name": name, "last_four": "A1B2"},
    )


@contextlib.contextmanager
def journal_of(data: Path) -> Iterator[Journal]:
    """As the door holds it; stopped again afterwards."""
    with contextlib.closing(Journal.open(data / "journal" / "journal.db", "abc")) as journal:
        yield journal
