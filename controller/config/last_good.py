"""The copy of genkan.toml that the door last started with."""

import os
from pathlib import Path

from controller.config.file import Config, load, parse, read_bytes, version_of
from controller.durable import sync_folder
from controller.errors import ConfigError

LAST_GOOD = Path("journal", "last_good", "genkan.toml")  # in the data folder, where only the door writes


def load_or_last_good(file: Path) -> tuple[Config, ConfigError | None]:
    """Load `file`. If it cannot be used, load the copy the door last started with, and return the error
    too.

    Raise ConfigError as `load` does if there is no such copy.
    """
    try:
        return load(file), None
    except ConfigError as error:
        try:
            config = parse(file, read_bytes(file.parent / LAST_GOOD))
        except ConfigError:
            raise error from None
        return config, error


def keep_as_last_good(config: Config) -> None:
    """Keep the configuration that the door has started with. Raises OSError."""
    raw = config.file.read_bytes()
    copy = config.data / LAST_GOOD
    if version_of(raw) != config.version or (copy.is_file() and copy.read_bytes() == raw):
        return  # edited since, or already kept
    copy.parent.mkdir(mode=0o750, exist_ok=True)
    part = copy.with_suffix(".part")
    with part.open("wb") as target:
        target.write(raw)
        target.flush()
        os.fsync(target.fileno())
    part.chmod(0o640)
    part.rename(copy)
    sync_folder(copy.parent)


def source_of(config: Config) -> bytes:
    """The bytes that `config` was read from: genkan.toml, or its last good copy. Raises OSError."""
    if config.file.is_file() and version_of(raw := config.file.read_bytes()) == config.version:
        return raw
    kept = config.data / LAST_GOOD
    if kept.is_file() and version_of(raw := kept.read_bytes()) == config.version:
        return raw
    return config.file.read_bytes()  # edited since
