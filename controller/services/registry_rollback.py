"""Whether the registry continues the log, for requests that wait until somebody has accepted it."""

from controller.errors import N_, Conflict
from controller.model.registry_mark import rollback_cause
from controller.registry.database import Connection
from controller.registry.history import found_registry
from controller.registry.schema import SCHEMA
from controller.services.site import Site


def is_rolled_back(site: Site, db: Connection) -> bool:
    """Whether somebody put an older or another registry in place of the accepted one.

    Raise a GenkanError where the log cannot be read.
    """
    mark = site.journal.registry_mark()
    return mark is not None and rollback_cause(mark, found_registry(db, SCHEMA, mark, site.key)) is not None


def must_be_accepted() -> Conflict:
    """The refusal until then."""
    return Conflict(
        N_(
            "The list of badges was replaced by an older or another one; an administrator must accept it "
            "first."
        )
    )
