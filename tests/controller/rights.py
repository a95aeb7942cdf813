"""Puts what a test has written into a registry on the record, as the registrar does at its first start."""

import contextlib

from controller.journal.rights import RightsInForce
from controller.model.access import RightsState
from controller.services.found_rights import record_found
from controller.services.site import Site
from tests.controller.site import Door
from tests.waiting import until


def record_rights(site: Site) -> None:
    """From now on a door compares the rights of each tap with its log."""
    record_found(site, site.now())


def wait_until_on_record(door: Door) -> None:
    """Until the log of a running door has all that `record_rights` recorded."""
    log = door.site.config.data / "journal" / "journal.db"
    with contextlib.closing(RightsInForce(log)) as rights:
        until(lambda: rights.compare([]).state is RightsState.IN_FORCE)
