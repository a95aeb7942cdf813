"""The JSON side: the log and the doors for programs."""

import pytest

from controller.model.events import EventType
from controller.model.reasons import DenyReason
from tests.controller.services.door_side import DoorSide
from tests.web.client import Client
from tests.web.routes.test_entry_log import denied, granted
from tests.web.site import ServedSite


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def test_events_are_listed_newest_first_and_page_by_seq(admin: Client, door: DoorSide) -> None:
    seqs = [granted(door) for _ in range(4)] + [denied(door, DenyReason.CREDENTIAL_LOST)]
    first = admin.get("/api/v1/events?limit=3").json()["events"]
    assert [event["seq"] for event in first] == seqs[:1:-1]
    assert first[0]["reason"] == "credential_lost"
    assert first[0]["person"] is None
    assert first[1]["badge"] == "FFEE"
    assert first[1]["utc"] == "2026-11-24T06:00:00.000Z"
    rest = admin.get(f"/api/v1/events?limit=3&before={first[-1]['seq']}").json()["events"]
    assert [event["seq"] for event in rest] == [*seqs[1::-1], 1]  # the first begins the log


def test_problem_of_a_record_is_a_code_with_its_fields(admin: Client, door: DoorSide) -> None:
    for type_, problem in (
        (EventType.READER_OFFLINE, {"problem": "line_busy", "path": "/dev/ttyUSB0"}),
        (EventType.CONFIG_DAMAGED, {"problem": "not_toml", "line": 12}),
        (EventType.CONFIG_DAMAGED, {"problem": "genkan.toml is not valid TOML."}),  # of an earlier version
    ):
        door.record(type_, details=problem)
    damaged = admin.get("/api/v1/events?limit=3").json()["events"]
    assert [(event["problem"], event["problem_fields"]) for event in damaged] == [
        ("genkan.toml is not valid TOML.", {}),
        ("not_toml", {"line": 12}),
        ("line_busy", {"path": "/dev/ttyUSB0"}),
    ]


def test_doors_are_listed_with_what_is_not_known_as_null(admin: Client, door: DoorSide) -> None:
    state = admin.get("/api/v1/doors").json()
    assert state["running"] is True
    assert state["doors"][0]["released"] is None
    assert [reader["reader"] for reader in state["doors"][0]["readers"]] == ["entrance-in", "entrance-out"]


def test_faults_of_the_asker_are_json_too(served: ServedSite, admin: Client, door: DoorSide) -> None:
    assert served.client().get("/api/v1/events").json()["status"] == 401
    assert admin.get("/api/v1/events?limit=0").json()["status"] == 400
    assert admin.get("/api/v1/nothing").json()["status"] == 404
