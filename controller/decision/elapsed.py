"""How long ago something was, by the clock that never goes back where that can be known."""

from controller.decision.presence import Passage
from controller.model.moment import Moment


def within(passage: Passage, now: Moment, seconds: int) -> bool:
    """Of another boot only the wall clocks can be compared; what would lie ahead was not within."""
    if passage.boot == now.boot:
        ms: float = now.mono_ms - passage.mono_ms
    else:
        ms = (now.utc - passage.utc).total_seconds() * 1000
    return 0 <= ms <= seconds * 1000
