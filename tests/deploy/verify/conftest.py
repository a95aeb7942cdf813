"""What the stories begin with: a small log in a folder, and a hand that may write its file."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.verify import genkan_verify
from deploy.verify.genkan_verify import Conclusion, answer
from tests.deploy.verify.reference import Log

GENKANS = dict(genkan_verify.TABLES)


def tables_of_the_reference() -> str:
    """Genkan's own tables have triggers, which would stop a test; a forger removes them first."""
    with tempfile.TemporaryDirectory() as folder:
        database = genkan_verify.Database(Log().write(Path(folder) / "data") / "journal" / "journal.db")
        found = database.tables()
        database.close()
        return found


genkan_verify.TABLES[2] = tables_of_the_reference()
OK, TAMPERED, INCOMPLETE, CANNOT_TELL = 0, 1, 3, 4
Forge = Callable[..., None]


@contextmanager
def opened(data: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(data / "journal" / "journal.db", isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    try:
        yield connection
    finally:
        connection.close()


def forge(data: Path, statement: str, values: tuple[Any, ...] = ()) -> None:
    with opened(data) as connection:
        assert connection.execute(statement, values).rowcount > 0, statement


def verified(
    data: Path, *, code: int, sentence: str = "", seq: int | None = None, **options: Any
) -> Conclusion:
    found = answer(data=data, **options)
    assert (found.code, found.seq if seq is not None else None) == (code, seq), found
    assert sentence in found.sentence
    assert found.sentence.count("\n") == 0
    return found


@pytest.fixture(scope="session")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 records, a new key at 500. Who changes it puts it back."""
    log = Log().fill(498)
    log.install_key(log.new_key())
    log.fill(500)
    assert log.size == 1000
    return log.write(tmp_path_factory.mktemp("thousand") / "data")
