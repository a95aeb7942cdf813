from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.firmware_bridge.osdp.rig import Rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**arguments: object) -> Rig:
        made.append(Rig(tmp_path, **arguments))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """Online, and what it says is fresh."""
    rig = make_rig()
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    return rig
