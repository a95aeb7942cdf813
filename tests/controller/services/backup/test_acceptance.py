"""Accepting a registry, cut before any of its writes: old or new, never half."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller.errors import Conflict, GenkanError
from controller.model.operators import MACHINE, OperatorRole
from controller.registry.database import Connection, before_write
from controller.services.acting import Acting
from controller.services.backup import acceptance
from controller.services.backup.registry_comparison import compare
from controller.services.found_rights import record_found
from controller.services.operators import operators
from controller.services.people import badges
from controller.services.site import Site
from tests.controller.older_registry import EarlierRegistry
from tests.controller.site import Door, admit, running_door
from tests.sample_site import PASSWORD


class Killed(GenkanError):
    """In place of a process that ends."""


@contextmanager
def killed_before_write(number: int) -> Iterator[None]:
    """The process ends as it begins this write, counted from 0."""
    left = number

    def check(db: Connection) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1

    token = before_write.set(check)
    try:
        yield
    except GenkanError:
        pass
    finally:
        before_write.reset(token)


@pytest.mark.parametrize("is_accepted", [False, True])
def test_acceptance_cut_before_any_of_its_writes_is_old_or_new_and_goes_on(
    site: Site, tmp_path: Path, is_accepted: bool
):
    badge = admit(site)
    record_found(site, site.now())
    acting = site.acting(MACHINE)
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        badges.report_lost(acting, badge)
        door.wait_for("operator_action", count=5)
        earlier.restore_files()
        door.wait_for("registry_rolled_back")
        own = site.registry.id()
        found = compare(acting)
        if is_accepted:
            acceptance.begin(acting, found.fingerprint, "as it is")
        else:
            with killed_before_write(0):
                acceptance.accept(acting, found.fingerprint, "as it is")
        assert (site.registry.id() != own) == is_accepted
    with running_door(site) as door:
        assert is_refused(door), "until its rights are recorded, the lost badge stays lost"
        if not is_accepted:
            assert compare(acting).cause is not None
            acceptance.accept(acting, compare(acting).fingerprint, "as it is")
        record_found(site, site.now())  # as the registrar does at its start
        door.wait_for("registry_rollback_ended")
        door.wait_for("operator_action", count=11)
        door.present("entrance-in")
        door.wait_for("access_granted")
        assert compare(acting).differing == 0


def test_older_registry_does_not_decide_who_may_accept_it(site: Site, tmp_path: Path):
    """Somebody whose account was disabled since has the account back in it."""
    machine = site.acting(MACHINE)
    added = [
        operators.add(machine, name, name, OperatorRole.ADMIN, "ja", PASSWORD) for name in ("stays", "leaves")
    ]
    record_found(site, site.now())
    stays, leaves = (Acting(site, one, site.now()) for one in added)
    with running_door(site) as door:
        door.wait_for("operator_action", count=3)
        earlier = EarlierRegistry(site, tmp_path / "earlier")
        operators.disable(machine, leaves.operator.id)
        door.wait_for("operator_action", count=4)
        earlier.restore_files()
        door.wait_for("registry_rolled_back")
        seen = compare(stays).fingerprint
        own = site.registry.id()
        with pytest.raises(Conflict, match="Your account differs from the log"):
            acceptance.accept(leaves, seen, "as it is")
        with pytest.raises(Conflict, match="an administrator must accept it first"):
            operators.set_password(leaves, stays.operator.id, "to sign in as another one")
        assert site.registry.id() == own
        acceptance.accept(stays, seen, "as it is")
        assert site.registry.id() != own
        operators.set_password(stays, leaves.operator.id, "after the acceptance")


def is_refused(door: Door) -> bool:
    door.present("entrance-in")
    return bool(door.wait_for("access_denied"))
