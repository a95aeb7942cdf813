from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.demo import LONG_RELEASE, Demo


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all stories of a file; each leaves it as it found it: closed, secured, nobody at it."""
    demo = Demo(tmp_path_factory.mktemp("site") / "data", LONG_RELEASE)
    try:
        demo.wait_for("reader_online", count=2)
        yield demo
    finally:
        demo.stop()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo of its own, for stories that need it untouched."""
    demo = Demo(tmp_path / "data", LONG_RELEASE)
    try:
        yield demo
    finally:
        demo.stop()
