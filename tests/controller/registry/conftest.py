from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.registry.database import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry.open(tmp_path / "registry.db")
    yield registry
    registry.close()
