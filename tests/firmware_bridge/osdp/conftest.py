from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.firmware_bridge.osdp.rig import Rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def make(**arguments: object) -> Rig:
        rigs.append(Rig(tmp_path, **arguments))  # type: ignore[arg-type]
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """Online, and what it says is fresh."""
    rig = make_rig()
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    return rig
