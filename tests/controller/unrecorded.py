"""Write to the registry without an operator's action, as a program other than ours would."""

from collections.abc import Iterator
from contextlib import contextmanager

from controller.registry.database import Connection, Registry


@contextmanager
def unrecorded(registry: Registry) -> Iterator[Connection]:
    """Without the key, a registry puts no change of rights on the record."""
    other = Registry(registry.file)
    try:
        with other.write() as db:
            yield db
    finally:
        other.close()
