"""Do the door's work while no door runs: copy operators' actions into the journal and sign the log."""

from collections.abc import Callable
from functools import partial

from controller.commands.as_owner import as_owner_of, refuse_other_users
from controller.config import Config


def door_part(config: Config) -> Callable[[], None]:
    """Return `stand_in` for a `Signer` (services/log/signing.py); it raises GenkanError if it fails."""
    return partial(_copy_and_sign, config)


def _copy_and_sign(config: Config) -> None:
    from controller.journal.append import Journal
    from controller.journal.seal import CheckpointCause, Sealing
    from controller.registry.card_hash import key_file, load_key
    from controller.registry.lookup import Lookup
    from controller.runtime.clock import Clock
    from controller.runtime.copy_actions import ActionCopier

    folder = config.data / "journal"
    keys = config.data / "keys"
    refuse_other_users(folder)
    with as_owner_of(folder, key_file(keys)), Journal.open(folder / "journal.db", config.version) as journal:
        now = Clock(journal.newest_trusted_utc(), newest_synchronised=journal.newest_synchronised_utc()).now
        sealing = Sealing(journal, keys, config.site.time_zone)
        copy = ActionCopier(
            partial(Lookup, config.data / "registry" / "registry.db"), partial(load_key, keys), now
        )
        while copy(journal):
            sealing.seal(now(), CheckpointCause.EVENTS)
        sealing.seal(now(), CheckpointCause.REQUESTED)
