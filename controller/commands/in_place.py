"""Files written beside where they belong and put in place when they are complete."""

import contextlib
import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


@contextlib.contextmanager
def partial_file(target: Path) -> Iterator[Path]:
    """A name in the same folder, so that `put` is one rename; nothing of that name is left afterwards.

    What a program that was killed left goes as well: there are people's names in it, and nobody looks there.
    """
    _remove_leftovers(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
    except OSError as error:
        if error.filename == str(part):
            error.filename = str(target)  # the name that was given
        raise
    finally:
        part.unlink(missing_ok=True)


def _remove_leftovers(target: Path) -> None:
    for leftover in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        number = leftover.name.removesuffix(".part").rpartition(".")[2]
        if number.isdecimal() and not _runs(int(number)):
            with contextlib.suppress(OSError):  # somebody else's: it is not in the way
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
    """Durable when this returns. The umask says who may read it."""
    with part.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def move_into_place(part: Path, target: Path) -> None:
    os.replace(part, target)  # noqa: PTH105 - the same as Path.replace, and named like what it does
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
