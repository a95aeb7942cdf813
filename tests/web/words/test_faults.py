"""A fault of the controller as a code and in both languages."""

import pytest

from controller.errors import (
    AwaitingRecovery,
    CorruptDatabase,
    DeviceUnavailable,
    InstallerError,
    JournalUnavailable,
    NewerDatabase,
    RegistrarUnavailable,
    RegistrarWithoutKey,
)
from web.words.faults import fault_of
from web.words.words import Words


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AwaitingRecovery, "awaiting_recovery"),
        (NewerDatabase, "newer_database"),
        (CorruptDatabase, "corrupt_database"),
        (JournalUnavailable, "journal_unavailable"),
        (RegistrarUnavailable, "registrar_unavailable"),
        (RegistrarWithoutKey, "card_number_key_missing"),
        (DeviceUnavailable, "not_available"),
        (InstallerError, "not_available"),
    ],
)
def test_fault_has_a_code_and_a_sentence_in_both_languages(kind: type[Exception], code: str) -> None:
    fault = fault_of(kind("/data/journal.db: a sentence for the installer."))
    assert fault.code == code
    english, japanese = (Words(language).translate(fault.key) for language in ("en", "ja"))
    assert english.endswith(".") and japanese.endswith("。")
