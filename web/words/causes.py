"""Causes in words: codes of the journal outside the enums of the model."""

from collections.abc import Mapping

from controller.errors import N_
from controller.model.events import EventType
from controller.model.registry_mark import RollbackCause
from web.words.words import Words

SEAL_CAUSES: Mapping[str, str] = {
    "events": N_("100 records since the previous checkpoint"),
    "hour": N_("an hour has passed"),
    "stop": N_("the door service was stopped"),
    "month": N_("the end of the month"),
    "key": N_("the signing key was replaced"),
    "asked": N_("requested, or needed for an export"),
}
KEY_CAUSES: Mapping[str, str] = {
    "started": N_("first key of the log"),
    "restored": N_("log restored from a backup"),
    "boot": N_("the controller was started"),
    "day": N_("24 hours have passed"),
    "lost": N_("the previous key was lost"),
}


SILENCE_CAUSES: Mapping[str, str] = {
    "service_stopped": N_("The door service was stopped."),
    "restarted": N_("The door service ended without a record and restarted."),
    "booted": N_("The controller stopped without a record (power cut or crash) and restarted."),
    "journal_failed": N_("The log could not be written."),
    "unexplained": N_("Unexplained: the door service was running and recorded nothing."),
}
CARD_KEY_CAUSES: Mapping[str, str] = {
    "no_private_key": N_("the door's private key is not there, or cannot be read"),
    "another_door": N_("the keys are wrapped to another door's key pair"),
    "damaged": N_("a wrapped key is damaged, or belongs to another badge"),
    "weak": N_("a key is a default key, or too simple"),
}
ROLLBACK_CAUSES: Mapping[str, str] = {
    RollbackCause.OLDER: N_("it lacks changes that the log holds"),
    RollbackCause.REWRITTEN: N_("its newest actions are others than those in the log"),
    RollbackCause.UNKNOWN_REGISTRY: N_("it is another list, which nobody has accepted"),
}
FAILURE_CAUSES: Mapping[str, str] = {
    "eio": N_("the disk reports errors"),
    "disk_full": N_("the disk is full"),
    "read_only": N_("the disk became read-only, as happens after errors"),
    "locked": N_("another program holds the log's file"),
    "corrupt": N_("the log's file is damaged"),
    "lost_records": N_("the disk lost records that it had acknowledged"),
    "cannot_open": N_("the log's file is missing or cannot be opened"),
    "replaced": N_("the log's file was exchanged or removed"),
    "newer": N_("a later version of Genkan wrote the log's file"),
}
OF_THE_LOG = frozenset({EventType.JOURNAL_FAILED, EventType.PRESENCE_UNKNOWN})  # their cause is one of these


def cause_text(words: Words, keys: Mapping[str, str], code: str) -> str:
    """Return an unknown code unchanged; a newer program may have written it."""
    return words.translate(keys[code]) if code in keys else code
