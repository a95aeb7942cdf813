"""An open alarm in words: what happened, where and when, who went through before it, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.config.log import Log
from controller.errors import N_
from controller.model.events import EventType
from controller.model.reasons import ErasureRefusal
from controller.services.doors.alarms import AcknowledgedAlarm, Alarm
from controller.services.log.entry_log import LogEntry
from web.rules.order import ADVICE
from web.words.causes import FAILURE_CAUSES, OF_THE_LOG, cause_text
from web.words.codes import code_message_key
from web.words.recorded_problem import recorded_problem
from web.words.unaccounted_rights import effect_at_doors
from web.words.words import Words

HALF_ISSUED_TODO = N_(
    "Put the card on the reader of the issuing station, run `genkan issue card` again to finish it, then "
    "import the file. Or cut the card in two and enrol another. Until then the card opens no door on the "
    "way in."
)
WHAT_TO_DO: Mapping[EventType, str] = {
    EventType.DOOR_FORCED_OPEN: N_(
        "Check on site: the door was opened without a badge and without the exit button. Make sure that "
        "it closes and locks, and find out who entered."
    ),
    EventType.DOOR_HELD_OPEN: N_(
        "Close the door. Make sure that nothing blocks it and that nobody entered unseen."
    ),
    EventType.DOOR_CONTACT_FLAPPING: N_(
        "Check the door: its contact or wire is loose, or the door rattles. Until it is repaired, a "
        "break-in may go unnoticed."
    ),
    EventType.DURESS: N_(
        "Call for help as agreed, and warn anyone who may come to the door. Do not call this person: "
        "nobody there should notice that you know."
    ),
    **{event: key for event, key in ADVICE.items() if isinstance(event, EventType)},
    EventType.BADGE_NOT_PROVED: N_(
        "Ask this person to show the badge. If they have it and it opens no door, issue it again. If "
        "they do not have it, report it lost. Somebody may have a copy."
    ),
    EventType.BADGE_HALF_ISSUED: HALF_ISSUED_TODO,
    EventType.REX_WITHOUT_OPENING: N_(
        "Check on site: somebody may be trying to trigger the exit button or detector from outside. If "
        "people only pass by the detector, move it, or allow more requests in genkan.toml "
        "(rex_without_opening; presses within ten seconds of the first count as one request)."
    ),
    EventType.DOOR_DOES_NOT_OPEN: N_(
        "Test the door on site: check that the lock really releases, and that the page “Doors” shows the "
        "door as open when it is. If not, the contact is covered, loose or stuck, and a break-in would "
        "go unnoticed."
    ),
    EventType.REX_STUCK: N_(
        "Free the exit button. Leaving still works, but where the button releases the lock, the door "
        "stays unlocked until then."
    ),
    EventType.FIRE_STARTED: N_(
        "Follow the fire instructions. All doors are released; find out why, and who is inside."
    ),
    EventType.READER_OFFLINE: N_(
        "Check that the reader is in place, and check its cable and its power supply."
    ),
    EventType.READER_TAMPER: N_(
        "Check on site: somebody opened the reader or removed it from the wall. Check that nothing was "
        "inserted."
    ),
    EventType.READER_POWER_FAILED: N_("Have the reader's power supply checked before the reader stops."),
    EventType.READER_OUTPUT_FAILED: N_(
        "The lock of this door is wired to the reader, and the reader cannot release it, so nobody can "
        "enter. Wire the lock to the controller (lock_pin), or install a reader with a relay."
    ),
    EventType.LOG_KEY_PROBLEM: N_(
        "Copy the log's key from the page “Proof of the log” and keep it with the first key. Find out "
        "who had access to the controller."
    ),
    EventType.CARD_NUMBER_KEY_UNREADABLE: N_(
        "Put keys/shared/card_number.key back from a backup and run `genkan check` on the controller. Until "
        "then the doors refuse every badge on the way in; everyone can leave."
    ),
    EventType.REGISTRY_UNREADABLE: N_(
        "Run `genkan check` on the controller: it says what is wrong with the list of badges (registry.db). "
        "Until it is repaired, the doors decide with their last copy, or refuse every badge on the way in if "
        "they have none."
    ),
    EventType.REGISTRY_COPY_OLD: N_(
        "Have the list of badges (registry.db) on the controller repaired. The door does not know badges "
        "that were lost or issued after the copy."
    ),
    EventType.REGISTRY_UNREADABLE: N_(
        "Run `genkan check` on the controller: it names the cause. Until the list of badges can be read "
        "again, the door knows no badge that was issued after its copy. Find out who can write the file."
    ),
    EventType.ORDER_FORGED: N_(
        "Nobody gave this order on the pages or the command line, and the door did nothing. Find out which "
        "program writes the list of badges (registry.db), and who had access to the controller."
    ),
    EventType.REGISTRY_ROLLED_BACK: N_(
        "Open the page “List of badges and log”: it shows what differs. Restore the newest list, or accept "
        "this one as it is. Find out who had access to the controller."
    ),
    EventType.RIGHTS_DIFFER: N_(
        "Open the page “List of badges and log”: it names what differs. Compare it with the last backup; "
        "then correct each on its own page, or accept all of it. If the page shows nothing, somebody changed "
        "the log's own table: verify the log with `genkan log verify`. Find out who had access to the "
        "controller."
    ),
    EventType.LOCKDOWN_DOUBTFUL: N_(
        "Check the page “Lockdown”. After a restore, a lockdown that started after the backup stays "
        "active, and one that ended after the backup is active again. If it is over, end it with a "
        "reason."
    ),
    EventType.PRESENCE_UNKNOWN: N_(
        "Post a supervisor at the entrance until the alarm disappears from the pages: rules that depend "
        "on who is inside refuse nobody. Have the controller's disk checked."
    ),
    EventType.CARD_KEYS_UNUSABLE: N_(
        "If a person is named here, the doors refuse that badge: issue its card again at the station and "
        "import the file. Otherwise run `genkan check` on the controller. Until the fault is repaired, "
        "badges are identified by their number, and doors that require more refuse them."
    ),
    EventType.JOURNAL_FAILED: N_(
        "Have the controller's disk checked before it fails completely. While the log could not be "
        "written, people were refused, or admitted and recorded afterwards. The log shows the start and "
        "the end."
    ),
    EventType.CLOCK_SET_BACK: N_(
        "Run `genkan clock` on the controller. If its clock is wrong, set it. If the log has seen a wrong "
        "time, root corrects that with `genkan clock correct`. Until then, doors refuse badges with a "
        "schedule or an expiry date, if they are set up so."
    ),
    EventType.CLOCK_LEAPT: N_(
        "Compare the controller's clock with another one. If it is wrong, set it, and find out who set it or "
        "which time server it follows. If it is right, run `genkan clock correct` on the controller unless "
        "the kernel calls the clock synchronised (`genkan clock`)."
    ),
    EventType.JOURNAL_HELD: N_(
        "Stop the program that is named here, on the controller, and find out who started it. Until it ends, "
        "the log's file grows, and in the end the disk is full."
    ),
    EventType.RESERVE_RELEASED: N_(
        "Free space on the controller's disk now: the log is using its last 64 MiB, which were reserved "
        "for it."
    ),
    EventType.RESERVE_FAILED: N_(
        "Make sure that the controller's disk has at least 200 MB free: without the reserve, nobody can "
        "enter once the disk is full. If there is enough space, have the disk checked."
    ),
    EventType.DATA_NOT_KEPT: N_(
        "Put the data folder on a partition of its own that keeps data over a restart; `genkan check` names "
        "the file system that it is on now. A restart of the controller may erase the log and all changes."
    ),
    EventType.STATE_DAMAGED: N_(
        "Have the controller's disk checked. The door created the file again. If the log could not be "
        "written before this start, the record of that time is lost; ask people at the door."
    ),
    EventType.LOG_MISSING: N_(
        "Find out who had access to the controller: journal.db was removed. Stop the services, restore the "
        "newest backup with `genkan restore`, and keep the present log as well."
    ),
    EventType.SERVICE_RESTARTS_OFTEN: N_(
        "Read the service log on the controller (`journalctl -u genkan-door`): it names the cause. During a "
        "restart of a few seconds no reader and no exit button wired to the controller works; the door "
        "must open from inside by its handle."
    ),
    EventType.RIGHTS_UNACCOUNTED: N_(
        "Nobody changed this on the pages or the command line. Find out which program writes the list of "
        "badges (registry.db), and who had access to the controller. Compare with the last backup before you "
        "correct it on the page: a change there puts all of it on record."
    ),
    EventType.ACTION_FORGED: N_(
        "A program other than the registrar wrote to the registry. Find out who has access to the "
        "controller, and compare people, badges and accounts with the last backup."
    ),
    EventType.ACTIONS_NOT_COPIED: N_(
        "The door cannot read what operators did, so changes of people, badges and levels open and close "
        "nothing. Read the service log on the controller (`journalctl -u genkan-door`): it names the cause. "
        "Then run `genkan check`."
    ),
    EventType.ERASURE_PENDING: N_(
        "An account requested the permanent erasure of a person. The page “People” shows who, why, and when "
        "it will be done. If it is not right, cancel it there and change the password of that account."
    ),
    EventType.ERASURE_REFUSED: N_(
        "The door erased nothing from the log. Unless the waiting time is the only reason, a program other "
        "than the registrar wrote to the registry. Find out who has access to the controller."
    ),
    EventType.CONFIG_DAMAGED: N_(
        "Correct genkan.toml on the controller, check it with `genkan check`, and restart the services "
        "(`systemctl restart 'genkan-*'`). Until then they use the last valid copy."
    ),
}
_COMPARED = frozenset({EventType.REGISTRY_ROLLED_BACK, EventType.RIGHTS_DIFFER, EventType.RIGHTS_UNACCOUNTED})
_OTHER = N_("Check on site, and write down what you found.")  # for an alarm type of a newer door


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
    compares: bool  # the page that compares the list of badges with the log shows more


@dataclass(frozen=True, slots=True)
class SettledRow:
    seq: int
    what: str
    where: str
    alarm_utc: datetime | None
    utc: datetime
    operator: str
    note: str


def alarm_card(alarm: Alarm, words: Words, log: Log) -> AlarmCard:
    entry, passage = alarm.newest, alarm.passage
    is_known = entry.type in set(EventType)
    name = (passage.details or {}).get("name") if passage is not None else None
    about = (entry.details or {}).get("name")
    return AlarmCard(
        seq=alarm.seq,
        what=words.translate(code_message_key(EventType, entry.type)),
        where=_where(entry, words),
        utc=entry.utc,
        first_utc=alarm.first_utc,
        times=len(alarm.seqs),
        who=name if isinstance(name, str) else "",
        about=about if isinstance(about, str) and entry.person else "",
        person=entry.person if passage is None else passage.person,
        problem=_problem(entry, words),
        compares=entry.type in _COMPARED,
        todo=_what_to_do(EventType(entry.type), words, log) if is_known else words.translate(_OTHER),
    )


def _what_to_do(type_: EventType, words: Words, log: Log) -> str:
    todo = words.translate(WHAT_TO_DO.get(type_, _OTHER))
    if type_ not in _COMPARED:
        return todo
    is_replaced = type_ is EventType.REGISTRY_ROLLED_BACK
    return words.join_sentences([todo, effect_at_doors(words, log, is_replaced=is_replaced)])


def _problem(entry: LogEntry, words: Words) -> str:
    """A record of a log that cannot be written or read has a cause; others may have a problem or a reason."""
    if entry.type == EventType.ERASURE_REFUSED:
        return words.translate(code_message_key(ErasureRefusal, entry.reason))
    cause = entry.codes.get("cause") if entry.type in OF_THE_LOG else None
    if isinstance(cause, str):
        return cause_text(words, FAILURE_CAUSES, cause)
    return recorded_problem(entry, words)


def settled_row(settled: AcknowledgedAlarm, words: Words) -> SettledRow:
    done, entry = settled.acknowledgement, settled.entry
    return SettledRow(
        seq=done.alarm_seq,
        what="" if entry is None else words.translate(code_message_key(EventType, entry.type)),
        where="" if entry is None else _where(entry, words),
        alarm_utc=None if entry is None else entry.utc,
        utc=done.utc,
        operator=done.operator_name,
        note=done.note,
    )


def _where(entry: LogEntry, words: Words) -> str:
    """The door, else the place of the reader; a fire concerns the whole site and has no place."""
    return words.place(entry.door or words.readers.get(entry.reader or "") or entry.reader)
