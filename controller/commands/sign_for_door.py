"""Do the door's work while no door runs: copy operators' actions into the journal and sign the log."""

import os
from collections.abc import Callable
from functools import partial

from controller.config import Config
from controller.errors import InstallerError


def door_part(config: Config) -> Callable[[], None]:
    """Return `stand_in` for a `Signer` (services/log/signing.py); it raises GenkanError if it fails."""
    return partial(_copy_and_sign, config)


def _copy_and_sign(config: Config) -> None:
    from controller.journal.append import Journal
    from controller.journal.seal import CheckpointCause, Sealing
    from controller.registry.card_hash import load_key
    from controller.registry.lookup import Lookup
    from controller.runtime.clock import Clock
    from controller.runtime.copy_actions import ActionCopier

    folder = config.data / "journal"
    _refuse_others(config)
    with Journal.open(folder / "journal.db", config.version) as journal:
        now = Clock(journal.newest_trusted_utc(), newest_synchronised=journal.newest_synchronised_utc()).now
        sealing = Sealing(journal, config.data / "keys", config.site.time_zone)
        keys = config.data / "keys"
        copy = ActionCopier(
            partial(Lookup, config.data / "registry" / "registry.db"), partial(load_key, keys), now
        )
        while copy(journal):
            sealing.seal(now(), CheckpointCause.EVENTS)
        sealing.seal(now(), CheckpointCause.REQUESTED)


def _refuse_others(config: Config) -> None:
    """Refuse another user, root included: the door could not open the files that this user creates."""
    folder = config.data / "journal"
    owner = folder.stat().st_uid
    if os.geteuid() != owner:
        raise InstallerError(
            f"{folder} belongs to the door's user; start the door service, or run this as that user "
            f"(sudo -u '#{owner}' …)."
        )
