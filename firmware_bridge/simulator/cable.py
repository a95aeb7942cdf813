"""The cable of a virtual reader: a flag file, so that any process may pull it and it stays pulled."""

from pathlib import Path


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
    """The file that exists while somebody has opened the reader."""
    return flag(folder, reader).with_name(f"tampered-{reader}")


def is_tampered(folder: Path, reader: str) -> bool:
    return tamper_flag(folder, reader).exists()
