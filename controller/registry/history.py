"""What tells one state of a registry from another: its id, its version, and its operators' actions."""

import hashlib
import json
import sqlite3

from controller.model.orders import ActionType, OperatorAction
from controller.model.registry_mark import Acceptance, FoundRegistry, RegistryMark
from controller.registry.access_records import meta_of
from controller.registry.door_rows import actions_after, identifying_cells
from controller.registry.schema import FIRST_WITH_RIGHTS

_META = "SELECT registry_version, min_reader, registry_id FROM meta"
_NEWEST = "SELECT coalesce(max(id), 0) FROM operator_actions"
_ACCEPTED_AMONG = 100_000  # the newest actions; a registry is found soon after its acceptance
_ACCEPTED = """
    SELECT id FROM operator_actions WHERE id > ? AND action = ? AND object_id = ? ORDER BY id DESC LIMIT 1"""


def found_registry(
    db: sqlite3.Connection, schema: int, mark: RegistryMark | None, key: bytes | None
) -> FoundRegistry:
    """As of this snapshot. `key`: the card number key, for the MAC of an acceptance."""
    meta = meta_of(db.execute(_META).fetchone())
    newest: int = db.execute(_NEWEST).fetchone()[0]
    acceptance = None
    if mark is not None and mark.registry_id != meta.registry_id and schema >= FIRST_WITH_RIGHTS:
        wanted = (newest - _ACCEPTED_AMONG, ActionType.REGISTRY_ACCEPTED.value, meta.registry_id)
        row = db.execute(_ACCEPTED, wanted).fetchone()
        rows = [] if row is None else actions_after(db, schema, row[0] - 1, limit=1, key=key)
        acceptance = next(filter(None, map(_acceptance, rows)), None)
    return FoundRegistry(
        registry_id=meta.registry_id,
        version=meta.version,
        newest_action=newest,
        marked_hash=None if mark is None else action_hash(db, mark.last_action),
        acceptance=acceptance,
    )


def count_actions_after(db: sqlite3.Connection, action_id: int) -> int:
    count: int = db.execute("SELECT count(*) FROM operator_actions WHERE id > ?", (action_id,)).fetchone()[0]
    return count


def action_hash(db: sqlite3.Connection, action_id: int) -> bytes | None:
    """Of what no erasure changes about this action; None without such an action. A value that cannot be read
    has a hash of its own, so a damaged newest action counts as rewritten.
    """
    cells = identifying_cells(db, action_id)
    if cells is None:
        return None
    text = json.dumps(cells, ensure_ascii=False, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _acceptance(action: OperatorAction) -> Acceptance | None:
    before = (action.before or {}).get("registry")
    return Acceptance(action.id, before) if action.is_authentic and isinstance(before, str) else None
