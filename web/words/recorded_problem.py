"""The problem that a record names, as a sentence for the log and the alarms."""

from controller.model.events import EventType
from controller.model.recorded_rights import SubjectKind
from controller.services.log.entry_log import LogEntry
from web.words.codes import code_message_key
from web.words.config_problem_words import config_problem_text
from web.words.reader_problem_words import problem_text
from web.words.words import Words


def recorded_problem(entry: LogEntry, words: Words) -> str:
    """The sentence for the problem of a record, or what its alarm is about; empty if it has none.

    A record of an earlier version has a sentence in place of the code: it is returned unchanged.
    """
    if entry.type == EventType.RIGHTS_UNACCOUNTED:
        kind = str(entry.codes.get("subject", "")).partition(":")[0]
        return words.translate(code_message_key(SubjectKind, kind))
    details = entry.details or {}
    problem = details.get("problem")
    if not isinstance(problem, str):
        return ""
    if entry.type == EventType.CONFIG_DAMAGED:
        return config_problem_text(words, problem, details)
    return problem_text(words, problem, details, entry.reader or "")
