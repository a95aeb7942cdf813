"""What a record holds, and what it must never hold."""

import hashlib
import json
from datetime import datetime, timedelta, timezone

import pytest

from controller.journal.record import Record, encode_record, utc_text
from controller.model.events import Event, EventType, Json
from controller.model.moment import ClockState, Moment
from tests.controller.journal.samples import at, grant


def body(record: Record) -> dict[str, Json]:
    fields = json.loads(record.body)
    assert isinstance(fields, dict)
    return fields


def test_grant_is_sealed_with_every_field_and_no_absent_one() -> None:
    record = encode_record(
        grant(1.25, assurance=0, registry=7, codes={"warning": "outside_schedule"}), 42, "config-1"
    )
    fields = body(record)
    assert fields.pop("details") == hashlib.sha256(record.salt + record.details.encode()).hexdigest()  # type: ignore
    assert fields == {
        "v": 1,
        "seq": 42,
        "boot": "boot-1",
        "mono_ms": 1250,
        "utc": "2026-11-24T06:00:01.250Z",
        "clock": "trusted",
        "type": "access_granted",
        "section": "granted",
        "door": "entrance",
        "access_point": "entrance-in",
        "reader": "entrance-in",
        "direction": "in",
        "result": "granted",
        "assurance": 0,
        "person": "person-1",
        "credential": "badge-1",
        "registry": 7,
        "config": "config-1",
        "warning": "outside_schedule",
    }
    assert record.leaf == hashlib.sha256(b"\x00" + record.body.encode()).digest()


def test_names_are_beside_the_record_and_not_in_it() -> None:
    """Names as they were, also for people renamed or removed later."""
    record = encode_record(grant(), 1, "c")
    assert json.loads(record.details or "") == {"name": "山田 花子", "last_four": "FFEE"}
    assert "山田" not in record.body
    assert "FFEE" not in record.body


def test_two_equal_details_do_not_show_to_be_equal() -> None:
    one, two = encode_record(grant(), 1, "c"), encode_record(grant(), 2, "c")
    assert one.salt != two.salt
    assert body(one)["details"] != body(two)["details"]


def test_event_without_details_has_no_salt() -> None:
    record = encode_record(Event(EventType.SERVICE_STARTED, at()), 1, "c")
    assert (record.salt, record.details) == (None, None)
    assert "details" not in body(record)


def test_half_a_surrogate_pair_is_mended_rather_than_lost() -> None:
    event = grant(
        codes={"device": "reader \udcff"},
        details={"name": "a\ud83d", "\ud800": [{"before": "\udc00"}, 1], "last_four": "FFEE"},
    )
    record = encode_record(event, 1, "c")
    assert body(record)["device"] == "reader �"
    assert json.loads(record.details or "") == {
        "name": "a�",
        "�": [{"before": "�"}, 1],
        "last_four": "FFEE",
    }


def test_code_named_like_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="seq"):
        encode_record(grant(codes={"seq": 1}), 9, "c")


def test_time_of_another_zone_is_written_as_utc_of_one_width() -> None:
    tokyo = timezone(timedelta(hours=9))
    moment = Moment(datetime(2026, 1, 2, 3, 4, 5, 6000, tokyo), 1, "b", ClockState.HOLDOVER)
    assert encode_record(grant(moment=moment), 1, "c").utc == "2026-01-01T18:04:05.006Z"
    assert len(utc_text(datetime(1970, 1, 1, tzinfo=tokyo))) == 24
