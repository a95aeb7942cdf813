"""An open alarm in words: what happened, where and when, who went through before it, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.errors import N_
from controller.model.events import EventType
from controller.services.alarms import AcknowledgedAlarm, Alarm
from controller.services.entry_log import LogEntry
from web.language import translate
from web.reader_problem_words import recorded_problem
from web.render import Renderer
from web.words import code_message_key

HALF_ISSUED_TODO = N_(
    "Put the card on the reader of the issuing station and run `genkan issue card` again, which finishes it, "
    "then import the file. Or cut the card in two and enrol another. Until then it opens nothing on the way "
    "in."
)
WHAT_TO_DO: Mapping[EventType, str] = {
    EventType.DOOR_FORCED_OPEN: N_(
        "Go and look: it was opened without a badge and without the exit button. See that it closes and "
        "locks, and find out who came in."
    ),
    EventType.DOOR_HELD_OPEN: N_(
        "Close the door. See that nothing blocks it and that nobody came in unseen."
    ),
    EventType.DOOR_CONTACT_FLAPPING: N_(
        "Look at the door: its contact or the wire is loose, or the leaf rattles. Until it is mended a "
        "break-in may go unnoticed there."
    ),
    EventType.DURESS: N_(
        "Call for help as it was agreed, and warn whoever could come to the door. Do not call this person: "
        "nobody there may notice that you know."
    ),
    EventType.BADGE_NOT_PROVED: N_(
        "Ask this person to show the badge. If they hold it and it opens nothing, have it issued again; if "
        "they do not, report it lost. Somebody may be carrying a copy."
    ),
    EventType.BADGE_HALF_ISSUED: HALF_ISSUED_TODO,
    EventType.LAST_SUPERVISOR_LEFT: N_(
        "Send a supervisor to the floor, or have the people who are still there leave."
    ),
    EventType.LAST_ESCORT_LEFT: N_(
        "Send somebody who may escort visitors, or have the visitors who are still there leave."
    ),
    EventType.STAFF_MIX_LOW: N_(
        "Send supervisors or regular staff, as the staff mix asks for, or have people leave until it holds."
    ),
    EventType.OCCUPANCY_LOW: N_("Send more people, or have the people who are still there leave."),
    EventType.REX_WITHOUT_OPENING: N_(
        "Go and look: somebody may be trying to make the exit button or detector release the door from "
        "outside. If people just pass by the detector, have it moved or allow more in genkan.toml "
        "(rex_without_opening counts requests: presses within ten seconds of the first are one)."
    ),
    EventType.DOOR_DOES_NOT_OPEN: N_(
        "Go and try: see whether the lock really releases, and whether the doors page shows the door open "
        "when it is. If not, the contact is covered, loose or stuck, and a break-in would go unnoticed."
    ),
    EventType.REX_STUCK: N_(
        "Free the exit button. Leaving works all the same, but where the button releases the lock, the door "
        "is not locked until then."
    ),
    EventType.FIRE_STARTED: N_(
        "Follow the fire instructions. All doors are released; find out why, and who is inside."
    ),
    EventType.READER_OFFLINE: N_("See whether the reader is still there, its cable and its supply."),
    EventType.READER_TAMPER: N_(
        "Go and look: somebody opened the reader or took it off the wall. See whether anything was put in."
    ),
    EventType.READER_POWER_FAILED: N_("Have the reader's power supply looked at before it stops."),
    EventType.READER_OUTPUT_FAILED: N_(
        "The lock of this door hangs on the reader, and the reader refuses to release it: nobody is let in. "
        "Wire the lock to the controller (lock_pin), or fit a reader with a relay."
    ),
    EventType.LOG_KEY_PROBLEM: N_(
        "Note the log's key from the page about its proof and keep it with the first one; find out who could "
        "reach the controller."
    ),
    EventType.REGISTRY_COPY_OLD: N_(
        "Have the list of badges (registry.db) on the controller made readable again: badges lost or given "
        "since the copy was made are not known at the door."
    ),
    EventType.LOCKDOWN_DOUBTFUL: N_(
        "Look at the lockdown page: after a restore a lockdown that was begun since the backup stays on, and "
        "one that was ended since is on again. End it with a reason if it is over."
    ),
    EventType.PRESENCE_UNKNOWN: N_(
        "Have a supervisor stand at the entrance until the alarm on every page is gone; the rules that ask "
        "who is inside refuse nobody. Have the controller's disk looked at."
    ),
    EventType.CARD_KEYS_UNUSABLE: N_(
        "Where a person is named, the badge is refused: issue its card again at the station and import the "
        "file. Otherwise run `genkan check` on the controller: until it is mended badges count by their "
        "number, and doors that ask for more refuse them."
    ),
    EventType.JOURNAL_FAILED: N_(
        "Have the controller's disk looked at before it fails for good. While the log could not be written, "
        "people were refused, or let in and recorded afterwards; the log says from when to when."
    ),
    EventType.RESERVE_RELEASED: N_(
        "Free space on the controller's disk now: the log writes into the last 64 MiB, which were set aside "
        "for it."
    ),
    EventType.CONFIG_DAMAGED: N_(
        "Correct genkan.toml on the controller, try it with `genkan check`, and start the two services anew. "
        "Until then they go by the last good copy."
    ),
}
_OTHER = N_("Go and look, and write down what you found.")  # a newer door's alarm


@dataclass(frozen=True, slots=True)
class AlarmCard:
    seq: int
    what: str
    where: str
    utc: datetime
    first_utc: datetime
    times: int
    who: str
    about: str  # the person whom the alarm itself names
    person: str | None
    problem: str
    todo: str


@dataclass(frozen=True, slots=True)
class SettledRow:
    seq: int
    what: str
    where: str
    alarm_utc: datetime | None
    utc: datetime
    operator: str
    note: str


def alarm_card(alarm: Alarm, language: str, renderer: Renderer) -> AlarmCard:
    entry, passage = alarm.newest, alarm.passage
    is_known = entry.type in set(EventType)
    name = (passage.details or {}).get("name") if passage is not None else None
    about = (entry.details or {}).get("name")
    return AlarmCard(
        seq=alarm.seq,
        what=translate(language, code_message_key(EventType, entry.type)),
        where=_where(entry, language, renderer),
        utc=entry.utc,
        first_utc=alarm.first_utc,
        times=len(alarm.seqs),
        who=name if isinstance(name, str) else "",
        about=about if isinstance(about, str) and entry.person else "",
        person=entry.person if passage is None else passage.person,
        problem=recorded_problem(entry, language),
        todo=translate(language, WHAT_TO_DO.get(EventType(entry.type), _OTHER) if is_known else _OTHER),
    )


def settled_row(settled: AcknowledgedAlarm, language: str, renderer: Renderer) -> SettledRow:
    done, entry = settled.acknowledgement, settled.entry
    return SettledRow(
        seq=done.alarm_seq,
        what="" if entry is None else translate(language, code_message_key(EventType, entry.type)),
        where="" if entry is None else _where(entry, language, renderer),
        alarm_utc=None if entry is None else entry.utc,
        utc=done.utc,
        operator=done.operator_name,
        note=done.note,
    )


def _where(entry: LogEntry, language: str, renderer: Renderer) -> str:
    """The door, else the place of the reader; fire is of the whole house and has none."""
    reader = renderer.config.readers.get(entry.reader or "")
    return renderer.label(
        language, entry.door or (reader.access_point if reader else None) or entry.reader or ""
    )
