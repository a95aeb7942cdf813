from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.demo import Demo


@pytest.fixture(scope="module")
def shared_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all stories of a file that leave it as they found it."""
    demo = Demo(tmp_path_factory.mktemp("house") / "data")
    yield demo
    demo.stop()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo of its own, for stories that break it."""
    demo = Demo(tmp_path / "data")
    yield demo
    demo.stop()
