"""A request about an account changes registry.db and accounts.db, both or neither.

The registry's commit decides. `read` first applies what the registry has decided and a killed process, or a
full disk, has not; so everything reads accounts.db by it. While the disk takes no write, it applies that to a
copy in memory: a disabled account is out, and the others go on.
"""

import contextlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controller.errors import GenkanError, InstallerError
from controller.registry import account_changes
from controller.registry.accounts import pending
from controller.registry.accounts.database import Accounts, accounts_file
from controller.registry.accounts.pending import AccountChange
from controller.registry.database import Connection, new_reference

if TYPE_CHECKING:
    from controller.services.site import Site

log = logging.getLogger(__name__)


@dataclass(slots=True)
class BothFiles:
    """`registry` is within a write transaction; `change` is what the caller wants of accounts.db with it."""

    registry: Connection
    change: AccountChange | None = None


@contextmanager
def write(site: "Site") -> Iterator[BothFiles]:
    """One transaction of the registry, with a change of accounts.db that holds exactly if it commits.

    No error once the registry has committed: a change that cannot be applied yet is applied by `read`.
    """
    id_, is_prepared = new_reference(), False
    try:
        with site.registry.write() as db:
            both = BothFiles(db)
            yield both
            if both.change is not None:
                with site.accounts.write() as accounts:
                    pending.add(accounts, id_, both.change)
                    waiting = pending.ids(accounts)
                is_prepared = True
                account_changes.decide(db, id_, waiting)
    except BaseException:
        if is_prepared:
            with contextlib.suppress(GenkanError):  # the next start finds what is left
                _settle(site, undecided=id_)
        raise
    try:
        _settle(site)
    except InstallerError as error:
        log.warning("a change that the registry holds waits for accounts.db: %s", error)


@contextmanager
def read(site: "Site") -> Iterator[Connection]:
    """One snapshot of accounts.db."""
    with site.accounts.read() as db:
        waiting = pending.ids(db)
        if not waiting:
            yield db
            return
    with contextlib.suppress(InstallerError):
        _settle(site)
    with site.registry.read() as registry:
        decided = account_changes.decided(registry)
    with site.accounts.read() as db:
        if decided.isdisjoint(pending.ids(db)):
            yield db
            return
    with pending.settled_copy(site.accounts, decided) as db:
        yield db


@contextmanager
def write_accounts(site: "Site") -> Iterator[Connection]:
    """A transaction of accounts.db alone. It changes what `read` shows, so it settles or raises first."""
    _settle(site)
    with site.accounts.write() as db:
        yield db


def check(data: Path) -> bool:
    """Whether this user may read accounts.db. Raise a GenkanError that names what is wrong with it."""
    file = accounts_file(data / "registry" / "registry.db")
    if os.path.lexists(file) and not os.access(file, os.R_OK):
        return False
    Accounts(file).check()
    return True


def settle_at_start(site: "Site") -> None:
    """Apply the decided changes and drop the others, which a killed process left.

    An accounts.db that cannot be used keeps nobody from anything else.
    """
    try:
        with site.accounts.read() as db:
            if not pending.ids(db):
                return
        with site.registry.housekeeping() as db, site.accounts.write() as accounts:
            pending.settle(accounts, account_changes.decided(db))
            for id_ in pending.ids(accounts):
                pending.drop(accounts, id_)
    except GenkanError as error:
        log.warning("%s", error)


def _settle(site: "Site", undecided: str = "") -> None:
    """Apply the decided changes, and drop `undecided` unless it is one of them."""
    with site.accounts.read() as accounts:
        waiting = set(pending.ids(accounts))
    if not waiting:
        return
    with site.registry.read() as db:
        decided = account_changes.decided(db)
    if not waiting & (decided | {undecided}):
        return
    with site.accounts.write() as accounts:
        pending.settle(accounts, decided)
        pending.drop(accounts, undecided)
