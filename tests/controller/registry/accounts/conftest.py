from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.registry.accounts.database import Accounts


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    accounts = Accounts(tmp_path / "registry" / "accounts.db")
    accounts.file.parent.mkdir()
    accounts.create()
    yield accounts
    accounts.close()
