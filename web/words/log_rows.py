"""One record of the log in the words of the page: who, where, what and why, with a sign."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from controller.errors import N_
from controller.model.access import Direction
from controller.model.credentials import Assurance
from controller.model.events import EventType, Json, Outcome
from controller.model.moment import ClockState
from controller.model.orders import ActionType, OrderType
from controller.model.reasons import DenyReason, ErasureRefusal, OrderRefusal
from controller.services.explain.record import is_explainable
from controller.services.log.entry_log import LogEntry
from web.rules.order import ADVICE
from web.words.change_rows import differences, operator_text
from web.words.codes import ENTRY_ASSURANCES, code_message_key, message_key, warning_message_key
from web.words.log_remarks import remarks
from web.words.recorded_problem import recorded_problem
from web.words.words import Words

GOOD, BAD, WARN, CALM = "good", "bad", "warn", "calm"
SIGNS = {GOOD: "✓", BAD: "✕", WARN: "▲", CALM: ""}
_MOODS: dict[str, str] = {
    EventType.ACCESS_GRANTED: GOOD,
    EventType.ACCESS_DENIED: BAD,
    EventType.DOOR_FORCED_OPEN: WARN,
    EventType.DOOR_HELD_OPEN_WARNING: WARN,
    EventType.DOOR_HELD_OPEN: WARN,
    EventType.DOOR_CONTACT_FLAPPING: WARN,
    **dict.fromkeys((event for event in ADVICE if isinstance(event, EventType)), WARN),
    EventType.BADGE_NOT_PROVED: WARN,
    EventType.BADGE_HALF_ISSUED: WARN,
    EventType.REX_STUCK: WARN,
    EventType.REX_WITHOUT_OPENING: WARN,
    EventType.DOOR_DOES_NOT_OPEN: WARN,
    EventType.FIRE_STARTED: WARN,
    EventType.READER_OFFLINE: WARN,
    EventType.READER_TAMPER: WARN,
    EventType.READER_POWER_FAILED: WARN,
    EventType.READER_OUTPUT_FAILED: WARN,
    EventType.READER_INSTALL_CLOSED: WARN,
    EventType.READER_INSTALL_FAILED: WARN,
    EventType.ORDER_REFUSED: WARN,
    EventType.CLOCK_SET_BACK: WARN,
    EventType.CLOCK_JUMPED: WARN,
    EventType.CLOCK_LEAPT: WARN,
    EventType.REGISTRY_UNREADABLE: WARN,
    EventType.CARD_NUMBER_KEY_UNREADABLE: WARN,
    EventType.LOG_RESTORED: WARN,
    EventType.CONFIG_DAMAGED: WARN,
    EventType.JOURNAL_HELD: WARN,
    EventType.RESERVE_RELEASED: WARN,
    EventType.RESERVE_FAILED: WARN,
    EventType.DATA_NOT_KEPT: WARN,
    EventType.STATE_DAMAGED: WARN,
    EventType.LOG_MISSING: WARN,
    EventType.SERVICE_RESTARTS_OFTEN: WARN,
    EventType.JOURNAL_FAILED: WARN,
    EventType.PRESENCE_UNKNOWN: WARN,
    EventType.REGISTRY_COPY_OLD: WARN,
    EventType.REGISTRY_ROLLED_BACK: WARN,
    EventType.RIGHTS_DIFFER: WARN,
    EventType.LOCKDOWN_DOUBTFUL: WARN,
    EventType.ORDER_FORGED: WARN,
    EventType.RIGHTS_UNACCOUNTED: WARN,
    EventType.ACTIONS_NOT_COPIED: WARN,
    EventType.ERASURE_REFUSED: WARN,
}
_ACTIONS = frozenset({EventType.OPERATOR_ACTION, EventType.ERASURE_PENDING})
_MERGED_TAPS = frozenset({EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED})
_REFUSALS: Mapping[str, type[Enum]] = {
    EventType.ORDER_REFUSED: OrderRefusal,
    EventType.ORDER_FORGED: OrderRefusal,
    EventType.ERASURE_REFUSED: ErasureRefusal,
}
_REASONS = frozenset(DenyReason)


class LogRow(NamedTuple):  # quicker to make than a frozen dataclass; a page has a hundred
    seq: int
    iso: str
    moment: str
    clock_doubtful: bool
    true_moment: str  # resolved later; "" if the recorded time is right or the true one unknown
    who: str
    person: str | None
    badge: str
    proved: str  # what the card proved at an entry; empty for an exit, which needs no proof
    proved_long: str
    where: str
    direction: str
    mood: str
    sign: str
    what: str
    why: str
    explained: bool  # the rules decided on this record


def log_row(entry: LogEntry, words: Words, true_utc: datetime | None = None) -> LogRow:
    assurance = _assurance(entry)
    mood = _MOODS.get(entry.type, CALM)
    doubtful = entry.clock == ClockState.UNTRUSTED
    return LogRow(
        seq=entry.seq,
        iso=entry.utc.isoformat(),
        moment=words.moment(entry.utc),
        clock_doubtful=doubtful,
        true_moment="" if true_utc is None or not doubtful else words.moment(true_utc),
        who=_who(entry, words),
        person=entry.person,
        badge=_detail(entry, "last_four"),
        proved="" if assurance is None else words.translate(ENTRY_ASSURANCES[assurance]),
        proved_long="" if assurance is None else words.translate(message_key(assurance)),
        where=_where(entry, words),
        direction=words.translate(code_message_key(Direction, entry.direction)),
        mood=mood,
        sign=SIGNS[mood],
        what=_what(entry, words),
        why=_why(entry, words),
        explained=is_explainable(entry),
    )


def _assurance(entry: LogEntry) -> Assurance | None:
    if entry.type != EventType.ACCESS_GRANTED or entry.direction != Direction.IN:
        return None
    return next((one for one in Assurance if one == entry.assurance), None)


def _who(entry: LogEntry, words: Words) -> str:
    """Return the person's name at that time, else the account's."""
    if name := _detail(entry, "name"):
        return name
    if entry.person and (entry.erased or entry.type == EventType.PERSON_ERASED):
        return words.translate(N_("(erased)"))
    return operator_text(entry.actor, _detail(entry, "operator"), words)


def _where(entry: LogEntry, words: Words) -> str:
    """The door; its direction is beside it. Without a door, the place of the reader."""
    return words.place(entry.door or entry.access_point or words.readers.get(entry.reader or ""))


def _detail(entry: LogEntry, key: str) -> str:
    value = (entry.details or {}).get(key)
    return value if isinstance(value, str) else ""


def _code(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: Json) -> list[str]:
    return value.split(",") if isinstance(value, str) and value else []


def _what(entry: LogEntry, words: Words) -> str:
    if entry.type in _ACTIONS and "action" in entry.codes:
        return words.translate(code_message_key(ActionType, _code(entry.codes.get("action"))))
    if entry.type == EventType.ACCESS_OUTCOME:
        return words.translate(code_message_key(Outcome, entry.result))
    what = words.translate(code_message_key(EventType, entry.type))
    if entry.type in (EventType.ORDER_DONE, EventType.ORDER_REFUSED) and "order_type" in entry.codes:
        order = words.translate(code_message_key(OrderType, _code(entry.codes.get("order_type"))))
        return f"{order}: {what}"
    return what


def _why(entry: LogEntry, words: Words) -> str:
    """Return the reasons in words, what the rules noted for an exit, and how many taps were merged."""
    reasons = []
    if entry.reason and entry.type != EventType.ACCESS_WAITING:  # the result contains it
        kind = _REFUSALS.get(entry.type, DenyReason)
        reasons.append(words.translate(code_message_key(kind, entry.reason)))
    if entry.codes:
        reasons.extend(_code_reasons(entry, words))
    if entry.type in _ACTIONS:
        details = entry.details or {}
        before, after = details.get("before"), details.get("after")
        about = _code(entry.codes.get("object_type"))
        reasons.extend(d.line for d in differences(before, after, about, words))
    reasons.extend(remarks(entry, words))
    reasons.extend(text for text in (recorded_problem(entry, words), _detail(entry, "reason")) if text)
    return " · ".join(reasons)


def _code_reasons(entry: LogEntry, words: Words) -> Iterator[str]:
    codes = entry.codes
    if warnings := _list(codes.get("warning")):
        noticed = words.join_list(words.translate(warning_message_key(code)) for code in warnings)
        outward = entry.direction == Direction.OUT and not _REASONS.isdisjoint(warnings)
        key = N_("Leaving is always allowed; noted: {reason}") if outward else N_("Noted: {reason}")
        yield words.translate(key, reason=noticed)
    if observed := _list(codes.get("observed")):
        noticed = words.join_list(words.translate(code_message_key(DenyReason, code)) for code in observed)
        yield words.translate(N_("Observed only; would have been refused: {reason}"), reason=noticed)
    if codes.get("with"):
        yield words.translate(N_("Together with a second person"))
    if codes.get("presence_unknown"):
        yield words.translate(N_("The door did not know yet who was inside"))
    count = codes.get("count") if entry.type in _MERGED_TAPS else None
    if isinstance(count, int) and count > 1:
        yield words.translate(N_("{count} taps within a second"), count=count)
    if isinstance(of := codes.get("of"), int):
        yield words.translate(N_("of No. {number}"), number=of)
