from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.services.site import Site
from tests.sample_site import opened_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened_site(tmp_path / "data") as site:
        yield site
