from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.site import Site
from tests.sample_house import open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Site]:
    with open_house(tmp_path / "data") as house:
        yield house
