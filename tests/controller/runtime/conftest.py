from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.site import Site
from tests.controller.house import make_house
from tests.controller.runtime.decide_thread import OTHER, DecideThread, require_pins, with_pin
from tests.controller.step_door import StepClock


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Site]:
    """Its door goes by a stepped clock."""
    with make_house(tmp_path / "data", clock=StepClock()) as house:
        yield house


@pytest.fixture
def thread(house: Site) -> Iterator[DecideThread]:
    with_pin(house)
    with_pin(house, OTHER, "佐藤 愛")
    require_pins(house)
    thread = DecideThread(house)
    yield thread
    thread.registry.close()
