"""What a record's codes say beside its reason."""

import pytest

from controller.config import Config
from controller.model.events import Json
from tests.web.words.test_log_rows import row

REMARKS: list[tuple[str, dict[str, Json], str]] = [
    ("log_started", {"key_number": 1, "key": "x", "origin": "y"}, "Key 1"),
    ("log_key_added", {"key_number": 7, "cause": "boot"}, "Key 7 · the controller was started"),
    (
        "log_restored",
        {"key_number": 1, "restored_size": 12345},
        "Key 1 · the backup contained records No. 1 to 12,345",
    ),
    ("clock_corrected", {"moved_ms": 11_520_000}, "3 h 12 min ahead"),
    ("clock_set_back", {"moved_ms": -90_000}, "1 min 30 s back"),
    ("clock_jumped", {"moved_ms": 400}, "less than a second ahead"),
    ("journal_failed", {"cause": "read_only"}, "the disk became read-only, as happens after errors"),
    (
        "journal_failed",
        {"cause": "lost_records", "first": 12, "last": 15},
        "the disk lost records that it had acknowledged · No. 12 – 15",
    ),
    (
        "journal_recovered",
        {"failed_ms": 750_000, "kept": 40, "dropped": 0, "remembered": 37},
        "after 12 min 30 s · kept in memory, now written: 40 · admitted meanwhile: 37",
    ),
    ("registry_unreadable", {"copy_age_ms": 7_200_000}, "the copy is 2 hours old"),
    (
        "month_removed",
        {"month": "2024-10", "first": 1, "last": 1200, "count": 1199},
        "October 2024 · No. 1 – 1,200 · 1,199 records; their fingerprints remain",
    ),
    ("access_granted", {"volatile": 1}, "Kept in memory while the log could not be written"),
    ("access_denied", {"registry_copy": 1}, "Decided with a copy of the list of badges"),
    (
        "rights_unaccounted",
        {"subject": "l:1", "subjects": "l:1 l:2", "subjects_count": 500},
        "people, badges, levels and rules that differ: 500 · Access level",
    ),
    (
        "rights_unaccounted",
        {"subject": "p:1", "subjects": "p:1", "count": 80},
        "one alarm for 80 further cases within a minute · Person",
    ),
    ("order_forged", {"count": 159}, "one alarm for 159 further cases within a minute"),
    ("clock_corrected", {"moved_ms": "odd"}, ""),
    ("month_removed", {"month": "odd"}, ""),
]


@pytest.mark.parametrize(("kind", "codes", "why"), REMARKS)
def test_codes_are_reported_in_words(config: Config, kind: str, codes: dict[str, Json], why: str) -> None:
    assert row(config, type=kind, codes=codes).why == why
