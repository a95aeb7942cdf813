from pathlib import Path

import pytest

from tests.controller.commands.logged import NAMES, grant, journal_of


@pytest.fixture
def logged(data: Path) -> Path:
    with journal_of(data) as journal:
        journal.append([grant(name) for name in NAMES])
    return data
