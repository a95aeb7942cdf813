"""A door's mode in words: the next mode on the doors page, the cause of a change in the log."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from controller.errors import N_
from controller.model.events import Json
from controller.model.rule_book import DoorMode
from controller.services.doors.modes import DoorModeNow, HeldBack
from web.words.codes import code_message_key, message_key
from web.words.times import local_day
from web.words.words import Words

_CAUSES: Mapping[str, str] = {
    "start": N_("at the start of the door service"),
    "publish": N_("because rules were published"),
    "schedule": N_("by its schedule"),
    "first_person": N_("because the first person has come in"),
    "clock": N_("because of the clock"),
    "presence": N_("because the door knows again who is inside"),
}
_INTERLOCK = N_("not unlocked yet, because another door of the interlock is open or released")
_INTERLOCK_ENDED = N_("because the other door of the interlock is closed and secured")
_LOG = N_("because the log could not record the unlocking")
_LOG_ENDED = N_("because the log can be written again")
_LOCKDOWN_BEGUN, _LOCKDOWN_ENDED = N_("because of the lockdown"), N_("because the lockdown has ended")


def mode_text(now: DoorModeNow, utc: datetime, words: Words) -> str:
    """Return what delays the mode, when it ends, and the next mode."""
    parts = [] if now.held_back is None else [words.translate(message_key(now.held_back))]
    if now.then is not None:
        same_day = local_day(now.then.utc, words.zone) == local_day(utc, words.zone)
        when = words.minute(now.then.utc)
        time = when.partition(" ")[2] if same_day else when
        mode = words.translate(message_key(now.then.mode))
        parts.append(words.translate(N_("until {time}, then: {mode}"), time=time, mode=mode))
    return " · ".join(parts)


def mode_remarks(codes: Mapping[str, Json], words: Words) -> Iterator[str]:
    """Yield the words of a record about a change of mode."""
    modes = [codes.get(name) for name in ("before", "mode")]
    yield " → ".join(
        words.translate(code_message_key(DoorMode, mode)) for mode in modes if isinstance(mode, str)
    )
    cause = codes.get("cause")
    if cause == "interlock":
        ended = codes.get("mode") == DoorMode.UNLOCKED
        yield words.translate(_INTERLOCK_ENDED if ended else _INTERLOCK)
    elif cause == "log":
        ended = codes.get("mode") == DoorMode.UNLOCKED
        yield words.translate(_LOG_ENDED if ended else _LOG)
    elif cause == "lockdown":
        ended = codes.get("mode") == DoorMode.UNLOCKED
        yield words.translate(_LOCKDOWN_ENDED if ended else _LOCKDOWN_BEGUN)
    elif isinstance(cause, str) and cause in _CAUSES:
        yield words.translate(_CAUSES[cause])
    held_back = codes.get("held_back")
    if isinstance(held_back, str) and held_back != cause:
        yield words.translate(code_message_key(HeldBack, held_back))
