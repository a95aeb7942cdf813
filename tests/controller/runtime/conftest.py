from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.site import Site
from tests.controller.runtime.decide_thread import OTHER, DecideThread, require_pins, with_pin
from tests.controller.site import make_site
from tests.controller.step_door import StepClock


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Its door goes by a stepped clock."""
    with make_site(tmp_path / "data", clock=StepClock()) as site:
        yield site


@pytest.fixture
def thread(site: Site) -> Iterator[DecideThread]:
    with_pin(site)
    with_pin(site, OTHER, "佐藤 愛")
    require_pins(site)
    thread = DecideThread(site)
    yield thread
    thread.registry.close()
