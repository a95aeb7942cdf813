from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.house import House
from tests.controller.house import Door, admit, make_house, running_door


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with make_house(tmp_path / "data") as house:
        yield house


@pytest.fixture
def door(house: House) -> Iterator[Door]:
    """A running door of `house`, with one person whose badge is BADGE."""
    admit(house)
    with running_door(house) as door:
        yield door
