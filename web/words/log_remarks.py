"""A record's codes in words, beside its reason: keys, causes, ages, clock steps, records kept in memory."""

from collections.abc import Iterator
from datetime import timedelta

from controller.errors import N_
from controller.model.access import StandsReleased
from controller.model.events import EventType, Json
from controller.model.unproved import Unproved
from controller.services.log.entry_log import LogEntry
from web.words.causes import (
    CARD_KEY_CAUSES,
    FAILURE_CAUSES,
    KEY_CAUSES,
    OF_THE_LOG,
    ROLLBACK_CAUSES,
    cause_text,
)
from web.words.codes import code_message_key
from web.words.door_modes import mode_remarks
from web.words.months import parse_month
from web.words.words import Words

_CLOCK = frozenset(
    {EventType.CLOCK_SET_BACK, EventType.CLOCK_JUMPED, EventType.CLOCK_LEAPT, EventType.CLOCK_CORRECTED}
)
_REGISTRY_COPY = frozenset({EventType.REGISTRY_UNREADABLE, EventType.REGISTRY_COPY_OLD})
_LOG_KEYS = frozenset({EventType.LOG_STARTED, EventType.LOG_KEY_ADDED, EventType.LOG_RESTORED})


def remarks(entry: LogEntry, words: Words) -> Iterator[str]:
    codes = entry.codes
    if not codes and not entry.erased and entry.type != EventType.JOURNAL_HELD:
        return  # most records have none
    if entry.type in _LOG_KEYS:
        yield from _key_remarks(codes, words)
    elif entry.type in _CLOCK and (moved := _number(codes, "moved_ms")) is not None:
        key = N_("{time} back") if moved < 0 else N_("{time} ahead")
        yield words.translate(key, time=words.length(timedelta(milliseconds=abs(moved))))
    elif entry.type in OF_THE_LOG:
        yield from _failure_remarks(entry, words)
    elif entry.type == EventType.CARD_KEYS_UNUSABLE and isinstance(cause := codes.get("cause"), str):
        yield cause_text(words, CARD_KEY_CAUSES, cause)
    elif entry.type == EventType.JOURNAL_HELD and (holder := _text(entry.details or {}, "held_by")):
        yield holder
    elif entry.type == EventType.JOURNAL_RELEASED and (held := _number(codes, "held_ms")) is not None:
        yield words.translate(N_("after {time}"), time=words.length(timedelta(milliseconds=max(held, 0))))
    elif entry.type in (EventType.JOURNAL_RECOVERED, EventType.PRESENCE_KNOWN):
        yield from _release_end_remarks(codes, words)
    elif entry.type in _REGISTRY_COPY and (age := _number(codes, "copy_age_ms")) is not None:
        length = words.age(timedelta(milliseconds=age))
        yield words.translate(N_("the copy is {age} old"), age=length)
    elif entry.type == EventType.REGISTRY_UNREADABLE:
        yield words.translate(N_("there is no copy, so the doors admit nobody"))
    elif entry.type == EventType.PERSON_ERASED and (records := _number(codes, "records")) is not None:
        yield words.translate(N_("records about this person: {count}"), count=f"{records:,}")
    elif entry.type == EventType.DOOR_MODE_CHANGED:
        yield from mode_remarks(codes, words)
    elif entry.type == EventType.REGISTRY_ROLLED_BACK and (cause := _text(codes, "cause")):
        yield cause_text(words, ROLLBACK_CAUSES, cause)
    elif entry.type in (EventType.RIGHTS_DIFFER, EventType.RIGHTS_AGREE):
        is_registry = codes.get("where") == "registry"
        yield words.translate(N_("in the list of badges") if is_registry else N_("in the log’s own table"))
        yield from _differing_remarks(codes, words)
    elif entry.type == EventType.RIGHTS_UNACCOUNTED:
        yield from _differing_remarks(codes, words)
        yield from _further_remarks(codes, words)
    elif entry.type == EventType.ORDER_FORGED:
        yield from _further_remarks(codes, words)
    elif entry.type == EventType.ACTION_FORGED and (count := _number(codes, "count")) is not None:
        yield words.translate(N_("rows of another program: {count}"), count=f"{count:,}")
    elif entry.type == EventType.REGISTRY_ROLLBACK_ENDED:
        was_accepted = codes.get("how") == "accepted"
        yield words.translate(
            N_("an administrator accepted the list as it is")
            if was_accepted
            else N_("the list that the log knows is back")
        )
    elif entry.type == EventType.LOCKDOWN_DOUBTFUL:
        begun = codes.get("log_says") == "begun"
        yield words.translate(
            N_("started, according to the log") if begun else N_("ended, according to the log")
        )
        if (area := _text(codes, "area")) and area != "*":
            yield area
    elif entry.type == EventType.MONTH_REMOVED:
        yield from _month_remarks(codes, words)
    if (unproved := _text(codes, "unproved")) and unproved != Unproved.HALF_ISSUED:  # the reason contains it
        yield words.translate(code_message_key(Unproved, unproved))
    if codes.get("pin") == "right":
        yield words.translate(N_("with PIN"))
    elif codes.get("pin") == "not_set":
        yield words.translate(N_("This person has no PIN; set one on the person’s page."))
    if by := _text(codes, "stands_released"):
        yield words.translate(code_message_key(StandsReleased, by))
    if codes.get("again"):
        yield words.translate(N_("Copied again from the accepted list; it changes nothing"))
    if codes.get("volatile"):
        yield words.translate(N_("Kept in memory while the log could not be written"))
    if codes.get("registry_copy"):
        yield words.translate(N_("Decided with a copy of the list of badges"))
    if entry.erased and not entry.person:
        yield words.translate(N_("(names and texts erased)"))


def _key_remarks(codes: dict[str, Json], words: Words) -> Iterator[str]:
    if (number := _number(codes, "key_number")) is not None:
        yield words.translate(N_("Key {number}"), number=number)
    if cause := _text(codes, "cause"):
        yield cause_text(words, KEY_CAUSES, cause)
    if (size := _number(codes, "restored_size")) is not None:
        yield words.translate(N_("the backup contained records No. 1 to {size}"), size=f"{size:,}")


def _differing_remarks(codes: dict[str, Json], words: Words) -> Iterator[str]:
    if (count := _number(codes, "subjects_count")) is not None:
        yield words.translate(N_("people, badges, levels and rules that differ: {count}"), count=f"{count:,}")


def _further_remarks(codes: dict[str, Json], words: Words) -> Iterator[str]:
    if (count := _number(codes, "count")) is not None:
        yield words.translate(N_("one alarm for {count} further cases within a minute"), count=f"{count:,}")


def _failure_remarks(entry: LogEntry, words: Words) -> Iterator[str]:
    if cause := _text(entry.codes, "cause"):
        yield cause_text(words, FAILURE_CAUSES, cause)
    if holder := _text(entry.details or {}, "held_by"):
        yield holder
    if entry.codes.get("restarted"):
        yield words.translate(N_("the door restarted before the log could be written"))
    yield from _numbers(entry.codes)


def _release_end_remarks(codes: dict[str, Json], words: Words) -> Iterator[str]:
    if (failed := _number(codes, "failed_ms")) is not None:
        length = words.length(timedelta(milliseconds=max(failed, 0)))
        yield words.translate(N_("after {time}"), time=length)
    for name, key in (
        ("kept", N_("kept in memory, now written: {count}")),
        ("remembered", N_("admitted meanwhile: {count}")),
        ("dropped", N_("lost: {count}")),
    ):
        if count := _number(codes, name):
            yield words.translate(key, count=f"{count:,}")


def _month_remarks(codes: dict[str, Json], words: Words) -> Iterator[str]:
    if first_day := parse_month(_text(codes, "month")):
        yield words.month(first_day)
    yield from _numbers(codes)
    if (count := _number(codes, "count")) is not None:
        yield words.translate(N_("{count} records; their fingerprints remain"), count=f"{count:,}")


def _numbers(codes: dict[str, Json]) -> Iterator[str]:
    first, last = _number(codes, "first"), _number(codes, "last")
    if first is not None and last is not None:
        yield f"No. {first:,} – {last:,}"


def _number(codes: dict[str, Json], key: str) -> int | None:
    value = codes.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(codes: dict[str, Json], key: str) -> str:
    value = codes.get(key)
    return value if isinstance(value, str) else ""
