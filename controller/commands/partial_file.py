"""Write a file under a temporary name in its folder and rename it when it is complete."""

import contextlib
import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from controller.durable import sync_folder


@contextlib.contextmanager
def partial_file(target: Path) -> Iterator[Path]:
    """Yield a name in the same folder, so that `move_into_place` is one rename; delete the file afterwards.

    Also delete the temporary files of killed programs: they hold people's names, and nobody would find them.
    """
    _remove_leftovers(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
    except OSError as error:
        if error.filename == str(part):
            error.filename = str(target)  # the name that the operator typed
        raise
    finally:
        part.unlink(missing_ok=True)


def _remove_leftovers(target: Path) -> None:
    for leftover in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        number = leftover.name.removesuffix(".part").rpartition(".")[2]
        if number.isdecimal() and not _runs(int(number)):
            with contextlib.suppress(OSError):  # another user's file is harmless here
                leftover.unlink()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def write(part: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file, durable on return. The umask decides who may read it."""
    with part.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def move_into_place(part: Path, target: Path) -> None:
    os.replace(part, target)  # noqa: PTH105 - the same as Path.replace
    sync_folder(target.parent)
