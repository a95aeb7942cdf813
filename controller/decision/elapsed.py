"""How long ago something happened, by the monotonic clock where the boot is the same."""

from controller.decision.presence import Passage
from controller.model.moment import Moment


def within(passage: Passage, now: Moment, seconds: int) -> bool:
    """For another boot only wall clocks can be compared; a time in the future does not count as within."""
    if passage.boot == now.boot:
        ms: float = now.mono_ms - passage.mono_ms
    else:
        ms = (now.utc - passage.utc).total_seconds() * 1000
    return 0 <= ms <= seconds * 1000
