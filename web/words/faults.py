"""Faults of the controller that stop a page, as a code and in words; the error is for the installer."""

from typing import NamedTuple

from controller.errors import (
    N_,
    AwaitingRecovery,
    Busy,
    CorruptDatabase,
    JournalUnavailable,
    NewerDatabase,
    RegistrarNeeded,
    RegistrarUnavailable,
    RegistrarWithoutKey,
)


class ControllerFault(NamedTuple):
    code: str
    key: str


_FAULTS: tuple[tuple[type[Exception], ControllerFault], ...] = (
    (
        AwaitingRecovery,
        ControllerFault(
            "awaiting_recovery", N_("The log can be shown again once the door service has started.")
        ),
    ),
    (
        NewerDatabase,
        ControllerFault(
            "newer_database",
            N_("A newer version of Genkan wrote the data. Install that version or a later one."),
        ),
    ),
    (
        CorruptDatabase,
        ControllerFault(
            "corrupt_database",
            N_("A database on the controller is damaged. Call the person in charge of the controller."),
        ),
    ),
    (
        RegistrarWithoutKey,
        ControllerFault(
            "card_number_key_missing",
            N_(
                "Nothing can be changed now: the key of card numbers (keys/shared/card_number.key) is "
                "missing on the controller. Have it put back from a backup."
            ),
        ),
    ),
    (
        RegistrarUnavailable,
        ControllerFault(
            "registrar_unavailable",
            N_("Nothing can be changed now: the registrar service does not answer. Have it started."),
        ),
    ),
    (
        RegistrarNeeded,
        ControllerFault(
            "registrar_needed",
            N_("The registrar service must prepare the data first. Have it started."),
        ),
    ),
    (
        Busy,
        ControllerFault(
            "registry_busy",
            N_("Nothing was changed: another program holds the registry. Try again when it has finished."),
        ),
    ),
    (
        JournalUnavailable,
        ControllerFault(
            "journal_unavailable", N_("The log cannot be used now. Have the controller's disk checked.")
        ),
    ),
)
_OTHER = ControllerFault(
    "not_available", N_("The controller has a fault. Call the person in charge of the controller.")
)


def fault_of(error: Exception) -> ControllerFault:
    return next((fault for kind, fault in _FAULTS if isinstance(error, kind)), _OTHER)
