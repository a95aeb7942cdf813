"""A door that answers whenever an operator waits: what the record thread does when it is woken."""

from collections.abc import Callable
from functools import partial

from controller.journal.seal import CheckpointCause, Sealing
from controller.registry.lookup import Lookup
from controller.runtime.copy_actions import ActionCopier
from controller.services.log.signing import Signer
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW


def signs(door: DoorSide) -> Callable[[], bool]:
    """As `pause`: each moment that is waited, the door copies what operators did and signs."""
    site = door.site
    sealing = Sealing(door.journal, site.config.data / "keys", site.config.site.time_zone)
    copy = ActionCopier(partial(Lookup, site.registry.file), lambda: site.key, lambda: NOW)

    def pause() -> bool:
        while copy(door.journal):
            sealing.seal(NOW, CheckpointCause.EVENTS)
        sealing.seal(NOW, CheckpointCause.REQUESTED)
        return True

    return pause


def signer(door: DoorSide) -> Signer:
    return Signer(lambda: signs(door))


NOBODY = Signer(lambda: lambda: False)
