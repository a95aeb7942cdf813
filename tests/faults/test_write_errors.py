"""The disk refuses any one write or sync, once or from then on."""

import errno
from collections.abc import Callable

import pytest

from tests.faults.shim import Kind
from tests.faults.watched import Watched

Begin = Callable[..., Watched]
POINTS = 100  # at least so many writes and syncs belong to forty records
BOTH = int(Kind.WRITES | Kind.SYNCS)


def operations(watched: Begin) -> int:
    """How many there are when nothing fails, opening and closing included."""
    site = watched()
    assert site.run("record_workload", control=str(site.control.file), points=[[0, 0, 0]])["problems"] == []
    return site.control.operations


@pytest.mark.parametrize("remember", [False, True])
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_error_at_any_write_or_sync_loses_nothing(watched: Begin, error: int, remember: bool) -> None:
    """Each admitted person is in the log once, each event too, and a failed handle is never used again."""
    site, count = watched(), operations(watched)
    points = [[nth, error, BOTH] for nth in range(1, count + 1)]
    report = site.run("record_workload", control=str(site.control.file), points=points, remember=remember)
    failed = site.control.failed
    print(f"\n{errno.errorcode[error]} at each of {failed} writes and syncs: {report}")
    assert report["problems"] == []
    assert failed >= POINTS
    assert report["noticed"] == report["reopened"] >= failed * 0.9  # the rest: when the file is closed
    assert (report["refused"] == 0) is remember


@pytest.mark.parametrize("remember", [False, True])
@pytest.mark.parametrize(
    ("error", "kinds"),
    [
        (errno.EIO, BOTH),
        (errno.ENOSPC, BOTH | int(Kind.GROWING)),
        (errno.EROFS, BOTH | int(Kind.NAMES)),
        (errno.EIO, int(Kind.SYNCS)),
    ],
)
def test_disk_that_goes_on_failing_loses_nothing(
    watched: Begin, error: int, kinds: int, remember: bool
) -> None:
    """It is well again after the first person was refused, or remembered."""
    site = watched()
    points = [[nth, error, kinds] for nth in range(1, 100, 9)]
    words = {"points": points, "lasting": True, "remember": remember}
    report = site.run("record_workload", control=str(site.control.file), **words)
    print(f"\n{errno.errorcode[error]} from then on: {report}")
    assert report["problems"] == []
    assert report["noticed"] > 0
