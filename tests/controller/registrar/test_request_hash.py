"""What the hash of a request depends on, and what nobody can find out from it."""

import dataclasses
import hashlib
import json

from controller.registrar.request_hash import request_hash
from controller.services.doors.requests import UnlockOnce
from controller.services.people.import_requests import CheckImport
from controller.services.people.pin_requests import SetPin
from controller.services.people.requests import ReportBadgeLost, ResumeBadge

KEY = bytes(range(32))
UNLOCK = UnlockOnce(door="entrance", reason="荷物")


def test_hash_is_of_kind_fields_and_body_in_canonical_json() -> None:
    whole = {
        "body": hashlib.sha256(b"").hexdigest(),
        "fields": {"door": "entrance", "reason": "荷物"},
        "kind": "unlock_once",
    }
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert request_hash(UNLOCK, b"", KEY) == hashlib.sha256(text.encode()).hexdigest()


def test_other_field_kind_or_file_is_another_hash() -> None:
    hashes = {
        request_hash(UNLOCK, b"", KEY),
        request_hash(dataclasses.replace(UNLOCK, reason="parcel"), b"", KEY),
        request_hash(dataclasses.replace(UNLOCK, door="back"), b"", KEY),
        request_hash(ReportBadgeLost(badge_id="b"), b"", KEY),
        request_hash(ResumeBadge(badge_id="b"), b"", KEY),
        request_hash(CheckImport(), b"name,idm", KEY),
        request_hash(CheckImport(), b"name,idm\n", KEY),
    }
    assert len(hashes) == 7


def test_pin_enters_under_the_secret_key_so_that_nobody_finds_it_by_trying() -> None:
    sets = SetPin(person_id="p", pin="204867", again="204867")
    hashes = {
        request_hash(sets, b"", KEY),
        request_hash(sets, b"", bytes(32)),
        request_hash(dataclasses.replace(sets, pin="204868", again="204868"), b"", KEY),
    }
    assert len(hashes) == 3
