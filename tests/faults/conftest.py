"""The shim, built once; and folders on a disk of memory where there is one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import shim
from tests.faults.watched import Watched

_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shim.compiler() is None:
        pytest.skip("gcc is missing (Debian: apt-get install gcc libc6-dev)")
    return shim.build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder whose syncs cost nothing."""
    if not _MEMORY.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="genkan-", dir=_MEMORY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def watched(library: Path, memory: Path) -> Callable[..., Watched]:
    """Begin watching a new folder."""
    count = iter(range(1000))

    def begin(trace: bool = False) -> Watched:
        return Watched(library, memory / str(next(count)), trace)

    return begin
