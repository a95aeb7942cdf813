"""The cable of a virtual reader: a flag file, so that any process may pull it and it stays pulled.

Tampering is another flag file, and the speed of its serial line a file with a number.
"""

from pathlib import Path

LEAST_BAUD, MOST_BAUD = 300, 4_000_000


def flag(folder: Path, reader: str) -> Path:
    """The file that exists while the cable is out; `folder` is the data folder's simulator/."""
    if not reader or "/" in reader or "\0" in reader:
        raise ValueError(f"{reader!r} is not the name of a reader.")
    return folder / f"unplugged-{reader}"


def unplug(folder: Path, reader: str) -> None:
    flag(folder, reader).touch()


def plug(folder: Path, reader: str) -> None:
    flag(folder, reader).unlink(missing_ok=True)


def is_unplugged(folder: Path, reader: str) -> bool:
    return flag(folder, reader).exists()


def tamper_flag(folder: Path, reader: str) -> Path:
    """The file that exists while the reader's case is open."""
    return flag(folder, reader).with_name(f"tampered-{reader}")


def is_tampered(folder: Path, reader: str) -> bool:
    return tamper_flag(folder, reader).exists()


def set_speed(folder: Path, reader: str, baud: int | None) -> None:
    """The serial speed of the reader, independent of its line; None: the speed of the line."""
    file = flag(folder, reader).with_name(f"speed-{reader}")
    if baud is None:
        file.unlink(missing_ok=True)
    elif LEAST_BAUD <= baud <= MOST_BAUD:
        new = file.with_suffix(".new")
        new.write_text(str(baud), "ascii")
        new.replace(file)
    else:
        raise ValueError(f"No reader has a speed of {baud} baud; give {LEAST_BAUD} to {MOST_BAUD}.")


def speed(folder: Path, reader: str) -> int | None:
    try:
        return int(flag(folder, reader).with_name(f"speed-{reader}").read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None
