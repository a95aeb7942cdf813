from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.house import House
from tests.sample_house import open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path / "data") as house:
        yield house
