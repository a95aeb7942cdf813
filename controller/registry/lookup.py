"""The door's side of the registry: one indexed SELECT a tap, no copy that could be stale.

Standard library only, so that the door process stays small. Any trouble SQLite reports becomes
RegistryUnreadable, NewerDatabase or CorruptDatabase; nothing else is raised.
"""

from pathlib import Path

from controller.errors import TechnicianError
from controller.model.access import AccessRecord
from controller.model.orders import OperatorAction, Order


class RegistryUnreadable(TechnicianError):
    """registry.db cannot be read just now (disk, lock, permission)."""


class Lookup:
    """One connection, for one thread at a time; open one per thread."""

    def __init__(self, file: Path) -> None:
        """Open read-write with query_only=ON, so that a crashed writer's WAL can be recovered from here.

        Raises RegistryUnreadable (missing, no right to it), CorruptDatabase or NewerDatabase.
        """
        self.file = file
        self.version = 0  # registry_version as the newest find() or refresh() saw it
        self.registry_id = ""
        raise NotImplementedError

    def find(self, card_hash: bytes, access_point: str) -> AccessRecord | None:
        """Everything known of this card at this access point; `version` is from the same snapshot."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read `version` and `registry_id` again, for callers that did not find() since a change."""
        raise NotImplementedError

    def data_version(self) -> int:
        """Differs from its last value exactly when another connection has committed meanwhile."""
        raise NotImplementedError

    def orders_after(self, order_id: int) -> list[Order]:
        """Orders newer than `order_id`, oldest first."""
        raise NotImplementedError

    def newest_order(self) -> int:
        """The id of the newest order, 0 when there is none."""
        raise NotImplementedError

    def actions_after(self, action_id: int, limit: int = 100) -> list[OperatorAction]:
        """Operator actions newer than `action_id`, oldest first."""
        raise NotImplementedError

    def close(self) -> None:
        """Under the writers' flock: the last connection to close checkpoints."""
        raise NotImplementedError
