"""An exit from an area that others stay in, and the warnings that rules give about it."""

from dataclasses import dataclass

from controller.decision.mix import Mix
from controller.decision.presence import Inside, Presence
from controller.model.reasons import AccessWarning


@dataclass(frozen=True)
class ExitWarning:
    """A warning about an exit. `alarms`: it is also an alarm; rules that only observe raise none."""

    warning: AccessWarning
    alarms: bool = False


@dataclass(frozen=True)
class Exit:
    """`who` leaves; `presence` still has the person inside. The mix of the area `before` and `after`."""

    who: Inside
    presence: Presence
    before: Mix
    after: Mix
